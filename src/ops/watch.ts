/** Whether somebody looks, and what was so since the last run. Loaded when uptime or health is asked for. */

import type { Maintenance } from '../domain/health-check.ts'
import { maintenanceSpans } from '../domain/maintenance.ts'
import { isPaused } from '../domain/pause.ts'
import { changesBetween } from '../domain/timeline.ts'
import { leastToleranceMs, longestToleranceMs } from '../domain/tolerance.ts'
import type { StateChange } from '../domain/uptime.ts'
import type { CheckRow } from '../store/checks.ts'
import { planOrUndefined } from './check-life.ts'
import { type Due, dueOf, heldUntilMs, toleranceOf } from './watched-until.ts'

/**
 * Since when nobody has looked, although it was time to; null: somebody did. Reads the check only where its own
 * tolerance matters.
 */
export async function notWatchedSinceMs(check: Due, text: string, nowMs: number): Promise<number | null> {
  const dueMs = dueOf(check)
  if (dueMs === null || nowMs - dueMs <= leastToleranceMs || heldUntilMs(check) >= nowMs) return null
  if (nowMs - dueMs > longestToleranceMs) return dueMs
  return nowMs - dueMs > (await toleranceOf(text)) ? dueMs : null
}

export interface Watch {
  check: Due & Pick<CheckRow, 'told' | 'lastRunMs' | 'lastResult' | 'state' | 'pausedMs' | 'pausedUntilMs'>
  /** As stored; null: there is none. */
  healthCheck: string | null
  isLive: boolean
  /** Windows that were planned by command, besides those of the check. */
  planned: readonly Maintenance[]
  /** When the state last changed; undefined: never. Asked for where there is maintenance. */
  toldMs: number | undefined
}

/** Whether it has maintenance of its own, or may have: whoever knows that there is none asks for less. */
export const mayHaveMaintenance = (healthCheck: string): boolean => healthCheck.includes('"maintenance"')

/** What the next run would tell of the time until now, if it were to come now: the same rules, before it is stored. */
export async function tailOf(
  { check, healthCheck, isLive, planned, toldMs }: Watch,
  nowMs: number,
): Promise<StateChange[]> {
  const { told, lastRunMs } = check
  if (lastRunMs === null) return []
  const since = (atMs: number): StateChange[] =>
    told === null || told === 'unknown' || atMs >= nowMs ? [] : [{ atMs, state: 'unknown' }]
  // The owner's own SQL took it out of live, or its check away: when is not known.
  if (!isLive || healthCheck === null) return since(lastRunMs)
  if (isPaused(check, nowMs)) return told === 'maintenance' ? [] : since(Math.max(lastRunMs, check.pausedMs!))
  const plan = mayHaveMaintenance(healthCheck) ? await planOrUndefined(healthCheck) : undefined
  const windows = [...(plan?.maintenance ?? []), ...planned]
  // What was told since the last run, a pause say, is not told otherwise.
  const lastMs = windows.length > 0 ? Math.max(lastRunMs, toldMs ?? 0) : lastRunMs
  const changes = changesBetween({
    told,
    held: check.lastResult === 'unknown' ? 'unknown' : check.state.state,
    lastMs,
    gapMs: await gapOf(check, healthCheck, nowMs),
    maintenance: maintenanceSpans(windows, lastMs, nowMs),
    atMs: nowMs,
    state: told ?? 'unknown',
  })
  return changes.filter((change) => change.atMs < nowMs)
}

async function gapOf(check: Watch['check'], text: string, nowMs: number): Promise<number | null> {
  if (dueOf(check) !== null) return notWatchedSinceMs(check, text, nowMs)
  // Only a job that reports when it likes is never due.
  return text.includes('"heartbeat"') ? null : check.lastRunMs
}
