import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatAge, formatDuration, maxDurationMs, parseDuration } from '../../src/domain/duration.ts'
import { TrackerError } from '../../src/errors.ts'

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['366d', maxDurationMs],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each([
    '',
    '0s',
    '5',
    's',
    '1.5h',
    '-1s',
    ' 5s',
    '5 s',
    '5S',
    '5w',
    '367d',
    '1e3s',
    '99999999999999999999d',
  ])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(TrackerError)
  })

  test('nothing is a duration only where that was allowed', () => {
    expect(parseDuration('0s', { allowZero: true })).toBe(0)
  })

  test.each([
    [0, '0s'],
    [-5, '0s'],
    [Number.NaN, '0s'],
    [500, '500ms'],
    [2500, '2s 500ms'],
    [30_000, '30s'],
    [7_500_000, '2h 5m'],
    [7_205_000, '2h'],
    [90_000_000, '1d 1h'],
    [259_200_000, '3d'],
  ])('%d ms is shown as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test.each([
    [999, '0s'],
    [12_345, '12s'],
    [7_500_000, '2h'],
    [300_000_000, '3d'],
  ])('an age of %d ms is shown as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text)
  })

  test('a whole number of one unit that is shown in one unit reads back as itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.constantFrom('h', 'm', 's'), (n, unit) => {
        const text = `${n}${unit}`
        expect(formatDuration(parseDuration(text))).toBe(text)
      }),
    )
  })

  test('what is shown is never longer than the duration, and misses less than its smallest unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxDurationMs }), (ms) => {
        const parts = formatDuration(ms).split(' ')
        const total = parts.reduce((sum, part) => sum + parseDuration(part), 0)
        expect(total).toBeLessThanOrEqual(ms)
        expect(ms - total).toBeLessThan(ms * 0.05 + 1)
      }),
    )
  })
})
