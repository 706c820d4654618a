import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addTimes,
  budgetOf,
  burnRate,
  type StateChange,
  type StateTimes,
  stateTimes,
  type TimedState,
  uptimeOf,
} from '../../src/domain/uptime.ts'

const none: StateTimes = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 }
const day = 86_400_000
const sum = (times: StateTimes) => Object.values(times).reduce((all, ms) => all + ms, 0)

const states = fc.constantFrom<TimedState>('up', 'degraded', 'down', 'unknown', 'maintenance')
/** A window of 1,000 ms and sorted changes in it, some at one instant. */
const changesIn = fc
  .array(fc.record({ atMs: fc.integer({ min: 0, max: 1000 }), state: states }), { maxLength: 15 })
  .map((changes) => changes.toSorted((a, b) => a.atMs - b.atMs))

describe('the times of the states', () => {
  test('are those between the changes', () => {
    const changes: StateChange[] = [
      { atMs: 10, state: 'down' },
      { atMs: 30, state: 'up' },
      { atMs: 35, state: 'maintenance' },
      { atMs: 60, state: 'degraded' },
    ]
    expect(stateTimes('unknown', changes, 0, 100)).toEqual({
      unknownMs: 10,
      downMs: 20,
      upMs: 5,
      maintenanceMs: 25,
      degradedMs: 40,
    })
  })

  test('before the check existed are unknown, and go on to the end for one that is down now', () => {
    expect(stateTimes('unknown', [{ atMs: 90, state: 'down' }], 0, 100)).toEqual({
      ...none,
      unknownMs: 90,
      downMs: 10,
    })
  })

  test('of changes at one instant, are those of the last', () => {
    const both = (first: TimedState, second: TimedState): StateChange[] => [
      { atMs: 40, state: first },
      { atMs: 40, state: second },
    ]
    expect(stateTimes('up', both('down', 'degraded'), 0, 100)).toEqual({
      ...none,
      upMs: 40,
      degradedMs: 60,
    })
    expect(stateTimes('up', both('degraded', 'down'), 0, 100)).toEqual({ ...none, upMs: 40, downMs: 60 })
  })

  test('are nothing in an empty window, or one that ends before it begins', () => {
    expect(stateTimes('up', [{ atMs: 5, state: 'down' }], 5, 5)).toEqual(none)
    expect(stateTimes('up', [], 9, 5)).toEqual(none)
  })

  test('add up to the window, also where changes lie outside', () => {
    fc.assert(
      fc.property(states, changesIn, fc.nat(1000), fc.nat(1000), (before, changes, from, length) => {
        const times = stateTimes(before, changes, from, from + length)
        expect(sum(times)).toBe(length)
        expect(Math.min(...Object.values(times))).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('are the same when the window is split anywhere', () => {
    fc.assert(
      fc.property(states, changesIn, fc.nat(1000), (before, changes, at) => {
        const first = changes.filter(({ atMs }) => atMs < at)
        const split = addTimes(
          stateTimes(before, first, 0, at),
          stateTimes(first.at(-1)?.state ?? before, changes.slice(first.length), at, 1000),
        )
        expect(split).toEqual(stateTimes(before, changes, 0, 1000))
      }),
    )
  })
})

const someTimes = fc.record({
  upMs: fc.nat(1e9),
  degradedMs: fc.nat(1e9),
  downMs: fc.nat(1e9),
  unknownMs: fc.nat(1e9),
  maintenanceMs: fc.nat(1e9),
})

describe('uptime', () => {
  test('is good / (total − maintenance − unknown), degraded counts as up, coverage is beside it', () => {
    const times = { upMs: 50, degradedMs: 20, downMs: 10, unknownMs: 20, maintenanceMs: 900 }
    expect(uptimeOf(times)).toEqual({ ratio: 70 / 80, coverage: 80 / 100 })
  })

  test('is none where nothing was watched, and coverage none where all was maintenance', () => {
    expect(uptimeOf(none)).toEqual({ ratio: null, coverage: null })
    expect(uptimeOf({ ...none, maintenanceMs: 5 })).toEqual({ ratio: null, coverage: null })
    expect(uptimeOf({ ...none, unknownMs: 5 })).toEqual({ ratio: null, coverage: 0 })
  })

  test('lies from 0 to 1, and neither unknown time nor maintenance moves it', () => {
    fc.assert(
      fc.property(someTimes, (times) => {
        const { ratio, coverage } = uptimeOf(times)
        for (const share of [ratio, coverage]) {
          if (share !== null) expect(share >= 0 && share <= 1).toBe(true)
        }
        expect(uptimeOf({ ...times, unknownMs: 0, maintenanceMs: 0 }).ratio).toBe(ratio)
        expect(uptimeOf({ ...times, maintenanceMs: 0 }).coverage).toBe(coverage)
      }),
    )
  })
})

describe('the error budget', () => {
  test('of 99 % in 30 days is 7.2 hours', () => {
    const downMs = 1.8 * 3_600_000
    expect(budgetOf({ ...none, upMs: day, downMs }, 30 * day, 0.99)).toEqual({
      allowedMs: 7.2 * 3_600_000,
      spentMs: downMs,
      left: expect.closeTo(0.75, 9),
    })
  })

  test('can be overspent', () => {
    expect(budgetOf({ ...none, downMs: day }, 30 * day, 0.99).left).toBeCloseTo(1 - 1 / 0.3, 9)
  })

  test('is spent by down alone', () => {
    const times = { ...none, upMs: 5, degradedMs: 50, unknownMs: 50, maintenanceMs: 50 }
    expect(budgetOf(times, 30 * day, 0.99)).toMatchObject({ spentMs: 0, left: 1 })
    expect(burnRate(times, 0.99)).toBe(0)
  })

  test('burns at 1 where the bad share is just what the target allows', () => {
    expect(burnRate({ ...none, upMs: 99, downMs: 1 }, 0.99)).toBeCloseTo(1, 9)
    expect(burnRate({ ...none, downMs: 1 }, 0.99)).toBeCloseTo(100, 9)
    expect(burnRate({ ...none, unknownMs: 7 }, 0.99)).toBeNull()
  })

  test('that burns at rate r all through its window is spent r times', () => {
    const targets = fc.double({ min: 0.01, max: 0.9999, noNaN: true })
    fc.assert(
      fc.property(fc.nat(day), targets, (downMs, target) => {
        const times = { ...none, upMs: day - downMs, downMs }
        expect(1 - budgetOf(times, day, target).left).toBeCloseTo(burnRate(times, target)!, 6)
      }),
    )
  })
})
