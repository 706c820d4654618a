/** Reports of jobs, what follows a missed one, pauses, and when maintenance is over. */

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeartbeatSchedule, Maintenance } from '../../src/domain/health-check.ts'
import { deadlineAfterMiss, missedReport } from '../../src/domain/heartbeat.ts'
import { maintenanceAt, maintenanceEnd } from '../../src/domain/maintenance.ts'
import { isPaused } from '../../src/domain/pause.ts'
import { pingResult, readPing } from '../../src/domain/ping.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const startMs = Date.parse('2026-02-05T07:46:15.000Z')

describe('a word of a job', () => {
  test('is start, success, fail or an exit status', () => {
    expect(['start', 'success', 'fail', '0', '7', '255', '007'].map(readPing)).toEqual([
      ...['start', 'success', 'fail', 0, 7, 255, 7],
    ])
    for (const word of ['', '256', '-1', '1.5', ' 1', '1 ', 'Fail', '1e1', '٣', 'constructor', '0000'])
      expect(readPing(word), word).toBeUndefined()
  })

  test('whatever it is, it is read as a legal report or not at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String)), (word) => {
        const ping = readPing(word)
        if (typeof ping === 'number') expect(ping >= 0 && ping <= 255 && Number.isInteger(ping)).toBe(true)
        if (ping !== undefined) expect([undefined, 'up', 'down']).toContain(pingResult(ping))
      }),
    )
  })
})

describe('after a missed report', () => {
  const anInterval = fc.record({ intervalMs: fc.integer({ min: 5000, max: 40 * day }) })
  test('the next deadline is ahead, whole periods behind the one that was missed, and the first such', () => {
    fc.assert(
      fc.property(
        anInterval,
        fc.integer({ min: 0, max: 2 * day }),
        fc.integer({ min: 0, max: 400 * day }),
        ({ intervalMs }, graceMs, lateMs) => {
          const schedule = { kind: 'heartbeat', graceMs, every: { kind: 'interval', intervalMs } } as const
          const facts = { startedMs: null, liveSinceMs: startMs - 900 * day, nowMs: startMs + lateMs }
          const next = deadlineAfterMiss({ schedule }, startMs, facts)!
          expect(next).toBeGreaterThan(facts.nowMs)
          expect(next - facts.nowMs).toBeLessThanOrEqual(intervalMs)
          expect((next - startMs) % intervalMs).toBe(0)
        },
      ),
    )
  })

  test('a start that came since is waited for', () => {
    const schedule: HeartbeatSchedule = {
      kind: 'heartbeat',
      graceMs: hour,
      every: { kind: 'interval', intervalMs: day },
    }
    const facts = { liveSinceMs: 0, nowMs: startMs + minute }
    expect(deadlineAfterMiss({ schedule }, startMs, { ...facts, startedMs: startMs })).toBe(startMs + hour)
    expect(deadlineAfterMiss({ schedule }, startMs, { ...facts, startedMs: startMs - hour })).toBe(
      startMs + day,
    )
  })

  test('what is told names what should have come', () => {
    const schedule: HeartbeatSchedule = { kind: 'heartbeat', graceMs: hour }
    const facts = { lastPingMs: null, startedMs: startMs, nowMs: startMs + hour }
    expect(missedReport(schedule, facts)).toEqual({
      summary: 'started 2026-02-05 07:46 UTC and has not ended in 1h',
      condition: 'end within 1h of its start',
    })
    const often: HeartbeatSchedule = { ...schedule, every: { kind: 'interval', intervalMs: 10 * minute } }
    expect(missedReport(often, { ...facts, nowMs: startMs + 5 * minute })).toEqual({
      summary: 'no heartbeat yet',
      condition: 'heartbeat within 1h 10m',
    })
  })
})

test('a pause is over at its end, and not before', () => {
  const pause = { pausedMs: 10, pausedUntilMs: 20 }
  expect([isPaused(pause, 19), isPaused(pause, 20)]).toEqual([true, false])
  expect(isPaused({ pausedMs: 10, pausedUntilMs: null }, 1e15)).toBe(true)
  expect(isPaused({ pausedMs: null, pausedUntilMs: null }, 15)).toBe(false)
})

describe('the end of maintenance', () => {
  const aWindow = fc.oneof(
    fc
      .tuple(fc.integer({ min: -3 * day, max: 3 * day }), fc.integer({ min: 1, max: day }))
      .map(([from, length]): Maintenance => {
        const fromMs = startMs + from
        return { kind: 'window', fromMs, toMs: fromMs + length }
      }),
    fc.tuple(fc.constantFrom('0 2 * * *', '30 */6 * * *', '0 0 * * 0'), fc.integer({ min: 1, max: 300 })).map(
      ([expression, minutes]): Maintenance => ({
        kind: 'cron',
        expression,
        timezone: 'Europe/Vienna',
        durationMs: minutes * minute,
      }),
    ),
  )
  test('is the first instant that no window holds; undefined where none holds now', () => {
    fc.assert(
      fc.property(
        fc.array(aWindow, { maxLength: 5 }),
        fc.integer({ min: -2 * day, max: 2 * day }),
        (windows, aside) => {
          const atMs = startMs + aside
          const end = maintenanceEnd(windows, atMs)
          expect(end !== undefined).toBe(maintenanceAt(windows, atMs))
          if (end === undefined) return
          expect(maintenanceAt(windows, end - 1)).toBe(true)
          expect(maintenanceAt(windows, end)).toBe(false)
          expect(maintenanceAt(windows, Math.floor((atMs + end) / 2))).toBe(true)
        },
      ),
    )
  })

  test('of what never ends comes to one', () => {
    const always: Maintenance = { kind: 'cron', expression: '* * * * *', timezone: 'UTC', durationMs: day }
    expect(maintenanceEnd([always], startMs)).toBeGreaterThan(startMs + day)
  })
})
