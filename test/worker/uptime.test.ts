/** Uptime by the real path: a worker's runs, a clock that the test moves, and what `uptime` says of them. */

import fc from 'fast-check'
import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { columns } from '../../src/domain/text.ts'
import { bare } from '../../src/ops/item-line.ts'
import type { OutputOf } from '../../src/ops/operation.ts'
import { createStyle } from '../../src/ops/style.ts'
import { uptimeShow } from '../../src/ops/uptime-show.ts'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute, second } from '../helpers/environment.ts'
import { down, hourly, type Monitored, monitored, unknown, up } from './monitored.ts'

type Uptime = OutputOf<typeof uptimeShow>

const slow = { durationMs: 900, status: 200, body: 'ok' }
const sum = (each: Uptime['days'][number] | Uptime['windows'][number]): number =>
  each.upMs + each.degradedMs + each.downMs + each.unknownMs + each.maintenanceMs

describe.each(engines)('uptime on $engine', ({ engine, freshDatabase }) => {
  /** The first run is at 07:46:15, the others at 46 minutes past each hour. */
  async function fresh(check: Record<string, unknown> = hourly) {
    const m = monitored(await freshDatabase())
    const id = await m.live(check)
    await m.due()
    m.env.tick(-15 * second)
    return { m, id }
  }
  const shown = async (m: Monitored, id: number) => {
    const uptime = await m.env.ask('uptime.show', { id })
    const [last, week, month, quarter] = uptime.windows
    return { ...uptime, last: last!, week: week!, month: month!, quarter: quarter! }
  }
  const hours = async (m: Monitored, count: number, answer: Monitored['target']['answer']) => {
    for (let n = 0; n < count; n += 1) await m.after(hour, answer)
  }

  test('uptime is time-weighted: two hours down of ten are a fifth', async () => {
    const { m, id } = await fresh()
    await hours(m, 4, up)
    await hours(m, 2, down)
    await hours(m, 4, up)
    const { last, month } = await shown(m, id)
    expect(last).toMatchObject({ downMs: 2 * hour, maintenanceMs: 0, degradedMs: 0, runs: 10, failed: 2 })
    expect(last.upMs).toBe(8 * hour - 15 * second)
    expect(last.ratio).toBeCloseTo(0.8, 3)
    expect(last).toMatchObject({ meanDurationMs: Math.round((8 * 12 + 2 * 34) / 10), longestDurationMs: 34 })
    expect(month).toMatchObject({ downMs: 2 * hour, runs: 10, failed: 2 })
  })

  test('a check that is down now counts down until now', async () => {
    const { m, id } = await fresh()
    await hours(m, 1, up)
    await m.after(hour, down)
    m.env.tick(50 * minute)
    expect((await shown(m, id)).last).toMatchObject({ downMs: 50 * minute })
  })

  test('the time not watched is unknown: a worker that is stopped counts neither as up nor as down', async () => {
    const { m, id } = await fresh()
    await hours(m, 3, up)
    m.env.tick(hour + 5 * minute)
    expect((await shown(m, id)).last).toMatchObject({ upMs: 4 * hour + 5 * minute - 15 * second })
    m.env.tick(1)
    const { last } = await shown(m, id)
    expect(last).toMatchObject({ upMs: 4 * hour - 15 * second, ratio: 1 })
    expect(last.coverage).toBeCloseTo(4 / 24, 2)
    m.env.tick(20 * hour)
    await m.due()
    expect((await shown(m, id)).last).toMatchObject({ downMs: 0, ratio: 1 })
  })

  test('a run that a worker holds is being looked at, however long its retries take', async () => {
    const { m, id } = await fresh({ ...hourly, frequency: 'cron:46 * * * *', timeout: '10m', retries: 1 })
    await hours(m, 1, up)
    m.env.tick(hour)
    await m.worker.turn({ ended: [], lease: { limit: 10, dueByMs: m.env.nowMs() } })
    m.env.tick(15 * minute)
    expect((await shown(m, id)).last).toMatchObject({ upMs: 2 * hour + 15 * minute - 15 * second })
    m.env.tick(10 * minute)
    expect((await shown(m, id)).last).toMatchObject({ upMs: 2 * hour - 15 * second })
  })

  test('months before the check existed are unknown, and the coverage says so', async () => {
    const { m, id } = await fresh()
    await hours(m, 9 * 24, up)
    const { month, quarter } = await shown(m, id)
    expect(month).toMatchObject({ ratio: 1, downMs: 0 })
    expect(month.coverage).toBeCloseTo(9 / 30, 3)
    expect(quarter.coverage).toBeCloseTo(0.1, 3)
    expect(quarter.unknownMs + quarter.upMs).toBe(90 * day)
  }, 60_000)

  test('an item that left live is unknown since, and what was is kept', async () => {
    const { m, id } = await fresh()
    await hours(m, 5, up)
    await m.env.ask('item.move', { id, to: 'building' })
    m.env.tick(3 * hour)
    const { last, live } = await shown(m, id)
    expect(live).toBe(false)
    expect(last).toMatchObject({ upMs: 5 * hour - 15 * second, ratio: 1 })
  })

  test('one that the owner’s own SQL took out of live is unknown since its last run', async () => {
    const { m, id } = await fresh()
    await hours(m, 5, up)
    await m.env.database.write((q) => q.run(sql`UPDATE pipeline SET stage = 'building' WHERE id = ${id}`))
    m.env.tick(3 * hour)
    expect((await shown(m, id)).last).toMatchObject({ upMs: 5 * hour - 15 * second })
  })

  test('an edited check starts anew from unknown, a removed one leaves what was', async () => {
    const { m, id } = await fresh()
    await hours(m, 5, up)
    await m.env.ask('item.update', { id, healthCheck: { ...hourly, method: 'HEAD' } })
    m.env.tick(2 * hour)
    expect((await shown(m, id)).last).toMatchObject({ upMs: 5 * hour - 15 * second })
    await m.env.ask('item.update', { id, healthCheck: null })
    const { last, hasCheck } = await shown(m, id)
    expect(hasCheck).toBe(false)
    expect(last).toMatchObject({ upMs: 5 * hour - 15 * second })
  })

  test('degraded counts as up; an unknown run is unknown', async () => {
    const { m, id } = await fresh({ ...hourly, degraded: 'response_time < 500' })
    await hours(m, 1, up)
    await hours(m, 3, slow)
    await m.after(hour, unknown)
    await m.after(hour, up)
    expect((await shown(m, id)).last).toMatchObject({ degradedMs: 3 * hour, downMs: 0, ratio: 1 })
    expect((await shown(m, id)).last.upMs).toBe(2 * hour - 15 * second)
  })

  test('maintenance is neither up nor down, and no lack of coverage: also of a window that has just begun', async () => {
    const at = (ms: number) => new Date(m0 + ms).toISOString()
    const m0 = Date.parse('2026-02-05T07:46:00.000Z')
    const maintenance = [{ from: at(2 * hour + 10 * minute), to: at(5 * hour) }]
    const { m, id } = await fresh({ ...hourly, maintenance })
    await hours(m, 2, up)
    m.env.tick(40 * minute)
    expect((await shown(m, id)).last).toMatchObject({ maintenanceMs: 30 * minute, downMs: 0 })
    m.env.tick(-40 * minute)
    await hours(m, 4, down)
    const { last } = await shown(m, id)
    expect(last).toMatchObject({ maintenanceMs: 2 * hour + 50 * minute, downMs: hour })
    expect(last.ratio).toBeCloseTo(1 - 60 / (2 * 60 + 10 + 60), 2)
  })

  test('maintenance planned by command counts from its beginning, before a run tells of it, in every list', async () => {
    const { m, id } = await fresh()
    await hours(m, 2, up)
    m.env.tick(10 * minute)
    await m.env.ask('maintenance.add', { id, for: '3h' })
    await m.env.ask('maintenance.add', { all: true, from: '4h', for: '5m' })
    m.env.tick(30 * minute)
    const { last, hours: cells } = await shown(m, id)
    expect(last).toMatchObject({ maintenanceMs: 30 * minute, upMs: 2 * hour + 10 * minute - 15 * second })
    expect(cells.at(-1)).toMatchObject({ maintenanceMs: 26 * minute })
    const { items } = await m.env.ask('health.list', {})
    expect(items[0]!.hours).toEqual(cells.map(({ at: _, ...times }) => times))
    expect((await m.env.ask('item.show', { id })).uptime!.day).toBe(1)
    await m.after(20 * minute, down)
    expect((await shown(m, id)).last).toMatchObject({ maintenanceMs: 50 * minute, downMs: 0 })
  })

  test('a clock that was set back counts nothing twice, and nothing negative', async () => {
    const { m, id } = await fresh()
    await hours(m, 5, up)
    await m.after(hour, down)
    await m.after(-3 * hour, up)
    await m.env.ask('check.run', { id })
    await hours(m, 1, up)
    await hours(m, 6, up)
    const { last, days, hours: cells, month } = await shown(m, id)
    for (const each of [last, month]) {
      for (const ms of [each.upMs, each.degradedMs, each.downMs, each.unknownMs, each.maintenanceMs])
        expect(ms).toBeGreaterThanOrEqual(0)
    }
    expect([sum(last), sum(month)]).toEqual([day, 30 * day])
    expect(days.map(sum).slice(0, -1)).toEqual(days.slice(1).map(() => day))
    expect(cells).toHaveLength(24)
    // Of the hour that came again, the second time is what counts.
    expect(last.downMs).toBe(0)
  })

  test('what is told before the next run is what that run stores', async () => {
    const answer = fc.constantFrom(up, down, slow, unknown)
    const tick = fc.oneof(
      fc.constantFrom(hour, hour, hour, hour + 4 * minute),
      fc.integer({ min: 30 * minute, max: 3 * hour }),
      fc.integer({ min: hour, max: 3 * day }),
    )
    const maintenance = [{ cron: '30 */5 * * *', duration: '50m' }]
    const { m, id } = await fresh({ ...hourly, degraded: 'response_time < 500', maintenance })
    await m.env.ask('maintenance.add', { all: true, cron: '15 */7 * * *', duration: '100m' })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(tick, answer), { minLength: 1, maxLength: 6 }), async (steps) => {
        for (const [ms, each] of steps) {
          m.env.tick(ms)
          m.target.answer = each
          const before = await m.env.ask('uptime.show', { id })
          if ((await m.due()).length === 0) await m.env.ask('check.run', { id })
          const after = await m.env.ask('uptime.show', { id })
          expect(after.windows.map(timesOf)).toEqual(before.windows.map(timesOf))
          expect([after.days, after.hours]).toEqual([before.days, before.hours])
          expect(before.windows.map(sum)).toEqual([day, 7 * day, 30 * day, 90 * day])
        }
      }),
      { numRuns: engine === 'sqlite' ? 40 : 8 },
    )
  }, 120_000)

  const timesOf = ({ upMs, degradedMs, downMs, unknownMs, maintenanceMs }: Uptime['windows'][number]) => ({
    upMs,
    degradedMs,
    downMs,
    unknownMs,
    maintenanceMs,
  })

  test('an objective has an error budget, and burns it', async () => {
    const { m, id } = await fresh({ ...hourly, slo: { target: 0.99, window: '7d' } })
    await hours(m, 20, up)
    await hours(m, 1, down)
    m.env.tick(30 * minute)
    const { slo } = await shown(m, id)
    const allowedMs = Math.round(7 * day * 0.01)
    expect(slo).toMatchObject({ target: 0.99, windowMs: 7 * day, allowedMs, spentMs: 30 * minute })
    expect(slo!.left).toBeCloseTo(1 - (30 * minute) / allowedMs, 6)
    expect(slo!.burnRateHour).toBeCloseTo(50, 1)
    expect(slo!.burnRateDay).toBeCloseTo((0.5 / 21.5) * 100, 0)
    expect(slo!.coverage).toBeCloseTo(21.5 / (7 * 24), 4)
    expect((await shown((await fresh()).m, 1)).slo).toBeNull()
  })

  test('a budget is told with how little of its window was watched, or that none of it was to be', async () => {
    const { m, id } = await fresh({ ...hourly, slo: { target: 0.99, window: '30d' } })
    await hours(m, 1, up)
    const style = createStyle({ color: false, width: 80, now: m.env.now() })
    const shownAs = async () => await uptimeShow.toText(await m.env.ask('uptime.show', { id }), style)
    expect(await shownAs()).toContain('100 % of the budget left\n  0.13 % of its window was watched\n')
    const maintenance = [{ from: '2026-01-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }]
    const slo = { target: 0.99, window: '1d' }
    await m.env.ask('item.update', { id, healthCheck: { ...hourly, slo, maintenance } })
    await m.due()
    m.env.tick(day)
    await m.due()
    expect((await shown(m, id)).slo).toMatchObject({ coverage: null, left: 1 })
    expect(await shownAs()).toContain('\n  all of its window was maintenance\n')
  })

  const ends: [what: string, end: (m: Monitored, id: number) => Promise<unknown>][] = [
    ['paused', (m, id) => m.env.ask('check.pause', { id })],
    ['edited', (m, id) => m.env.ask('item.update', { id, healthCheck: { ...hourly, method: 'HEAD' } })],
    ['removed', (m, id) => m.env.ask('item.update', { id, healthCheck: null })],
    ['no longer live', (m, id) => m.env.ask('item.move', { id, to: 'building' })],
  ]
  test.each(ends)(
    'what nobody watched stays unknown, and maintenance what it is, when the check is %s',
    async (_, end) => {
      const { m, id } = await fresh()
      await hours(m, 2, up)
      await m.env.ask('maintenance.add', { id, from: '20m', for: '10m' })
      m.env.tick(3 * day)
      const before = await shown(m, id)
      expect(before.week).toMatchObject({
        upMs: 3 * hour - 10 * minute - 15 * second,
        maintenanceMs: 10 * minute,
      })
      await end(m, id)
      const { week, days } = await shown(m, id)
      expect([timesOf(week), days]).toEqual([timesOf(before.week), before.days])
    },
  )

  test('maintenance before a pause stays as it was told then, until the next run and after it', async () => {
    const { m, id } = await fresh()
    await hours(m, 1, up)
    await m.env.ask('maintenance.add', { id, from: '10m', for: '10m' })
    m.env.tick(30 * minute)
    await m.env.ask('check.pause', { id })
    m.env.tick(10 * minute)
    await m.env.ask('check.resume', { id })
    m.env.tick(10 * minute)
    const expected = { maintenanceMs: 10 * minute, upMs: hour + 20 * minute - 15 * second }
    expect((await shown(m, id)).last).toMatchObject(expected)
    await m.due()
    expect((await shown(m, id)).last).toMatchObject(expected)
  })

  test('an item without a check has nothing to tell, one that is not there is none', async () => {
    const m = monitored(await freshDatabase())
    const { id } = await m.env.ask('item.create', { title: 'Idea' })
    const { windows, days, hours: cells, hasCheck } = await m.env.ask('uptime.show', { id })
    expect(hasCheck).toBe(false)
    expect(windows.map(({ ratio, coverage, runs }) => [ratio, coverage, runs])).toEqual(
      windows.map(() => [null, 0, 0]),
    )
    expect([days.length, cells.length]).toEqual([90, 24])
    expect([days.at(-1)!.date, cells.at(-1)!.at]).toEqual(['2026-02-05', '2026-02-05T07:00:00.000Z'])
    await expect(m.env.ask('uptime.show', { id: 99 })).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('as text it is readable without colours and at 80 columns', async () => {
    const { m, id } = await fresh({ ...hourly, slo: { target: 0.99, window: '7d' } })
    await hours(m, 30, up)
    await hours(m, 2, down)
    const uptime = await m.env.ask('uptime.show', { id })
    const plain = createStyle({ color: false, width: 80, now: m.env.now() })
    const text = await uptimeShow.toText(uptime, plain)
    for (const line of text.split('\n')) expect(columns(line), line).toBeLessThanOrEqual(80)
    expect(text).toContain('Objective 99 % over 7d: down 1h of 1h 40m allowed, 40 % of the budget left')
    expect(text).toMatch(/\n {2}19\.04 % of its window was watched\n/)
    expect(text).toMatch(/24h .*95\.8\d %/)
    expect(text).toMatch(/last 24 hours +█{22}[▁-▇]{2}/)
    expect(text).toMatch(/2026-01-08 +·{28}█[▁-▇]/)
    expect(
      bare(
        await uptimeShow.toText(uptime, {
          ...plain,
          ...createStyle({ color: true, width: 80, now: m.env.now() }),
        }),
      ),
    ).toBe(text)
  })
})
