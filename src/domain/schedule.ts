/** When a check runs next. Pure: no clock; late runs come to one. */

import { nextCron, shortestGapMs } from './cron.ts'
import { type Grid, scatter, shareOf, slotAfter, slotFrom, slotMs, waitMs } from './grid.ts'
import type { CheckPlan, CronSchedule } from './health-check.ts'
import { intervalMsOf } from './health-check-timing.ts'
import { toleranceOfInterval } from './tolerance.ts'

export interface ScheduleFacts {
  itemId: number
  /** When the last run was due (not when it ran), milliseconds since 1970; null: there was none yet. */
  lastDueMs: number | null
  nowMs: number
}

type Timed = Pick<CheckPlan, 'schedule' | 'jitter'>

const minuteMs = 60_000
/** Workers lease a little ahead and their clocks differ: what was due so soon is the run that has just ended. */
const aheadMs = 1000
/** What is made up does not run right away. */
const leastWaitMs = 1000
/** What is made up is spread over so long at most. */
const longestSpreadMs = 10 * minuteMs

/**
 * When the next run is due, in milliseconds since 1970. A first run is due at once. The runs of an interval lie
 * on the item's grid (`grid.ts`): nothing drifts, a long run skips no slot, and runs that were missed are one.
 * From a run off the grid, as the first is, it is half an interval to one and a half. What is due in the future
 * (somebody ran the check by hand, or the clock was set back) stays as it is. The result is after `nowMs`; that
 * of an interval at most one and a half ahead, wherever a clock that was set back left `lastDueMs`.
 * @returns undefined when nothing is ever due: a heartbeat, or a cron expression that has run out
 * @throws  TrackerError `invalid` for a cron expression that `parseHealthCheck` would have refused
 */
export function nextRun(plan: Timed, { itemId, lastDueMs, nowMs }: ScheduleFacts): number | undefined {
  const { schedule, jitter } = plan
  if (schedule.kind === 'heartbeat') return undefined
  if (lastDueMs === null) return nowMs
  if (schedule.kind === 'interval') {
    return nextSlotMs({ itemId, jitter, intervalMs: schedule.intervalMs }, lastDueMs, nowMs)
  }
  const justDone = lastDueMs > nowMs && lastDueMs <= nowMs + aheadMs
  return nextFiringMs(schedule, jitter, itemId, justDone ? lastDueMs : nowMs)
}

function nextSlotMs(grid: Grid, lastDueMs: number, nowMs: number): number {
  const latestMs = nowMs + Math.floor(1.5 * grid.intervalMs)
  if (lastDueMs > nowMs + aheadMs && lastDueMs <= latestMs) return lastDueMs
  const fromMs = lastDueMs > latestMs ? nowMs : lastDueMs
  const slot = Math.max(slotFrom(grid, fromMs + grid.intervalMs / 2), slotAfter(grid, nowMs))
  return Math.min(slotMs(grid, slot), latestMs)
}

/** The first firing that, moved by its jitter, is after `afterMs`; it is never moved to the one that follows. */
function nextFiringMs(
  { expression, timezone }: CronSchedule,
  jitter: number,
  itemId: number,
  afterMs: number,
): number | undefined {
  if (jitter === 0) return nextCron(expression, timezone, afterMs)
  const widestMs = jitter * (shortestGapMs(expression) ?? 0)
  let firing = nextCron(expression, timezone, Math.floor(afterMs - widestMs))
  while (firing !== undefined) {
    const following = nextCron(expression, timezone, firing)
    // Summer time makes a gap shorter than the shortest by the clock on the wall.
    const roomMs = Math.min(widestMs, jitter * ((following ?? firing) - firing))
    const dueMs = firing + Math.floor(scatter(itemId, Math.floor(firing / minuteMs)) * roomMs)
    if (dueMs > afterMs) return dueMs
    firing = following
  }
  return undefined
}

type Missed = Pick<CheckPlan, 'schedule' | 'jitter' | 'missedRun'>

/**
 * When a run that was missed in a stop or a freeze is made up, so that the peak is at most twice the mean. At an
 * interval of up to 10 minutes: at the next grid time, within one interval. A longer one, and cron: with
 * `run_once` within 10 minutes or the interval, but not after the next regular run; with `skip` at that.
 * @returns undefined as for `nextRun`
 */
export function spreadSlot(
  plan: Missed,
  { itemId, nowMs }: Omit<ScheduleFacts, 'lastDueMs'>,
): number | undefined {
  const { schedule, jitter } = plan
  if (schedule.kind === 'heartbeat') return undefined
  const intervalMs = intervalMsOf(schedule)
  const isInterval = schedule.kind === 'interval'
  if (isInterval && intervalMs <= longestSpreadMs) return gridTimeMs(itemId, intervalMs, nowMs)
  const grid = { itemId, intervalMs, jitter }
  const regularMs = isInterval
    ? slotMs(grid, slotAfter(grid, nowMs))
    : nextFiringMs(schedule, jitter, itemId, nowMs)
  if (plan.missedRun === 'skip') return regularMs
  const spreadMs = Math.min(intervalMs, longestSpreadMs) - leastWaitMs
  const madeUpMs = nowMs + leastWaitMs + Math.floor(shareOf(itemId) * spreadMs)
  return Math.min(madeUpMs, regularMs ?? madeUpMs)
}

/** What would run within a second is spread over the rest of the interval: moved on alone, it would crowd. */
function gridTimeMs(itemId: number, intervalMs: number, nowMs: number): number {
  const wait = waitMs({ itemId, intervalMs }, nowMs)
  if (wait >= leastWaitMs) return nowMs + wait
  return nowMs + leastWaitMs + Math.floor((wait / leastWaitMs) * (intervalMs - leastWaitMs))
}

/** Whether a run is later than `maxLateness` allows: it is left out, and the next is the regular one. */
export const isTooLate = (
  { maxLatenessMs }: Pick<CheckPlan, 'maxLatenessMs'>,
  dueMs: number,
  nowMs: number,
): boolean => maxLatenessMs !== null && nowMs - dueMs > maxLatenessMs

/**
 * How late a run may start, in milliseconds, before the time since it was due counts as not watched: a tenth of
 * the interval (of cron: its shortest), but from 10 s to 5 minutes.
 */
export const toleranceMs = ({ schedule }: Pick<CheckPlan, 'schedule'>): number =>
  toleranceOfInterval(intervalMsOf(schedule))
