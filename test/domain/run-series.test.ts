import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bucket, inBuckets, widthOf, worseOf, worstOf } from '../../src/domain/run-series.ts'

const hour = 3_600_000
const day = 24 * hour
const results = ['up', 'maintenance', 'unknown', 'degraded', 'down'] as const

const bucket = (fromMs: number, toMs: number, more: Partial<Bucket> = {}): Bucket => ({
  fromMs,
  toMs,
  runs: 1,
  failed: 0,
  durationMs: 10,
  shortestMs: 10,
  longestMs: 10,
  worst: 'up',
  ...more,
})

describe('the width of a step', () => {
  test('is the narrowest at which the points suffice', () => {
    expect(widthOf(day, 24)).toBe(hour)
    expect(widthOf(day, 23)).toBe(2 * hour)
    expect(widthOf(90 * day, 300)).toBe(12 * hour)
    expect(widthOf(1, 10)).toBe(1000)
  })

  test('cuts no hour and no day', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000_000 * day }),
        fc.integer({ min: 10, max: 2000 }),
        (ms, points) => {
          const width = widthOf(ms, points)
          expect(ms / width).toBeLessThanOrEqual(points)
          expect(width <= hour ? hour % width : width % hour).toBe(0)
          expect(width <= day ? day % width : width % day).toBe(0)
        },
      ),
    )
  })
})

describe('buckets', () => {
  const some = fc.array(
    fc
      .record({
        hour: fc.nat(72),
        runs: fc.nat(9),
        failed: fc.nat(3),
        ms: fc.nat(99),
        worst: fc.constantFrom(...results),
      })
      .map(({ hour: n, runs, failed, ms, worst }) =>
        bucket(n * hour, (n + 1) * hour, {
          runs,
          failed,
          durationMs: ms,
          shortestMs: ms,
          longestMs: ms,
          worst,
        }),
      ),
  )

  test('together hold what came in, in order of time, whatever order it came in', () => {
    fc.assert(
      fc.property(some, fc.constantFrom(hour / 2, hour, 2 * hour, 12 * hour, day), (all, width) => {
        const made = inBuckets(all, width)
        const sum = (of: Bucket[], name: 'runs' | 'failed' | 'durationMs') =>
          of.reduce((total, each) => total + (each.runs > 0 ? each[name] : 0), 0)
        for (const name of ['runs', 'failed', 'durationMs'] as const)
          expect(sum(made, name)).toBe(sum(all, name))
        expect(made.map((each) => each.fromMs)).toEqual(
          [...new Set(made.map((each) => each.fromMs))].sort((a, b) => a - b),
        )
        expect(inBuckets(all.toReversed(), width)).toEqual(made)
        for (const each of made) expect(each.fromMs % Math.min(width, hour)).toBe(0)
      }),
    )
  })

  test('keep the shortest, the longest and the worst; the shortest is not known where a sum is among them', () => {
    const fine = bucket(0, hour, { shortestMs: 3, longestMs: 5, worst: 'degraded' })
    const worse = bucket(hour, 2 * hour, { shortestMs: 1, longestMs: 9, worst: 'down' })
    const sum = bucket(2 * hour, 3 * hour, { shortestMs: null, longestMs: 7 })
    expect(inBuckets([fine, worse], day)).toMatchObject([
      { fromMs: 0, toMs: day, runs: 2, shortestMs: 1, longestMs: 9, worst: 'down' },
    ])
    expect(inBuckets([fine, sum], day)).toMatchObject([{ shortestMs: null, longestMs: 7 }])
  })

  test('what is wider than a step stays as it is', () => {
    const wide = bucket(0, day)
    expect(inBuckets([wide], hour)).toEqual([wide])
  })
})

test('down is worse than degraded, that than what nobody knows, that than maintenance, that than up', () => {
  for (const [a, worse] of results.entries())
    for (const [b, better] of results.entries()) expect(worseOf(worse, better)).toBe(results[Math.max(a, b)])
})

test('of a sum the worst that it tells of counts', () => {
  const none = { upMs: 0, degradedMs: 0, downMs: 0, maintenanceMs: 0 }
  expect(worstOf(none, 0)).toBe('unknown')
  expect(worstOf({ ...none, upMs: 1 }, 0)).toBe('up')
  expect(worstOf({ ...none, upMs: 1 }, 1)).toBe('down')
  expect(worstOf({ ...none, upMs: 1, maintenanceMs: 1 }, 0)).toBe('maintenance')
  expect(worstOf({ ...none, upMs: 1, degradedMs: 1 }, 0)).toBe('degraded')
  expect(worstOf({ ...none, degradedMs: 1, downMs: 1 }, 0)).toBe('down')
})
