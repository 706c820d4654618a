import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byWeek, cycleTimes, lastWeeks, meanOf, spreadOf, weekMs, weekOf } from '../../src/domain/flow.ts'

const instant = fc.integer({ min: 0, max: Date.UTC(9999, 0, 1) })
const times = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 60 })
const anyTimes = fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 60 })

describe('weeks', () => {
  test('begin on Monday at midnight, UTC', () => {
    expect(weekOf(Date.UTC(2026, 1, 5, 7, 46))).toBe(Date.UTC(2026, 1, 2))
    expect(weekOf(Date.UTC(2026, 1, 2))).toBe(Date.UTC(2026, 1, 2))
    expect(weekOf(Date.UTC(2026, 1, 2) - 1)).toBe(Date.UTC(2026, 0, 26))
    fc.assert(
      fc.property(instant, (ms) => {
        const from = weekOf(ms)
        expect(new Date(from).toISOString()).toContain('T00:00:00.000Z')
        expect(new Date(from).getUTCDay()).toBe(1)
        expect(ms - from).toBeGreaterThanOrEqual(0)
        expect(ms - from).toBeLessThan(weekMs)
      }),
    )
  })

  test('the last ones follow each other without a gap, to that of now', () => {
    const weeks = lastWeeks(3, Date.UTC(2026, 1, 5))
    expect(weeks).toEqual([Date.UTC(2026, 0, 19), Date.UTC(2026, 0, 26), Date.UTC(2026, 1, 2)])
  })

  test('hold each thing of their time once, and nothing else', () => {
    const nowMs = Date.UTC(2026, 1, 5)
    const weeks = lastWeeks(12, nowMs)
    const near = fc.array(fc.integer({ min: nowMs - 20 * weekMs, max: nowMs + 3 * weekMs }))
    fc.assert(
      fc.property(near, (all) => {
        const lists = byWeek(all, (ms) => ms, weeks)
        expect(lists).toHaveLength(12)
        for (const [n, list] of lists.entries()) for (const ms of list) expect(weekOf(ms)).toBe(weeks[n])
        const inside = all.filter((ms) => weeks.includes(weekOf(ms)))
        expect(lists.flat().toSorted()).toEqual(inside.toSorted())
      }),
    )
  })
})

describe('how times are spread', () => {
  test('by the nearest rank', () => {
    expect(spreadOf([])).toEqual({ count: 0, medianMs: null, p85Ms: null })
    expect(spreadOf([7])).toEqual({ count: 1, medianMs: 7, p85Ms: 7 })
    expect(spreadOf([4, 1, 3, 2])).toEqual({ count: 4, medianMs: 2, p85Ms: 4 })
    expect(spreadOf(Array.from({ length: 100 }, (_, n) => 100 - n))).toEqual({
      count: 100,
      medianMs: 50,
      p85Ms: 85,
    })
  })

  test('half of them do not exceed the median, 85 of 100 not the other', () => {
    fc.assert(
      fc.property(times, (values) => {
        const { count, medianMs, p85Ms } = spreadOf(values)
        expect(count).toBe(values.length)
        expect(medianMs === null).toBe(count === 0)
        if (medianMs === null || p85Ms === null) return
        expect(values).toContain(medianMs)
        expect(values).toContain(p85Ms)
        expect(medianMs).toBeLessThanOrEqual(p85Ms)
        expect(values.filter((ms) => ms <= medianMs).length * 2).toBeGreaterThanOrEqual(count)
        expect(values.filter((ms) => ms <= p85Ms).length).toBeGreaterThanOrEqual(count * 0.85)
        expect(values.filter((ms) => ms < medianMs).length * 2).toBeLessThan(count)
      }),
    )
  })

  test('the order of the values says nothing, and what is no time does not count', () => {
    fc.assert(
      fc.property(anyTimes, fc.gen(), (values, gen) => {
        const shuffled = gen(fc.shuffledSubarray, values, { minLength: values.length })
        expect(spreadOf(shuffled)).toEqual(spreadOf(values))
        expect(meanOf(shuffled).count).toBe(meanOf(values).count)
        for (const ms of [spreadOf(values).medianMs, spreadOf(values).p85Ms, meanOf(values).meanMs])
          expect(ms === null || ms >= 0).toBe(true)
        expect(spreadOf(values).count).toBe(values.filter((ms) => ms >= 0 && ms < Infinity).length)
      }),
    )
  })

  test('the mean lies between the least and the most', () => {
    expect(meanOf([])).toEqual({ count: 0, meanMs: null })
    expect(meanOf([1, 2, -5, Number.NaN])).toEqual({ count: 2, meanMs: 2 })
    fc.assert(
      fc.property(times, (values) => {
        const { meanMs } = meanOf(values)
        expect(meanMs === null).toBe(values.length === 0)
        if (meanMs === null) return
        expect(meanMs).toBeGreaterThanOrEqual(Math.min(...values))
        expect(meanMs).toBeLessThanOrEqual(Math.max(...values))
      }),
    )
  })
})

test('a cycle is from start to finish; what was never started has none', () => {
  const items = [
    { id: 1, startedMs: 10, finishedMs: 30 },
    { id: 2, startedMs: null, finishedMs: 30 },
    { id: 3, startedMs: 40, finishedMs: 30 },
  ]
  expect(cycleTimes(items)).toEqual([20, -10])
  expect(spreadOf(cycleTimes(items))).toEqual({ count: 1, medianMs: 20, p85Ms: 20 })
})
