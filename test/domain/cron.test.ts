import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isTimezone, longestGapMs, nextCron, shortestGapMs, validateCron } from '../../src/domain/cron.ts'
import { TrackerError } from '../../src/errors.ts'

const at = (text: string) => Date.parse(text)
const iso = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16)
const minute = 60_000

/** Month, day and time of the next ones, in UTC. */
function firings(expression: string, zone: string, after: string, count: number): string[] {
  const found: number[] = []
  while (found.length < count) found.push(nextCron(expression, zone, found.at(-1) ?? at(after))!)
  return found.map((ms) => iso(ms)!.slice(5))
}

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

  test('a list of hours is as one hour: once in the doubled hour, right behind the gap', () => {
    expect(firings('30 2,14 * * *', 'Europe/Vienna', '2026-10-24T13:00Z', 3)).toEqual([
      '10-25T00:30',
      '10-25T13:30',
      '10-26T01:30',
    ])
    expect(firings('30 2,14 * * *', 'America/New_York', '2026-03-08T00:00Z', 3)).toEqual([
      '03-08T07:00',
      '03-08T18:30',
      '03-09T06:30',
    ])
    expect(firings('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T20:00Z', 2)).toEqual([
      '10-03T15:30',
      '10-04T15:15',
    ])
    expect(firings('0 * * * *', 'Europe/Vienna', '2026-10-24T23:30Z', 3)).toEqual([
      '10-25T00:00',
      '10-25T01:00',
      '10-25T02:00',
    ])
  })

  const zones = [
    'UTC',
    'Europe/Vienna',
    'America/New_York',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Chatham',
    'America/St_Johns',
  ]

  test('DST both ways: a daily one fires once on each day of the zone, at its time or right behind the gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.nat(1439),
        fc.integer({ min: 0, max: 20 * 365 }),
        (zone, minuteOfDay, day) => {
          const clock = new Intl.DateTimeFormat('sv-SE', {
            timeZone: zone,
            dateStyle: 'short',
            timeStyle: 'short',
          })
          const time = `${String(Math.floor(minuteOfDay / 60)).padStart(2, '0')}:${String(minuteOfDay % 60).padStart(2, '0')}`
          const expression = `${minuteOfDay % 60} ${Math.floor(minuteOfDay / 60)} * * *`
          let last = nextCron(expression, zone, Date.UTC(2020, 0, 1 + day))!
          for (let n = 0; n < 3; n++) {
            const next = nextCron(expression, zone, last)!
            const [before, date] = [last, next].map((ms) => clock.format(ms).slice(0, 10))
            expect(Date.parse(date!) - Date.parse(before!)).toBe(1440 * minute)
            if (clock.format(next).slice(11) !== time) {
              const justBefore = clock.format(next - 1).slice(11)
              expect(justBefore < time && time < clock.format(next).slice(11)).toBe(true)
            }
            // The first of two: the same clock has not shown it before.
            for (let back = 30; back <= 120; back += 30) {
              expect(clock.format(next - back * minute)).not.toBe(`${date} ${time}`)
            }
            last = next
          }
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)

  test('answers the same whatever was asked before', () => {
    const expression = '*/20 1-3 * * *'
    const instants = fc.array(fc.integer({ min: at('2026-10-24T12:00Z'), max: at('2026-10-26T12:00Z') }), {
      minLength: 1,
      maxLength: 20,
    })
    // By the time that passes: the doubled hour from 2 to 3 holds six.
    const all = ['24T23', '25T00', '25T01', '25T02', '26T00', '26T01', '26T02'].flatMap((hour) =>
      [0, 20, 40].map((past) => at(`2026-10-${hour}:00Z`) + past * minute),
    )
    all.push(at('2026-10-27T00:00Z'))
    fc.assert(
      fc.property(instants, (asked) => {
        for (const after of asked) {
          expect(nextCron(expression, 'Europe/Vienna', after)).toBe(all.find((ms) => ms > after))
        }
      }),
      { numRuns: 30 },
    )
  }, 60_000)

  test('is right although more expressions were asked than are remembered', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 70; n++) {
        const [minuteOf, hour] = [n % 60, n % 24]
        const next = nextCron(`${minuteOf} ${hour} * * *`, 'UTC', at('2026-05-05T23:59Z'))
        expect(next).toBe(at('2026-05-06T00:00Z') + (hour * 60 + minuteOf) * minute)
      }
    }
  })

  test('a wrong zone stays wrong after a right one', () => {
    expect(nextCron('0 6 * * *', 'UTC', 0)).toBe(6 * 60 * minute)
    expect(() => nextCron('6 * * *', 'UTC\n0', 0)).toThrow('no such time zone')
    expect(() => nextCron('6 * * *', 'UTC 0', 0)).toThrow('no such time zone')
    expect(() => nextCron('0 6 * * *', '__proto__', 0)).toThrow('no such time zone')
  })

  test.each([
    ['0 12 31 * *', ['01-31', '03-31', '05-31', '07-31', '08-31', '10-31', '12-31']],
    ['0 12 30 * *', ['01-30', '03-30', '04-30', '05-30', '06-30', '07-30', '08-30']],
    ['0 12 L * *', ['01-31', '02-28', '03-31', '04-30', '05-31', '06-30', '07-31']],
  ])('month boundaries: %s fires on %j', (expression, days) => {
    const found = firings(expression, 'Europe/Vienna', '2026-01-01T00:00Z', days.length)
    expect(found.map((time) => time.slice(0, 5))).toEqual(days)
  })

  test('the real clock plays no part', () => {
    const answers = ['2001-02-03T04:05:06Z', '2090-01-01T00:00Z'].map((now) => {
      vi.useFakeTimers({ now: at(now) })
      return [nextCron('7 3 * * *', 'UTC', at('2026-05-05T00:00Z')), shortestGapMs('7 3 * * *')]
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
    ['30 6 1,31 * *', 1440 * minute],
    ['0 0 29 2 *', 4 * 365.25 * 1440 * minute],
  ])('%s fires at least %d ms apart', (expression, gap) => {
    expect(shortestGapMs(expression)).toBe(gap)
  })

  test('a time zone is one that Intl knows', () => {
    expect(['UTC', 'Europe/Vienna'].map(isTimezone)).toEqual([true, true])
    expect(['', 'Mars/Base', 'Europe/Wien'].map(isTimezone)).toEqual([false, false, false])
    expect(() => validateCron('* * * * *', 'Mars/Base')).toThrow('no such time zone')
  })
})

