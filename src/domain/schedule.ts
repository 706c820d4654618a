/** When a check runs next. Pure: no clock; late runs come to one. */

import { nextCron } from './cron.ts'
import type { CheckPlan } from './health-check.ts'

export interface ScheduleFacts {
  /** When the last run was due (not when it ran), milliseconds since 1970; null: there was none yet. */
  lastDueMs: number | null
  nowMs: number
}

/**
 * When the next run is due, in milliseconds since 1970. An interval keeps the grid of `lastDueMs`, so nothing
 * drifts, and runs that were missed are one run. A first run is due at once. The result is after `nowMs` and
 * at most one interval ahead, wherever a clock that was set back left `lastDueMs`.
 * @returns undefined when nothing is ever due: a heartbeat, or a cron expression that has run out
 * @throws  TrackerError `invalid` for a cron expression that `parseHealthCheck` would have refused
 */
export function nextRun(
  plan: Pick<CheckPlan, 'schedule'>,
  { lastDueMs, nowMs }: ScheduleFacts,
): number | undefined {
  const { schedule } = plan
  if (schedule.kind === 'heartbeat') return undefined
  if (lastDueMs === null) return nowMs
  if (schedule.kind === 'cron') return nextCron(schedule.expression, schedule.timezone, nowMs)
  const { intervalMs } = schedule
  return lastDueMs + (Math.floor((nowMs - lastDueMs) / intervalMs) + 1) * intervalMs
}
