/** `doctor` watches the watcher: when the last pass was, by whom, and what nobody watches. */

import { describe, expect, test } from 'vitest'
import { seeWorker } from '../../src/store/workers.ts'
import { engines } from '../helpers/engines.ts'
import { hour, minute, second } from '../helpers/environment.ts'
import { hourly, type Monitored, monitored, up } from './monitored.ts'

describe.each(engines)('doctor on $engine, of the monitor', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const finding = async (m: Monitored, name = 'monitor') =>
    (await m.env.ask('doctor', {})).findings.find((each) => each.name === name)!

  test('nothing is wrong while there is nothing to watch', async () => {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', { title: 'No check' })
    await m.env.ask('item.move', { id, to: 'live' })
    await m.env.ask('item.create', { title: 'Not live', healthCheck: hourly })
    await m.live({ ...hourly, enabled: false })
    expect(await finding(m)).toMatchObject({ ok: true, detail: 'no live check to watch' })
  })

  test('says when the last pass was, who was seen, and how late runs begin', async () => {
    const m = await fresh()
    await m.live()
    await m.live()
    expect(await finding(m)).toMatchObject({
      ok: true,
      detail:
        '2 live checks, nobody has looked yet; nobody is watching: start pipeline serve or pipeline monitor',
    })
    await m.due()
    await m.env.database.write((q) =>
      seeWorker(q, {
        owner: 'box:1',
        runner: 'local',
        concurrency: 50,
        startedMs: m.env.nowMs(),
        seenMs: m.env.nowMs(),
        lagMs: 1500,
      }),
    )
    m.env.tick(5 * second)
    expect(await finding(m)).toMatchObject({
      ok: true,
      detail: '2 live checks, last pass 5s ago, box:1 seen 5s ago; runs begin at most 1s 500ms late',
    })
  })

  test('says how many live checks nobody watches', async () => {
    const m = await fresh()
    await m.live()
    await m.live({ ...hourly, frequency: 'daily' })
    await m.due()
    m.env.tick(2 * hour)
    const { healthy } = await m.env.ask('doctor', {})
    expect(healthy).toBe(false)
    expect((await finding(m)).detail).toMatch(
      /^2 live checks, last pass 2h ago; 1 not watched; nobody is watching/,
    )
  })

  test('tells how much is kept: runs, hours, days, changes', async () => {
    const m = await fresh()
    await m.live()
    for (let n = 0; n < 30; n += 1) await m.after(hour, up)
    m.env.tick(minute)
    expect((await finding(m, 'history')).detail).toBe(
      '30 runs of the last 7 days (or the last 100 a check), 29 hours of the last 90 days, 1 day of the last 5 years, 1 change of state',
    )
  })
})
