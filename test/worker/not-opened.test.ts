/** Why a check that is down has no new incident: what holds it back is told, in the answer and as text. */

import { describe, expect, test } from 'vitest'
import { operations } from '../../src/ops/index.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { hour } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

const style = createStyle({ color: false, width: 80, now: '2026-02-05T07:46:15.000Z' })

describe.each(engines)(
  'a run that finds it down and opens no incident says why on $engine',
  ({ freshDatabase }) => {
    const fresh = async () => monitored(await freshDatabase())
    type Monitor = Awaited<ReturnType<typeof fresh>>
    const why = async (runs: ReturnType<Monitor['due']>) => (await runs).map((run) => run.notOpened)

    test('one is open already; none is to be opened; nothing of a run that is up', async () => {
      const m = await fresh()
      const id = await m.live()
      expect(await why(m.after(0, down))).toEqual([null])
      expect(await why(m.after(hour, down))).toEqual([
        { reason: 'already-open', itemId: id + 1, until: null },
      ])
      expect(await why(m.after(hour, up))).toEqual([null])
      const quiet = await fresh()
      await quiet.live({ ...hourly, incident: { open: false } })
      expect(await why(quiet.after(0, down))).toEqual([{ reason: 'switched-off', itemId: null, until: null }])
    })

    test('what it depends on is down', async () => {
      const m = await fresh()
      const id = await m.live()
      await m.live({ ...hourly, dependsOn: [id] })
      expect(await why(m.after(0, down))).toEqual([null, { reason: 'depends-on', itemId: id, until: null }])
    })

    test('a person closed the last one: until when', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, incident: { reopenWindow: '3h' } })
      await m.after(0, down)
      await m.env.ask('incident.resolve', { id: id + 1, note: 'n' })
      const until = new Date(m.env.nowMs() + 3 * hour).toISOString()
      m.env.tick(hour)
      const run = await m.env.ask('check.run', { id })
      expect(run.notOpened).toEqual({ reason: 'reopen-window', itemId: null, until })
      expect(await operations['check.run'].toText(run, style)).toContain(
        `\n  no incident before ${until.slice(0, 10)} ${until.slice(11, 16)} UTC: a person closed the last one`,
      )
    })

    test('it is flapping', async () => {
      const m = await fresh()
      await m.live({ ...hourly, incident: { reopenWindow: '0s' } })
      for (let n = 0; n < 7; n++) await m.after(hour, n % 2 ? down : up)
      expect(await why(m.after(hour, down))).toEqual([{ reason: 'flapping', itemId: null, until: null }])
    })

    test('it is under maintenance', async () => {
      const m = await fresh()
      const from = m.env.now()
      const to = new Date(m.env.nowMs() + hour).toISOString()
      const id = await m.live({ ...hourly, maintenance: [{ from, to }] })
      m.target.answer = down
      const run = await m.env.ask('check.run', { id })
      expect(run).toMatchObject({ maintenance: true, notOpened: { reason: 'maintenance' } })
      expect((await operations['check.run'].toText(run, style)).split('\n')).toHaveLength(2)
    })

    test('not what has yet to be believed to be down, or up again', async () => {
      const m = await fresh()
      await m.live({ ...hourly, failureThreshold: 2, successThreshold: 2 })
      expect(await why(m.after(0, down))).toEqual([null])
      await m.after(hour, down)
      expect(await m.after(hour, up)).toMatchObject([{ state: 'down', notOpened: null }])
    })
  },
)
