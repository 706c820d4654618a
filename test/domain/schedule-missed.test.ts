import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTooLate, nextRun, spreadSlot } from '../../src/domain/schedule.ts'
import {
  at,
  cron,
  day,
  every,
  hour,
  instants,
  itemIds,
  jitters,
  minute,
  onGrid,
  type Plan,
  second,
} from './schedules.ts'

const iso = (ms: number | undefined) => new Date(ms!).toISOString()

describe('after a stop or a freeze', () => {
  const perSecond = (plan: Plan, itemIds: number[], nowMs: number) => {
    const counts = new Map<number, number>()
    for (const itemId of itemIds) {
      const after = Math.floor((spreadSlot(plan, { itemId, nowMs })! - nowMs - 1) / second)
      counts.set(after, (counts.get(after) ?? 0) + 1)
    }
    return counts
  }

  test('first runs are spread, peak at most twice the mean: 2,000 checks of 20 s within one interval', () => {
    const consecutive = fc.nat(1e6).map((first) => Array.from({ length: 2000 }, (_, n) => first + n))
    const anyIds = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 2000, maxLength: 2000 })
    fc.assert(
      fc.property(fc.oneof(consecutive, anyIds), instants, (ids, nowMs) => {
        const counts = perSecond(every(20 * second, 0.1), ids, nowMs)
        expect(Math.max(...counts.values())).toBeLessThanOrEqual(200)
        expect(Math.min(...counts.keys())).toBeGreaterThanOrEqual(0)
        expect(Math.max(...counts.keys())).toBeLessThan(20)
      }),
      { numRuns: 30 },
    )
  }, 60_000)

  test('what would run within a second is not crowded at its end', () => {
    const nowMs = at('2026-05-05T06:11Z')
    const tenths = new Map<number, number>()
    for (let itemId = 1; itemId <= 2000; itemId++) {
      const tenth = Math.floor(spreadSlot(every(20 * second), { itemId, nowMs })! / 100)
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1)
    }
    expect(Math.max(...tenths.values())).toBeLessThanOrEqual(20)
  })

  test('first runs of long intervals and of cron are spread over ten minutes, peak at most twice the mean', () => {
    const ids = Array.from({ length: 6000 }, (_, n) => n + 1)
    for (const plan of [every(hour, 0.1), every(day, 0.1), cron('0 6 * * *'), cron('0 */2 * * *')]) {
      const counts = perSecond(plan, ids, at('2026-05-05T06:11Z'))
      expect(Math.max(...counts.values())).toBeLessThanOrEqual(20)
      expect(Math.max(...counts.keys())).toBeLessThan(600)
    }
  })

  test('at an interval of up to 10 minutes the run is on the grid, a second to one interval later', () => {
    fc.assert(
      fc.property(
        itemIds,
        fc.integer({ min: 5 * second, max: 10 * minute }),
        jitters,
        fc.constantFrom('run_once' as const, 'skip' as const),
        instants,
        (itemId, intervalMs, jitter, missedRun, nowMs) => {
          const made = spreadSlot(every(intervalMs, jitter, missedRun), { itemId, nowMs })!
          expect(made - nowMs).toBeGreaterThanOrEqual(second)
          expect(made - nowMs).toBeLessThanOrEqual(intervalMs)
          const grid = onGrid(every(intervalMs), itemId, nowMs)
          const wait = (((grid - nowMs - 1) % intervalMs) + intervalMs) % intervalMs
          if (wait + 1 >= second) expect(made).toBe(nowMs + wait + 1)
          // The grid goes on behind it.
          const next = nextRun(every(intervalMs), { itemId, lastDueMs: made, nowMs: made })!
          expect(Math.abs(next - grid) % intervalMs).toBe(0)
        },
      ),
    )
  })

  test('missedRun run_once makes it up within ten minutes, but not after the next regular run', () => {
    fc.assert(
      fc.property(itemIds, fc.constantFrom(11 * minute, hour, day), instants, (itemId, intervalMs, nowMs) => {
        const plan = every(intervalMs, 0.1)
        const made = spreadSlot(plan, { itemId, nowMs })!
        const regular = spreadSlot({ ...plan, missedRun: 'skip' }, { itemId, nowMs })!
        expect(made).toBeGreaterThan(nowMs)
        expect(made - nowMs).toBeLessThanOrEqual(10 * minute)
        expect(made).toBeLessThanOrEqual(regular)
      }),
    )
    const facts = { itemId: 5, nowMs: at('2026-05-05T05:59:59Z') }
    expect(iso(spreadSlot(cron('0 6 * * *'), facts))).toBe('2026-05-05T06:00:00.000Z')
    const often = Array.from({ length: 100 }, (_, itemId) =>
      spreadSlot(cron('* * * * *'), { itemId, nowMs: at('2026-05-05T06:00:00Z') }),
    )
    expect(Math.max(...often.map((ms) => ms!))).toBeLessThanOrEqual(at('2026-05-05T06:01Z'))
  })

  test('missedRun skip waits for the next regular run', () => {
    const facts = { itemId: 5, nowMs: at('2026-05-05T06:00:01Z') }
    expect(iso(spreadSlot(cron('0 6 * * *', 'UTC', { missedRun: 'skip' }), facts))).toBe(
      '2026-05-06T06:00:00.000Z',
    )
    fc.assert(
      fc.property(itemIds, jitters, instants, (itemId, jitter, nearMs) => {
        const plan = every(hour, jitter, 'skip')
        const lastDueMs = onGrid(plan, itemId, nearMs)
        const nowMs = lastDueMs + 7 * hour + 20 * minute
        expect(spreadSlot(plan, { itemId, nowMs })).toBe(nextRun(plan, { itemId, lastDueMs, nowMs }))
      }),
    )
  })

  test('maxLateness: what is later is too late, and none means never', () => {
    expect(isTooLate({ maxLatenessMs: minute }, 1000, 1000 + minute)).toBe(false)
    expect(isTooLate({ maxLatenessMs: minute }, 1000, 1001 + minute)).toBe(true)
    expect(isTooLate({ maxLatenessMs: null }, 0, 4e12)).toBe(false)
    expect(isTooLate({ maxLatenessMs: minute }, 4e12, 0)).toBe(false)
  })
})
