/** How live items stand, judged at one instant: the same for `health`, `doctor` and the metrics. */

import { isFlapping } from '../domain/flapping.ts'
import type { CheckResult } from '../domain/observation.ts'
import { isPaused } from '../domain/pause.ts'
import type { LiveItem } from '../store/live.ts'
import type { WorkerRow } from '../store/workers.ts'
import { notWatchedSinceMs } from './watch.ts'

export type ShownState = CheckResult | 'maintenance' | 'paused' | 'off' | 'no-check'

export interface Standing {
  item: LiveItem
  state: ShownState
  flapping: boolean
  /** Nobody has looked since, although it was time to. */
  notWatchedMs: number | null
}

/** A worker that was not seen for so long works no more, in milliseconds. */
const goneMs = 60_000

/** Does it stay, and was it seen lately? */
export const isHere = (
  { concurrency, seenMs }: Pick<WorkerRow, 'concurrency' | 'seenMs'>,
  nowMs: number,
): boolean => concurrency > 0 && nowMs - seenMs <= goneMs

export async function standingOf(item: LiveItem, nowMs: number): Promise<Standing> {
  const { check, healthCheck } = item
  const standing = (state: ShownState, notWatchedMs: number | null = null): Standing => ({
    item,
    state,
    flapping: check !== undefined && healthCheck !== null && isFlapping(check.history),
    notWatchedMs,
  })
  if (healthCheck === null) return standing('no-check')
  if (isOff(healthCheck)) return standing('off')
  if (check === undefined) return standing('unknown')
  if (isPaused(check, nowMs)) return standing('paused')
  const notWatchedMs = await notWatchedSinceMs(check, healthCheck, nowMs)
  if (notWatchedMs !== null) return standing('unknown', notWatchedMs)
  return standing(check.lastResult === 'maintenance' ? 'maintenance' : check.state.state)
}

function isOff(healthCheck: string): boolean {
  if (!healthCheck.includes('"enabled"')) return false
  try {
    return (JSON.parse(healthCheck) as { enabled?: unknown } | null)?.enabled === false
  } catch {
    return false // what the owner's own SQL left there is not switched off
  }
}

/** Down now, or when somebody last looked. */
export const isDown = ({ state, notWatchedMs, item }: Standing): boolean =>
  state === 'down' || (notWatchedMs !== null && item.check?.state.state === 'down')

/** Something waits, and no worker was seen for a while. A pass now and then (`check --due`) is enough where nothing waits. */
export const isNobodyWatching = (
  standings: readonly Standing[],
  workers: readonly WorkerRow[],
  nowMs: number,
): boolean =>
  !workers.some((worker) => isHere(worker, nowMs)) &&
  standings.some(({ item, state }) => isWatched(state) && isWaiting(item, nowMs))

/** Is it probed on schedule? */
const isWatched = (state: ShownState): boolean =>
  state !== 'no-check' && state !== 'off' && state !== 'paused'

/** Not on schedule yet, or due. */
const isWaiting = ({ check }: LiveItem, nowMs: number): boolean =>
  check === undefined || (check.nextRunMs !== null && check.nextRunMs <= nowMs)
