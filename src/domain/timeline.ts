/** What was so between two runs: which changes of state a run brings to light. Pure. */

import type { Span } from './maintenance.ts'
import type { StateChange, TimedState } from './uptime.ts'

export interface Between {
  /** The state that was told last, null for none. */
  told: TimedState | null
  /** What held outside of maintenance from the last run on. */
  held: TimedState
  /** When the last run was; null: this is the first. */
  lastMs: number | null
  /** From here on nobody watched, until this run; null: somebody did. */
  gapMs: number | null
  /** Maintenance, sorted and apart. */
  maintenance: readonly Span[]
  /** When this run was, and the state from then on. */
  atMs: number
  state: TimedState
}

/**
 * The changes from the last run to this one, in order, no two at one instant, none that changes nothing. Maintenance
 * is told to its edge; what was not watched is unknown, never up and never down. A clock that was set back tells
 * nothing of the time between.
 */
export function changesBetween(between: Between): StateChange[] {
  const { told, lastMs, atMs, state } = between
  const changes: StateChange[] = []
  let current = told
  const tell = (change: StateChange): void => {
    if (change.state === current) return
    current = change.state
    changes.push(change)
  }
  if (lastMs !== null && lastMs < atMs) for (const change of meanwhile(between, lastMs)) tell(change)
  tell({ atMs, state })
  return changes
}

function meanwhile({ held, gapMs, maintenance, atMs }: Between, lastMs: number): StateChange[] {
  const edges = [lastMs, gapMs ?? lastMs, ...maintenance.flatMap(({ fromMs, toMs }) => [fromMs, toMs])]
  const inside = [...new Set(edges)].filter((edge) => edge >= lastMs && edge < atMs).sort((a, b) => a - b)
  const stateFrom = (edgeMs: number): TimedState => {
    if (maintenance.some(({ fromMs, toMs }) => fromMs <= edgeMs && edgeMs < toMs)) return 'maintenance'
    return gapMs !== null && edgeMs >= gapMs ? 'unknown' : held
  }
  return inside.map((edgeMs) => ({ atMs: edgeMs, state: stateFrom(edgeMs) }))
}
