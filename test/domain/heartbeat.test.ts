import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import { deadlineMs, type HeartbeatFacts, pingResult } from '../../src/domain/heartbeat.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const at = (text: string) => Date.parse(text)
const iso = (ms: number | undefined) => ms && new Date(ms).toISOString().slice(0, 19)

const planOf = (more: object) => parseHealthCheck({ type: 'heartbeat', ...more }).plan
const live = { lastPingMs: null, startedMs: null, liveSinceMs: at('2026-05-05T12:00Z') }
const deadline = (check: object, facts: Partial<HeartbeatFacts> = {}) =>
  deadlineMs(planOf(check), { ...live, ...facts })

describe('a heartbeat is late', () => {
  test('grace after its interval, 5 minutes where none was given', () => {
    expect(deadline({ frequency: 'hourly' })).toBe(live.liveSinceMs + hour + 5 * minute)
    const lastPingMs = at('2026-05-05T12:30Z')
    expect(deadline({ frequency: 'hourly', grace: '1m' }, { lastPingMs })).toBe(lastPingMs + hour + minute)
    expect(deadline({ frequency: '30s', grace: '0s' }, { lastPingMs })).toBe(lastPingMs + 30_000)
  })

  test('counted from entering live where the last report is older', () => {
    const lastPingMs = at('2026-01-01T00:00Z')
    const expected = live.liveSinceMs + day + 5 * minute
    expect(deadline({ frequency: 'daily' }, { lastPingMs })).toBe(expected)
    const cron = { frequency: 'cron:0 6 * * *' }
    expect(iso(deadline(cron, { lastPingMs }))).toBe('2026-05-06T06:05:00')
  })

  test.each([
    ['2026-10-24T00:31:00Z', '2026-10-25T00:35:00'],
    ['2026-10-25T00:31:00Z', '2026-10-26T01:35:00'],
    ['2026-03-28T01:31:00Z', '2026-03-29T01:05:00'],
  ])('of cron, DST both ways: the report after %s is late at %s', (ping, expected) => {
    const check = { frequency: 'cron:30 2 * * *', timezone: 'Europe/Vienna' }
    expect(iso(deadline(check, { lastPingMs: at(ping), liveSinceMs: 0 }))).toBe(expected)
  })

  test('but a report some seconds before the firing is that firing’s: the target’s clock is ahead', () => {
    const check = { frequency: 'cron:0 6 * * *' }
    const since = (ping: string) => iso(deadline(check, { lastPingMs: at(ping), liveSinceMs: 0 }))
    expect(since('2026-05-05T05:59:55Z')).toBe('2026-05-06T06:05:00')
    expect(since('2026-05-05T05:59:45Z')).toBe('2026-05-05T06:05:00')
  })

  test('grace after a start that no end follows', () => {
    const startedMs = at('2026-05-05T12:10Z')
    expect(deadline({ frequency: 'daily', grace: '20m' }, { startedMs })).toBe(startedMs + 20 * minute)
    const lateStart = live.liveSinceMs + day + minute
    expect(deadline({ frequency: 'daily' }, { startedMs: lateStart })).toBe(
      live.liveSinceMs + day + 5 * minute,
    )
  })

  test('without frequency only in that case', () => {
    expect(deadline({})).toBeUndefined()
    expect(deadline({}, { lastPingMs: 5 })).toBeUndefined()
    expect(deadline({ grace: '1m' }, { startedMs: 5 })).toBe(5 + minute)
    expect(deadline({ grace: '1m' }, { startedMs: 5, afterMs: 5 + minute })).toBeUndefined()
  })

  test('again an interval later as long as nothing comes', () => {
    const check = { frequency: 'hourly', grace: '1m' }
    const first = deadline(check)!
    expect(deadline(check, { afterMs: first - 1 })).toBe(first)
    expect(deadline(check, { afterMs: first })).toBe(first + hour)
    expect(deadline(check, { afterMs: first + 7.5 * hour })).toBe(first + 8 * hour)
    const cron = { frequency: 'cron:0 6 * * *' }
    const afterMs = at('2026-05-08T06:05:00Z')
    expect(iso(deadline(cron, { afterMs }))).toBe('2026-05-09T06:05:00')
    expect(iso(deadline(cron, { afterMs: afterMs - 1 }))).toBe('2026-05-08T06:05:00')
  })

  test('at an instant that is after what was dealt with, and always the first such', () => {
    const instants = fc.integer({ min: 0, max: 4e9 })
    const facts = fc.record({
      lastPingMs: fc.option(instants),
      startedMs: fc.option(instants),
      liveSinceMs: instants,
    })
    const checks = fc.constantFrom(
      { frequency: '30s', grace: '0s' },
      { frequency: 'daily' },
      { frequency: 'cron:0 */6 * * *', grace: '10m' },
    )
    fc.assert(
      fc.property(checks, facts, instants, (check, given, afterMs) => {
        const walked: number[] = [deadline(check, given)!]
        while (walked.at(-1)! <= afterMs && walked.length < 20) {
          walked.push(deadline(check, { ...given, afterMs: walked.at(-1)! })!)
        }
        expect(walked).toEqual([...new Set(walked)].sort((a, b) => a - b))
        const next = deadline(check, { ...given, afterMs })!
        expect(next).toBeGreaterThan(afterMs)
        if (walked.at(-1)! > afterMs) expect(next).toBe(walked.at(-1))
      }),
    )
  })

  test('never when it is no heartbeat', () => {
    const { plan } = parseHealthCheck({ type: 'command', command: 'true', frequency: 'daily' })
    expect(deadlineMs(plan, { ...live, startedMs: 1 })).toBeUndefined()
  })
})

test('what a report says: an exit status of 0 is up, any other down; a start says nothing yet', () => {
  expect((['success', 'start', 'fail'] as const).map(pingResult)).toEqual(['up', undefined, 'down'])
  expect([0, 1, 3, 255].map(pingResult)).toEqual(['up', 'down', 'down', 'down'])
})
