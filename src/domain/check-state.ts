/** The result machine: from the results of runs to the state of a check. Pure. */

import type { CheckResult, RunResult } from './observation.ts'

export interface CheckState {
  state: CheckResult
  /** Since when it has been so, milliseconds since 1970; null as long as nothing is known. */
  sinceMs: number | null
  /** Runs in a row that were down, and that were not. */
  failures: number
  successes: number
}

export interface Thresholds {
  /** Runs in a row until down. */
  failureThreshold: number
  /** Runs in a row until no longer down. */
  successThreshold: number
}

/** What a check starts from, also when it is edited or comes back to live. */
export const freshState: CheckState = { state: 'unknown', sinceMs: null, failures: 0, successes: 0 }

/**
 * The state after one more run. Runs count, not retries. Unknown neither counts nor resets, maintenance
 * freezes the state; in the start period failures do not count. Degraded is a success that shows. The first success ends unknown at once.
 * @param atMs  when the run ended; becomes `sinceMs` where the state changes
 * @returns     `before` itself where nothing counts
 */
export function nextState(
  before: CheckState,
  result: RunResult,
  { failureThreshold, successThreshold }: Thresholds,
  atMs: number,
  { inStartPeriod = false } = {},
): CheckState {
  if (result === 'unknown' || result === 'maintenance' || (result === 'down' && inStartPeriod)) return before
  if (result === 'down') {
    const failures = before.failures + 1
    const state = failures >= failureThreshold ? 'down' : before.state
    return changed(before, { state, failures, successes: 0 }, atMs)
  }
  const successes = before.successes + 1
  const stillDown = before.state === 'down' && successes < successThreshold
  return changed(before, { state: stillDown ? 'down' : result, failures: 0, successes }, atMs)
}

const changed = (before: CheckState, after: Omit<CheckState, 'sinceMs'>, atMs: number): CheckState => ({
  ...after,
  sinceMs: after.state === before.state ? before.sinceMs : atMs,
})
