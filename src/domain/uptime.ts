/** How long a check was in which state, and what follows: uptime, coverage, the error budget. Pure. */

import type { RunResult } from './observation.ts'

export type TimedState = RunResult

/** Milliseconds in each state; they add up to the window. */
export interface StateTimes {
  upMs: number
  degradedMs: number
  downMs: number
  unknownMs: number
  maintenanceMs: number
}

export interface StateChange {
  atMs: number
  state: TimedState
}

/**
 * @param before   the state in force at `fromMs`; unknown when there was none
 * @param changes  sorted by time, inside the window; of several at one instant the last counts
 * @param fromMs   the window, milliseconds since 1970; it is empty when `toMs` is not later
 */
export function stateTimes(
  before: TimedState,
  changes: readonly StateChange[],
  fromMs: number,
  toMs: number,
): StateTimes {
  const times = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 }
  let state = before
  let sinceMs = fromMs
  for (const change of changes) {
    const atMs = Math.min(change.atMs, toMs)
    // A clock that was set back counts nothing twice.
    if (atMs > sinceMs) {
      times[`${state}Ms`] += atMs - sinceMs
      sinceMs = atMs
    }
    state = change.state
  }
  if (toMs > sinceMs) times[`${state}Ms`] += toMs - sinceMs
  return times
}

export const addTimes = (a: StateTimes, b: StateTimes): StateTimes => ({
  upMs: a.upMs + b.upMs,
  degradedMs: a.degradedMs + b.degradedMs,
  downMs: a.downMs + b.downMs,
  unknownMs: a.unknownMs + b.unknownMs,
  maintenanceMs: a.maintenanceMs + b.maintenanceMs,
})

const watchedMs = ({ upMs, degradedMs, downMs }: StateTimes): number => upMs + degradedMs + downMs

/**
 * Time-weighted: good / (total − maintenance − unknown); degraded counts as up.
 * @returns `ratio` from 0 to 1, null when nothing was watched; `coverage` the share of the time outside
 *          maintenance that was watched, null when there was none
 */
export function uptimeOf(times: StateTimes): { ratio: number | null; coverage: number | null } {
  const watched = watchedMs(times)
  const wanted = watched + times.unknownMs
  return {
    ratio: watched === 0 ? null : (times.upMs + times.degradedMs) / watched,
    coverage: wanted === 0 ? null : watched / wanted,
  }
}

/**
 * The error budget of an objective: how long the check may be down in its window.
 * @param times     of that window, as far as it has been seen
 * @param windowMs  its whole length
 * @param target    share of good time, above 0 and below 1
 * @returns `left` as a share of the budget: 1 untouched, 0 spent, below 0 overspent
 */
export function budgetOf(
  times: StateTimes,
  windowMs: number,
  target: number,
): { allowedMs: number; spentMs: number; left: number } {
  const exactMs = windowMs * (1 - target)
  return { allowedMs: Math.round(exactMs), spentMs: times.downMs, left: 1 - times.downMs / exactMs }
}

/**
 * How fast the budget is spent: 1 spends it exactly in its window, 10 in a tenth of that.
 * @param times  of a recent, shorter window
 * @returns null when nothing was watched in it
 */
export function burnRate(times: StateTimes, target: number): number | null {
  const watched = watchedMs(times)
  return watched === 0 ? null : times.downMs / watched / (1 - target)
}
