import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextCron, shortestGapMs } from '../../src/domain/cron.ts'
import type { Schedule } from '../../src/domain/health-check.ts'
import { nextRun, spreadSlot, toleranceMs } from '../../src/domain/schedule.ts'
import {
  at,
  cron,
  day,
  every,
  hour,
  instants,
  intervals,
  itemIds,
  jitters,
  minute,
  onGrid,
  type Plan,
  planOf,
  second,
} from './schedules.ts'

const iso = (ms: number | undefined) => new Date(ms!).toISOString()
const heartbeat: Schedule = { kind: 'heartbeat', graceMs: 1, every: { kind: 'interval', intervalMs: hour } }

describe('the next run of an interval', () => {
  test('the first run is due on entering live', () => {
    expect(nextRun(every(1000), { itemId: 1, lastDueMs: null, nowMs: 42 })).toBe(42)
  })

  test('is after now and at most one and a half intervals ahead, wherever a clock set back left the last', () => {
    const near = fc
      .tuple(instants, fc.integer({ min: -40 * day, max: 40 * day }))
      .map(([now, off]) => [now, now + off])
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        jitters,
        fc.oneof(near, fc.tuple(instants, instants)),
        (itemId, intervalMs, jitter, [nowMs, lastDueMs]) => {
          const next = nextRun(every(intervalMs, jitter), {
            itemId,
            lastDueMs: lastDueMs!,
            nowMs: nowMs!,
          })!
          expect(Number.isInteger(next)).toBe(true)
          expect(next).toBeGreaterThan(nowMs!)
          expect(next).toBeLessThanOrEqual(nowMs! + 1.5 * intervalMs)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('after the first, which is off the grid, comes half an interval to one and a half later', () => {
    fc.assert(
      fc.property(itemIds, intervals, jitters, instants, (itemId, intervalMs, jitter, nowMs) => {
        const next = nextRun(every(intervalMs, jitter), { itemId, lastDueMs: nowMs, nowMs })!
        expect(next - nowMs).toBeGreaterThanOrEqual(intervalMs / 2)
        expect(next - nowMs).toBeLessThanOrEqual(1.5 * intervalMs)
      }),
      { numRuns: 1000 },
    )
  })

  test('on the grid is exactly the next slot: nothing drifts, and a run that took long skips none', () => {
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        instants,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (itemId, intervalMs, nearMs, took) => {
          const plan = every(intervalMs)
          let lastDueMs = onGrid(plan, itemId, nearMs)
          for (let n = 0; n < 5; n++) {
            const nowMs = lastDueMs + Math.floor(took * intervalMs)
            const next = nextRun(plan, { itemId, lastDueMs, nowMs })!
            expect(next).toBe(lastDueMs + intervalMs)
            lastDueMs = next
          }
        },
      ),
    )
  })

  test('late runs coalesce into one, on the grid that there was', () => {
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        instants,
        fc.integer({ min: 0, max: day }),
        (itemId, intervalMs, nearMs, late) => {
          const plan = every(intervalMs)
          const lastDueMs = onGrid(plan, itemId, nearMs)
          const next = nextRun(plan, { itemId, lastDueMs, nowMs: lastDueMs + late })!
          expect((next - lastDueMs) % intervalMs).toBe(0)
          expect(next).toBeGreaterThan(lastDueMs + late)
          expect(next).toBeLessThanOrEqual(lastDueMs + late + intervalMs)
        },
      ),
    )
  })

  test('after a clock was set back by years is on the grid, as if the last had been due now', () => {
    fc.assert(
      fc.property(itemIds, intervals, jitters, instants, (itemId, intervalMs, jitter, nowMs) => {
        const plan = every(intervalMs, jitter)
        const lastDueMs = nowMs + 2 * intervalMs
        expect(nextRun(plan, { itemId, lastDueMs, nowMs })).toBe(
          nextRun(plan, { itemId, lastDueMs: nowMs, nowMs }),
        )
      }),
    )
  })

  test('jitter moves each slot behind its grid time by less than its share, the same each time', () => {
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        fc.constantFrom(0.1, 0.5),
        instants,
        (itemId, intervalMs, jitter, nearMs) => {
          const grid = onGrid(every(intervalMs), itemId, nearMs)
          let lastDueMs = onGrid(every(intervalMs, jitter), itemId, nearMs)
          for (let n = 0; n < 10; n++) {
            const moved = lastDueMs - grid
            const past = ((moved % intervalMs) + intervalMs) % intervalMs
            expect(past === 0 || past < jitter * intervalMs).toBe(true)
            const next = nextRun(every(intervalMs, jitter), { itemId, lastDueMs, nowMs: lastDueMs })!
            const slots = Math.floor((next - grid) / intervalMs) - Math.floor((lastDueMs - grid) / intervalMs)
            expect(slots).toBe(1)
            expect(nextRun(every(intervalMs, jitter), { itemId, lastDueMs, nowMs: next - 1 })).toBe(next)
            lastDueMs = next
          }
        },
      ),
    )
  })

  test('jitter spreads: a thousand slots fill its share evenly', () => {
    const plan = every(100 * second, 0.5)
    const tenths = new Array<number>(10).fill(0)
    let lastDueMs = onGrid(plan, 7, at('2026-01-01'))
    const grid = onGrid(every(100 * second), 7, at('2026-01-01'))
    for (let n = 0; n < 1000; n++) {
      tenths[Math.floor(((((lastDueMs - grid) % 100_000) + 100_000) % 100_000) / 5000)]!++
      lastDueMs = nextRun(plan, { itemId: 7, lastDueMs, nowMs: lastDueMs })!
    }
    expect(Math.min(...tenths)).toBeGreaterThan(60)
    expect(Math.max(...tenths)).toBeLessThan(140)
  })

  test('named frequencies are spread over their period: a hundred daily checks do not fire together', () => {
    const { schedule, jitter } = planOf('daily')
    const hours = new Array<number>(24).fill(0)
    for (let itemId = 1; itemId <= 100; itemId++) {
      const nowMs = at('2026-05-05T12:00Z')
      hours[new Date(nextRun({ schedule, jitter }, { itemId, lastDueMs: nowMs, nowMs })!).getUTCHours()]!++
    }
    expect(Math.max(...hours)).toBeLessThanOrEqual(8)
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(1)
  })

  test('two thousand checks of 20 s that went live at one instant are apart from their second run on', () => {
    const plan = planOf('20s', { retries: 0 })
    const nowMs = at('2026-05-05T12:00Z')
    const perSecond = new Map<number, number>()
    for (let itemId = 1; itemId <= 2000; itemId++) {
      const second2 = nextRun(plan, { itemId, lastDueMs: nowMs, nowMs })!
      const third = nextRun(plan, { itemId, lastDueMs: second2, nowMs: second2 })!
      const key = Math.floor(third / second)
      perSecond.set(key, (perSecond.get(key) ?? 0) + 1)
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(200)
  })

  test('a run by hand leaves the grid alone', () => {
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        jitters,
        instants,
        fc.integer({ min: 1001, max: 5000 }),
        (itemId, intervalMs, jitter, nearMs, before) => {
          const plan = every(intervalMs, jitter)
          const dueMs = onGrid(plan, itemId, nearMs)
          expect(nextRun(plan, { itemId, lastDueMs: dueMs, nowMs: dueMs - before })).toBe(dueMs)
        },
      ),
    )
  })

  test('what a worker ran a moment before it was due does not run again', () => {
    fc.assert(
      fc.property(
        itemIds,
        intervals,
        instants,
        fc.integer({ min: 0, max: 1000 }),
        (itemId, intervalMs, nearMs, ahead) => {
          const plan = every(intervalMs)
          const dueMs = onGrid(plan, itemId, nearMs)
          expect(nextRun(plan, { itemId, lastDueMs: dueMs, nowMs: dueMs - ahead })).toBe(dueMs + intervalMs)
        },
      ),
    )
  })

  test('monthly is every 30 days', () => {
    const plan = every((planOf('monthly').schedule as { intervalMs: number }).intervalMs)
    const dueMs = onGrid(plan, 3, at('2026-01-15'))
    expect(nextRun(plan, { itemId: 3, lastDueMs: dueMs, nowMs: dueMs })).toBe(dueMs + 30 * day)
  })
})