describe('the longest gap', () => {
  const hour = 60 * minute
  const day = 24 * hour

  test.each([
    ['* * * * *', minute],
    ['*/7 * * * *', 7 * minute],
    ['0 6 * * *', day],
    ['0 9-17 * * *', 16 * hour],
    ['* 0-22 * * *', hour + minute],
    ['0 6 * * 1-5', 3 * day],
    ['* * 2-31 * *', day + minute],
    ['30 2 1 * *', 31 * day],
    ['0 2,3 * * 0', 7 * day - hour],
    ['0  0 1 jan *', 365 * day],
    ['0 0 29 2 *', Number.POSITIVE_INFINITY],
  ])('of %s is %s ms', (expression, gap) => {
    expect(longestGapMs(expression)).toBe(gap)
  })

  test('is that of all firings of a year', () => {
    const some = (max: number, min = 0) =>
      fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
        .map((values) => values.join(','))
    const any = (values: fc.Arbitrary<string>) => fc.oneof(fc.constant('*'), values)
    const expressions = fc
      .tuple(some(59), any(some(23)), any(some(28, 1)), any(some(12, 1)), any(some(6)))
      .map((parts) => parts.join(' '))
    fc.assert(
      fc.property(expressions, (expression) => {
        const startMs = at('2026-01-01T00:00Z')
        let longest = 0
        let last = nextCron(expression, 'UTC', startMs - 1)!
        for (let next = last; next < startMs + 367 * day; last = next) {
          next = nextCron(expression, 'UTC', last) ?? Number.POSITIVE_INFINITY
          if (next < startMs + 367 * day) longest = Math.max(longest, next - last)
        }
        const found = longestGapMs(expression)
        if (Number.isFinite(found)) expect(found).toBe(longest)
        else expect(longest).toBeLessThan(day)
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
