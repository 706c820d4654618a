import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Maintenance } from '../../src/domain/health-check.ts'
import { maintenanceAt, maintenanceSpans } from '../../src/domain/maintenance.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const at = (text: string) => Date.parse(text)
const cron = (expression: string, durationMs: number, timezone = 'UTC'): Maintenance => ({
  kind: 'cron',
  expression,
  timezone,
  durationMs,
})
const fixed = (from: string, to: string): Maintenance => ({ kind: 'window', fromMs: at(from), toMs: at(to) })
const spansOf = (windows: Maintenance[], from: string, to: string) =>
  maintenanceSpans(windows, at(from), at(to)).map(({ fromMs, toMs }) =>
    [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(5, 16)),
  )

describe('a check is in maintenance', () => {
  test.each([
    ['2026-05-05T09:59:59.999Z', false],
    ['2026-05-05T10:00:00.000Z', true],
    ['2026-05-05T11:59:59.999Z', true],
    ['2026-05-05T12:00:00.000Z', false],
  ])('in a fixed window: at %s %s', (instant, expected) => {
    expect(maintenanceAt([fixed('2026-05-05T10:00Z', '2026-05-05T12:00Z')], at(instant))).toBe(expected)
    expect(maintenanceAt([cron('0 10 * * 2', 2 * hour)], at(instant))).toBe(expected)
  })

  test('never without a window', () => {
    expect(maintenanceAt([], 0)).toBe(false)
    expect(maintenanceSpans([], 0, day)).toEqual([])
  })

  test('by the clock of the window’s zone, DST both ways', () => {
    const sunday = cron('30 2 * * 0', hour, 'Europe/Vienna')
    expect(spansOf([sunday], '2026-03-28T00:00Z', '2026-03-30T00:00Z')).toEqual([
      ['03-29T01:00', '03-29T02:00'],
    ])
    expect(spansOf([sunday], '2026-10-24T00:00Z', '2026-10-26T00:00Z')).toEqual([
      ['10-25T00:30', '10-25T01:30'],
    ])
    expect(spansOf([sunday], '2026-07-04T00:00Z', '2026-07-06T00:00Z')).toEqual([
      ['07-05T00:30', '07-05T01:30'],
    ])
  })

  test('for months after one firing of a year', () => {
    const long = cron('0 0 1 1 *', 100 * day)
    expect([maintenanceAt([long], at('2026-04-10')), maintenanceAt([long], at('2026-04-12'))]).toEqual([
      true,
      false,
    ])
    expect(spansOf([long], '2026-04-01T00:00Z', '2026-12-31T00:00Z')).toEqual([
      ['04-01T00:00', '04-11T00:00'],
    ])
  })
})

describe('the spans of maintenance', () => {
  test('are cut at both ends, sorted, and one where they touch', () => {
    const windows = [
      cron('0 22 * * *', 4 * hour),
      fixed('2026-05-06T03:00Z', '2026-05-06T04:00Z'),
      fixed('2026-05-06T02:00Z', '2026-05-06T02:30Z'),
      fixed('2026-05-01T00:00Z', '2026-05-02T00:00Z'),
    ]
    expect(spansOf(windows, '2026-05-05T23:00Z', '2026-05-06T23:00Z')).toEqual([
      ['05-05T23:00', '05-06T02:30'],
      ['05-06T03:00', '05-06T04:00'],
      ['05-06T22:00', '05-06T23:00'],
    ])
    expect(spansOf(windows, '2026-05-06T12:00Z', '2026-05-06T12:00Z')).toEqual([])
  })

  test('one window that never closes is one span, found in few steps', () => {
    for (const durationMs of [minute, 3 * hour, 366 * day]) {
      const spans = maintenanceSpans([cron('* * * * *', durationMs)], at('2026-01-01'), at('2026-01-02'))
      expect(spans).toEqual([{ fromMs: at('2026-01-01'), toMs: at('2026-01-02') }])
    }
    const year = maintenanceSpans([cron('* * * * *', day)], at('2026-01-01'), at('2027-01-01'))
    expect(year).toEqual([{ fromMs: at('2026-01-01'), toMs: at('2027-01-01') }])
  })

  test('are bounded work: what opens each minute for a year is looked at for a while', () => {
    const windows = Array.from({ length: 100 }, () => cron('* * * * *', 1000))
    const spans = maintenanceSpans(windows, at('2026-01-01'), at('2027-01-01'))
    expect(spans.length).toBeGreaterThan(1000)
    expect(spans.length).toBeLessThanOrEqual(2000)
  })

  test('hold exactly the instants that are in maintenance', () => {
    const start = at('2026-10-20')
    const windows = fc.array(
      fc.oneof(
        fc
          .tuple(fc.nat(10 * day), fc.integer({ min: 1, max: 2 * day }))
          .map(([from, length]): Maintenance => {
            const fromMs = start - day + from
            return { kind: 'window', fromMs, toMs: fromMs + length }
          }),
        fc
          .tuple(
            fc.constantFrom('0 */5 * * *', '30 2 * * *', '*/10 1-3 * * *', '0 22 * * 5,6'),
            fc.constantFrom(minute, 10 * minute, hour, 5 * hour, 30 * hour),
            fc.constantFrom('UTC', 'Europe/Vienna'),
          )
          .map(([expression, duration, zone]) => cron(expression, duration, zone)),
      ),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(
        windows,
        fc.nat(3 * day),
        fc.nat(8 * day),
        fc.array(fc.nat(11 * day), { maxLength: 20 }),
        (given, from, length, offsets) => {
          const [fromMs, toMs] = [start + from, start + from + length]
          const spans = maintenanceSpans(given, fromMs, toMs)
          let last = Number.NEGATIVE_INFINITY
          for (const span of spans) {
            expect(span.fromMs).toBeGreaterThan(last)
            expect(span.toMs).toBeGreaterThan(span.fromMs)
            last = span.toMs
          }
          const edges = spans.flatMap((span) => [span.fromMs, span.fromMs - 1, span.toMs, span.toMs - 1])
          for (const ms of [...offsets.map((offset) => start + offset), ...edges, fromMs, toMs - 1]) {
            const inside = ms >= fromMs && ms < toMs
            expect(spans.some((span) => span.fromMs <= ms && ms < span.toMs)).toBe(
              inside && maintenanceAt(given, ms),
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})
