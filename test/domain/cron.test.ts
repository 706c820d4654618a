import { afterEach, describe, expect, test, vi } from 'vitest'
import { isTimezone, nextCron, shortestGapMs, validateCron } from '../../src/domain/cron.ts'
import { TrackerError } from '../../src/errors.ts'

const at = (text: string) => Date.parse(text)
const iso = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16)
const minute = 60_000

afterEach(() => {
  vi.useRealTimers()
})

describe('a cron expression', () => {
  test.each([
    ['0 6 * * 1-5', 'UTC', '2026-10-02T06:00Z', '2026-10-05T06:00'],
    ['0 6 * * 1-5', 'Europe/Vienna', '2026-07-01T04:00Z', '2026-07-02T04:00'],
    ['*/5 * * * *', 'UTC', '2026-01-01T00:00:00.001Z', '2026-01-01T00:05'],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2028-02-29T00:00'],
    ['0 0 1 jan *', 'UTC', '2026-01-01T00:00Z', '2027-01-01T00:00'],
  ])('%s in %s fires after %s at %s', (expression, timezone, after, next) => {
    expect(iso(nextCron(expression, timezone, at(after)))).toBe(next)
  })

  test('what the gap of summer time swallows fires right behind it; what is doubled fires once', () => {
    const daily = (after: string) => iso(nextCron('30 2 * * *', 'Europe/Vienna', at(after)))
    expect(daily('2026-03-28T12:00Z')).toBe('2026-03-29T01:00')
    expect(daily('2026-10-24T12:00Z')).toBe('2026-10-25T00:30')
    expect(daily('2026-10-25T00:30Z')).toBe('2026-10-26T01:30')
  })

  test('the real clock plays no part', () => {
    const answers = ['2001-02-03T04:05:06Z', '2090-01-01T00:00Z'].map((now) => {
      vi.useFakeTimers({ now: at(now) })
      return [nextCron('7 3 * * *', 'UTC', at('2026-05-05T00:00Z')), shortestGapMs('7 3 * * *', 'UTC')]
    })
    expect(answers[0]).toEqual(answers[1])
    expect(iso(answers[0]![0])).toBe('2026-05-05T03:07')
  })

  test.each([
    '',
    'abc',
    '* * * *',
    '* * * * * *',
    '61 * * * *',
    '*/0 * * * *',
    '5-1 * * * *',
    '? * * * *',
    '@daily',
    '2030-01-01T00:00:00',
    '0 0 30 2 *',
    'constructor',
  ])('%j is refused', (expression) => {
    expect(() => validateCron(expression, 'UTC')).toThrow(TrackerError)
  })

  test.each([
    ['* * * * *', minute],
    ['0,59 0,23 * * *', minute],
    ['0 6 * * *', 1440 * minute],
    ['0 6 * * 1,3', 2 * 1440 * minute],
    ['0 8,9 1 * *', 60 * minute],
  ])('%s fires at least %d ms apart', (expression, gap) => {
    expect(shortestGapMs(expression, 'UTC')).toBe(gap)
  })

  test('a time zone is one that Intl knows', () => {
    expect(['UTC', 'Europe/Vienna'].map(isTimezone)).toEqual([true, true])
    expect(['', 'Mars/Base', 'Europe/Wien'].map(isTimezone)).toEqual([false, false, false])
    expect(() => validateCron('* * * * *', 'Mars/Base')).toThrow('no such time zone')
  })
})
