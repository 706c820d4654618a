import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHealthCheck, type Schedule } from '../../src/domain/health-check.ts'
import { nextRun } from '../../src/domain/schedule.ts'

const every = (intervalMs: number): { schedule: Schedule } => ({ schedule: { kind: 'interval', intervalMs } })
const sixOnWeekdays = parseHealthCheck({
  type: 'command',
  command: 'true',
  frequency: 'cron:0 6 * * 1-5',
}).plan
const at = (text: string) => Date.parse(text)

describe('the next run', () => {
  test('is due at once when there was none', () => {
    expect(nextRun(every(1000), { lastDueMs: null, nowMs: 42 })).toBe(42)
    expect(nextRun(sixOnWeekdays, { lastDueMs: null, nowMs: 42 })).toBe(42)
  })

  test.each([
    [10_000, 10_000, 11_000],
    [10_000, 10_300, 11_000],
    [10_000, 11_000, 12_000],
    [10_000, 99_999, 100_000],
    [10_000, 9_500, 10_000],
    [10_000, 3_500, 4_000],
  ])('after the one due at %d, seen at %d, is at %d', (lastDueMs, nowMs, next) => {
    expect(nextRun(every(1000), { lastDueMs, nowMs })).toBe(next)
  })

  test('is on the grid, after now and at most one interval ahead, wherever the clock stands', () => {
    const instant = fc.integer({ min: 0, max: 4e12 })
    fc.assert(
      fc.property(
        instant,
        instant,
        fc.integer({ min: 5000, max: 366 * 86_400_000 }),
        (lastDueMs, nowMs, intervalMs) => {
          const next = nextRun(every(intervalMs), { lastDueMs, nowMs })!
          expect(next).toBeGreaterThan(nowMs)
          expect(next - nowMs).toBeLessThanOrEqual(intervalMs)
          expect(Math.abs(next - lastDueMs) % intervalMs).toBe(0)
        },
      ),
    )
  })

  test('of a cron expression is its next firing after now, however many were missed', () => {
    const facts = { lastDueMs: at('2026-09-01T06:00Z'), nowMs: at('2026-10-02T06:00:00.001Z') }
    expect(nextRun(sixOnWeekdays, facts)).toBe(at('2026-10-05T06:00Z'))
  })

  test('does not exist for a heartbeat', () => {
    expect(
      nextRun({ schedule: { kind: 'heartbeat', graceMs: 1 } }, { lastDueMs: 1, nowMs: 2 }),
    ).toBeUndefined()
  })
})
