import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QuietHours } from '../../src/domain/channel.ts'
import {
  earliestMs,
  isQuiet,
  maxTries,
  notificationKinds,
  quietUntilMs,
  retryAtMs,
  wants,
} from '../../src/domain/notification.ts'

const hour = 3_600_000
const at = (text: string) => Date.parse(text)
const iso = (ms: number) => new Date(ms).toISOString()

describe('tries: 8 tries over 2 days', () => {
  test('each wait is longer than the one before, and all of them make 48 hours', () => {
    let nowMs = 1_000_000
    const waits: number[] = []
    for (let tries = 1; tries < maxTries; tries++) {
      const next = retryAtMs(tries, nowMs)!
      waits.push(next - nowMs)
      nowMs = next
    }
    expect(maxTries).toBe(8)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(new Set(waits).size).toBe(7)
    expect(waits[0]).toBe(30_000)
    expect(nowMs - 1_000_000).toBe(48 * hour)
  })

  test('after the eighth try it is given up', () => {
    expect(retryAtMs(maxTries - 1, 0)).not.toBeNull()
    expect(retryAtMs(maxTries, 0)).toBeNull()
    expect(retryAtMs(1000, 0)).toBeNull()
  })

  test('a later failure is tried again later', () => {
    const when = fc.integer({ min: 0, max: 4e12 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), when, when, (tries, a, b) => {
        expect(retryAtMs(tries, a)!).toBeGreaterThan(a)
        expect(retryAtMs(tries, b)! - retryAtMs(tries, a)!).toBe(b - a)
      }),
    )
  })
})

describe('a channel wants', () => {
  const channel = { enabled: true, minSeverity: 'major' as const, kinds: null }

  test('what is at least as severe as its minimum', () => {
    const severities = ['critical', 'major', 'minor'] as const
    expect(severities.map((severity) => wants(channel, { kind: 'incident.opened', severity }))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('its kinds alone, and nothing while it is disabled, but a test always', () => {
    const only = { ...channel, kinds: ['incident.resolved' as const] }
    const taken = notificationKinds.filter((kind) => wants(only, { kind, severity: 'major' }))
    expect(taken).toEqual(['incident.resolved', 'test'])
    const off = { ...channel, enabled: false }
    expect(notificationKinds.filter((kind) => wants(off, { kind, severity: 'critical' }))).toEqual(['test'])
  })
})

const quiet = (from: string, to: string, timezone = 'Europe/Vienna', except: QuietHours['except'] = null) => {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  return { quietHours: { fromMinute: minutes(from), toMinute: minutes(to), timezone, except } }
}

describe('quiet hours', () => {
  test.each([
    // winter, over midnight: 22:00 to 07:00 in Vienna is 21:00 to 06:00 UTC
    ['22:00', '07:00', '2026-01-10T20:59:59.999Z', '2026-01-10T20:59:59.999Z'],
    ['22:00', '07:00', '2026-01-10T21:00:00.000Z', '2026-01-11T06:00:00.000Z'],
    ['22:00', '07:00', '2026-01-11T05:59:59.999Z', '2026-01-11T06:00:00.000Z'],
    ['22:00', '07:00', '2026-01-11T06:00:00.000Z', '2026-01-11T06:00:00.000Z'],
    // within one day, in summer time
    ['12:30', '13:10', '2026-07-01T10:30:00.000Z', '2026-07-01T11:10:00.000Z'],
    ['12:30', '13:10', '2026-07-01T10:29:59.000Z', '2026-07-01T10:29:59.000Z'],
    // the night in which an hour is missing, and the one with an hour twice: they end at 07:00 on the clock
    ['22:00', '07:00', '2026-03-28T22:00:00.000Z', '2026-03-29T05:00:00.000Z'],
    ['22:00', '07:00', '2026-10-24T21:00:00.000Z', '2026-10-25T06:00:00.000Z'],
    // the end falls into the missing hour: it is over when the clock has jumped past it
    ['22:00', '02:30', '2026-03-28T23:59:00.000Z', '2026-03-29T01:00:00.000Z'],
    // the end comes twice: over at the first, and quiet again after the second two o'clock
    ['22:00', '02:30', '2026-10-24T23:50:00.000Z', '2026-10-25T00:30:00.000Z'],
    ['22:00', '02:30', '2026-10-25T01:10:00.000Z', '2026-10-25T01:30:00.000Z'],
  ])('from %s to %s: what comes at %s may go out at %s', (from, to, asked, until) => {
    expect(iso(quietUntilMs(quiet(from, to), at(asked)))).toBe(until)
  })

  test('end at the first instant that is not quiet, in every zone, at every time of the year', () => {
    const minute = fc.integer({ min: 0, max: 1439 })
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Vienna',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/St_Johns',
    )
    const hours = fc.record({
      fromMinute: minute,
      toMinute: minute,
      timezone: zone,
      except: fc.constant(null),
    })
    const when = fc.oneof(
      fc.integer({ min: at('2020-01-01'), max: at('2030-01-01') }),
      // round the changes of the clock
      fc.integer({ min: at('2026-03-28'), max: at('2026-04-06') }),
      fc.integer({ min: at('2026-10-03'), max: at('2026-11-02') }),
    )
    fc.assert(
      fc.property(
        hours.filter(({ fromMinute, toMinute }) => fromMinute !== toMinute),
        when,
        (quietHours, atMs) => {
          const channel = { quietHours }
          const until = quietUntilMs(channel, atMs)
          expect(isQuiet(channel, until)).toBe(false)
          if (!isQuiet(channel, atMs)) expect(until).toBe(atMs)
          else expect(isQuiet(channel, until - 1)).toBe(true)
          for (let ms = atMs; ms < until; ms += 7 * 60_000) expect(isQuiet(channel, ms)).toBe(true)
        },
      ),
    )
  })

  test('hold back all but what they except, and never a test', () => {
    const night = at('2026-01-10T23:00:00.000Z')
    const morning = '2026-01-11T06:00:00.000Z'
    const sentAt = (except: QuietHours['except'], severity: 'critical' | 'major' | 'minor') =>
      iso(
        earliestMs(
          quiet('22:00', '07:00', 'Europe/Vienna', except),
          { kind: 'incident.opened', severity },
          night,
        ),
      )
    expect(sentAt(null, 'critical')).toBe(morning)
    expect(sentAt('critical', 'critical')).toBe(iso(night))
    expect(sentAt('critical', 'major')).toBe(morning)
    expect(sentAt('major', 'critical')).toBe(iso(night))
    expect(sentAt('major', 'minor')).toBe(morning)
    const test = { kind: 'test', severity: 'minor' } as const
    expect(earliestMs(quiet('22:00', '07:00'), test, night)).toBe(night)
  })

  test('a channel without them is never quiet', () => {
    expect(isQuiet({ quietHours: null }, 0)).toBe(false)
    expect(quietUntilMs({ quietHours: null }, 42)).toBe(42)
  })
})
