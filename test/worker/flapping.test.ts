/** What flaps: neither opened nor closed, and its beginning and its end are told. */

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { operations } from '../../src/ops/index.ts'
import * as notices from '../../src/ops/notify-about.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { hour } from '../helpers/environment.ts'
import { changes, down, hourly, incidents, monitored, stageOf, up } from './monitored.ts'

const notify = vi.spyOn(notices, 'notify')
beforeEach(() => void notify.mockClear())
const told = () => notify.mock.calls.map(([, kind, { incident }]) => [kind, incident?.id])

const style = createStyle({ color: false, width: 80, now: '2026-02-05T07:46:15.000Z' })

describe.each(engines)(
  'rule: flapping: no incident a flip, until 12 runs in a row agree, on $engine',
  ({ freshDatabase }) => {
    const fresh = async () => monitored(await freshDatabase())
    type Monitor = Awaited<ReturnType<typeof fresh>>
    const flap = async (m: Monitor) => {
      for (let n = 0; n < 8; n++) await m.after(hour, n % 2 ? up : down)
    }

    test('nothing is opened, reopened, resolved or noted; steady and down, it is open', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, incident: { reopenWindow: '2d' } })
      await m.after(hour, up)
      await flap(m)
      const [incident] = await incidents(m, id)
      expect(incident!.stage).toBe('done')
      const before = await m.actions(incident!.id)
      const seen = []
      for (let n = 0; n < 6; n++) seen.push((await changes(m.after(hour, n % 2 ? up : down)))[id])
      for (let n = 0; n < 11; n++) seen.push((await changes(m.after(hour, down)))[id])
      expect(new Set(seen)).toEqual(new Set([null]))
      expect(await m.actions(incident!.id)).toEqual(before)
      expect((await changes(m.after(hour, down)))[id]).toBe('reopened')
      const log = await m.actions(id)
      expect(log.filter((action) => action === 'check-flapping')).toHaveLength(1)
      expect(log.filter((action) => action === 'check-steady')).toHaveLength(1)
      expect(told().filter(([kind]) => kind === 'check.flapping')).toEqual([['check.flapping', undefined]])
    })

    test('steady and up, it is resolved', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, incident: { reopenWindow: '2d' } })
      await flap(m)
      const [incident] = await incidents(m, id)
      expect(incident!.stage).toBe('idea')
      const seen = []
      for (let n = 0; n < 12; n++) seen.push((await changes(m.after(hour, up)))[id])
      expect(seen.filter(Boolean)).toEqual(['resolved'])
      expect(await stageOf(m, incident!.id)).toBe('done')
    })

    /** Of its flapping alone. */
    const flappingLog = async (m: Monitor, id: number) =>
      (await m.actions(id)).filter((action) => /^check-(flapping|steady)$/.test(action))

    test('its beginning and its end stand in the log of the item, and in that of the open incident', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, incident: { reopenWindow: '2d' } })
      await flap(m)
      const [incident] = await incidents(m, id)
      expect(await flappingLog(m, incident!.id)).toEqual(['check-flapping'])
      for (let n = 0; n < 12; n++) await m.after(hour, up)
      for (const each of [id, incident!.id])
        expect(await flappingLog(m, each)).toEqual(['check-flapping', 'check-steady'])
      const log = await m.env.ask('activity.list', { item: incident!.id })
      expect(await operations['activity.list'].toText(log, style)).toMatch(/ check no longer flaps /)
      const { markdown } = await m.env.ask('incident.postmortem', { id: incident!.id })
      expect(markdown.match(/check began to flap|check no longer flaps/g)).toHaveLength(2)
    })

    test('what starts anew flaps no longer, and the log says so: edited, removed, out of live', async () => {
      const m = await fresh()
      for (const end of [
        (id: number) => m.env.ask('item.update', { id, healthCheck: { ...hourly, method: 'HEAD' } }),
        (id: number) => m.env.ask('item.update', { id, healthCheck: null }),
        (id: number) => m.env.ask('item.move', { id, to: 'qa' }),
      ]) {
        const id = await m.live({ ...hourly, incident: { reopenWindow: '2d' } })
        await flap(m)
        await end(id)
        const [incident] = await incidents(m, id)
        for (const each of [id, incident!.id])
          expect(await flappingLog(m, each)).toEqual(['check-flapping', 'check-steady'])
        await m.env.ask('item.move', { id, to: 'done' })
      }
    })
  },
)
