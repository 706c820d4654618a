/** Plans, chance values and instants for the tests of schedules. */

import fc from 'fast-check'
import { type CheckPlan, parseHealthCheck } from '../../src/domain/health-check.ts'
import { nextRun } from '../../src/domain/schedule.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const at = (text: string) => Date.parse(text)

export type Plan = Pick<CheckPlan, 'schedule' | 'jitter' | 'missedRun'>

export const every = (
  intervalMs: number,
  jitter = 0,
  missedRun: CheckPlan['missedRun'] = 'run_once',
): Plan => ({
  schedule: { kind: 'interval', intervalMs },
  jitter,
  missedRun,
})
export const cron = (expression: string, timezone = 'UTC', more: Partial<Plan> = {}): Plan => ({
  schedule: { kind: 'cron', expression, timezone },
  jitter: 0,
  missedRun: 'run_once',
  ...more,
})
export const planOf = (frequency: string, more: object = {}) =>
  parseHealthCheck({ type: 'command', command: 'true', frequency, ...more }).plan

export const itemIds = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 53 - 1 }))
export const intervals = fc.oneof(
  fc.constantFrom(5 * second, 20 * second, minute, hour, day, 30 * day, 366 * day),
  fc.integer({ min: 5 * second, max: 366 * day }),
)
export const jitters = fc.constantFrom(0, 0.1, 0.5)
export const instants = fc.integer({ min: 0, max: 4e12 })

/** A run of the check that lies on its grid. */
export const onGrid = (plan: Plan, itemId: number, nearMs: number): number => {
  const first = nextRun(plan, { itemId, lastDueMs: nearMs, nowMs: nearMs })!
  return nextRun(plan, { itemId, lastDueMs: first, nowMs: first })!
}