describe('the next run of a cron expression', () => {
  const next = (plan: Plan, now: string, last = now, itemId = 1) =>
    iso(nextRun(plan, { itemId, lastDueMs: at(last), nowMs: at(now) })).slice(0, 16)

  test('the first run is due on entering live', () => {
    expect(nextRun(cron('0 6 * * 1-5'), { itemId: 1, lastDueMs: null, nowMs: 42 })).toBe(42)
  })

  test('is its next firing after now, however many were missed', () => {
    expect(next(cron('0 6 * * 1-5'), '2026-10-02T06:00:00.001Z', '2026-09-01T06:00Z')).toBe(
      '2026-10-05T06:00',
    )
  })

  test('that a worker ran a moment before it was due does not run again', () => {
    expect(next(cron('0 6 * * *'), '2026-10-02T05:59:59.500Z', '2026-10-02T06:00Z')).toBe('2026-10-03T06:00')
    expect(next(cron('0 6 * * *'), '2026-10-02T05:59:58.500Z', '2026-10-02T06:00Z')).toBe('2026-10-02T06:00')
  })

  test.each([
    ['autumn', 'Europe/Vienna', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['spring', 'Europe/Vienna', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['autumn', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T07:30', '2026-11-02T07:30']],
    ['spring', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:30']],
  ])('DST in %s, %s: a daily cron runs once', (_, zone, from, expected) => {
    const plan = cron('30 2 * * *', zone)
    const first = next(plan, from)
    expect([first, next(plan, `${first}Z`)]).toEqual(expected)
  })

  test('DST in autumn, America/New_York: where the hour from 1 to 2 comes twice', () => {
    const plan = cron('30 1 * * *', 'America/New_York')
    const first = next(plan, '2026-10-31T12:00Z')
    expect([first, next(plan, `${first}Z`)]).toEqual(['2026-11-01T05:30', '2026-11-02T06:30'])
  })

  test('jitter keeps the order, moves by less than its share, and never to the next firing', () => {
    const expressions = fc.constantFrom('*/5 * * * *', '0 6 * * 1-5', '0,20 2,3 * * *', '30 2 * * *')
    fc.assert(
      fc.property(
        itemIds,
        expressions,
        fc.constantFrom('UTC', 'Europe/Vienna'),
        fc.constantFrom(0.1, 0.5),
        fc.integer({ min: at('2026-03-26'), max: at('2026-04-02') }),
        (itemId, expression, zone, jitter, nearMs) => {
          const plan = cron(expression, zone, { jitter })
          const gap = shortestGapMs(expression)!
          let last = nearMs
          let lastFiring: number | undefined
          for (let n = 0; n < 6; n++) {
            const due = nextRun(plan, { itemId, lastDueMs: last, nowMs: last })!
            expect(nextRun(plan, { itemId, lastDueMs: last, nowMs: due - 1 })).toBe(due)
            // The firing it comes from: the last one up to then.
            let firing = nextCron(expression, zone, due - gap / 2)!
            if (firing > due) firing = nextCron(expression, zone, due - gap)!
            expect(firing).toBeLessThanOrEqual(due)
            expect(due - firing).toBeLessThan(jitter * gap)
            expect(due).toBeLessThan(nextCron(expression, zone, firing)!)
            if (lastFiring !== undefined) expect(firing).toBe(nextCron(expression, zone, lastFiring))
            lastFiring = firing
            last = due
          }
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  test('jitter differs from item to item', () => {
    const plan = cron('0 6 * * *', 'UTC', { jitter: 0.5 })
    const dues = new Set(Array.from({ length: 50 }, (_, n) => next(plan, '2026-05-05T00:00Z', undefined, n)))
    expect(dues.size).toBeGreaterThan(40)
  })
})

test('a heartbeat has no next run and is not made up', () => {
  const plan: Plan = { schedule: heartbeat, jitter: 0.1, missedRun: 'run_once' }
  expect(nextRun(plan, { itemId: 1, lastDueMs: null, nowMs: 2 })).toBeUndefined()
  expect(nextRun(plan, { itemId: 1, lastDueMs: 1, nowMs: 2 })).toBeUndefined()
  expect(spreadSlot(plan, { itemId: 1, nowMs: 2 })).toBeUndefined()
})

describe('the time not watched is written as unknown: a run may be late by', () => {
  test.each([
    ['5s', 10 * second],
    ['minutely', 10 * second],
    ['5m', 30 * second],
    ['hourly', 5 * minute],
    ['daily', 5 * minute],
    ['cron:*/5 * * * *', 30 * second],
    ['cron:0 6 1 * *', 5 * minute],
  ])('%s: %d ms', (frequency, tolerated) => {
    expect(toleranceMs(planOf(frequency))).toBe(tolerated)
  })

  test('five minutes for a heartbeat that says no interval', () => {
    expect(toleranceMs({ schedule: { kind: 'heartbeat', graceMs: 1 } })).toBe(5 * minute)
  })
})
