/** Which sums a window of time is put together from, and how one is cut into hours or days. Pure. */

import { type StateChange, type StateTimes, stateTimes, type TimedState } from './uptime.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Part of a window: milliseconds since 1970, half-open; of hours and days whole ones. */
export interface Piece {
  by: 'states' | 'hour' | 'day'
  fromMs: number
  toMs: number
}

const floorTo = (ms: number, unitMs: number): number => Math.floor(ms / unitMs) * unitMs
const ceilTo = (ms: number, unitMs: number): number => Math.ceil(ms / unitMs) * unitMs

/**
 * Whole days out of days, whole hours beside them out of hours, the rest out of single changes.
 * @param summedMs     up to here hours are summed up, and with them the days that are over; null: nothing is
 * @param hoursFromMs  hours before are no longer kept
 * @returns the pieces in order, none empty; together they are the window
 */
export function piecesOf(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  summedMs: number | null,
  hoursFromMs: number,
): Piece[] {
  const endMs = floorTo(Math.min(toMs, summedMs ?? fromMs), hourMs)
  const hourFromMs = Math.min(ceilTo(fromMs, hourMs), Math.max(endMs, fromMs))
  const dayFromMs = ceilTo(fromMs, dayMs)
  const dayEndMs = floorTo(endMs, dayMs)
  const parts: Piece[] =
    dayFromMs < dayEndMs
      ? [
          { by: 'hour', fromMs: hourFromMs, toMs: dayFromMs },
          { by: 'day', fromMs: dayFromMs, toMs: dayEndMs },
          { by: 'hour', fromMs: dayEndMs, toMs: endMs },
        ]
      : [{ by: 'hour', fromMs: hourFromMs, toMs: endMs }]
  const all: Piece[] = [
    { by: 'states', fromMs, toMs: Math.min(hourFromMs, toMs) },
    ...parts,
    { by: 'states', fromMs: Math.max(hourFromMs, endMs), toMs },
  ]
  return all.filter((piece) => piece.fromMs < piece.toMs).map((piece) => stillKept(piece, hoursFromMs))
}

/** Changes of state are kept for ever. */
const stillKept = (piece: Piece, hoursFromMs: number): Piece =>
  piece.by === 'hour' && piece.fromMs < hoursFromMs ? { ...piece, by: 'states' } : piece

/** What is known of a time from its changes of state. */
export interface Walk {
  /** In force at the beginning. */
  before: TimedState
  /** Behind the beginning, oldest first. */
  changes: readonly StateChange[]
}

/** The walk with more changes; where both have one at the same instant, that of `more` counts. */
export function withChanges({ before, changes }: Walk, more: readonly StateChange[], fromMs: number): Walk {
  if (more.length === 0) return { before, changes }
  const earlier = more.findLast((change) => change.atMs <= fromMs)
  const later = more.filter((change) => change.atMs > fromMs)
  const merged = [...changes, ...later].sort((a, b) => a.atMs - b.atMs)
  return { before: earlier?.state ?? before, changes: merged }
}

/** The times of each hour or day from `fromMs`, the beginning of one, to that which holds `toMs`, and is cut there. */
export function timesByUnit(
  { before, changes }: Walk,
  fromMs: number,
  toMs: number,
  unitMs: number,
): StateTimes[] {
  const times: StateTimes[] = []
  let state = before
  let next = 0
  for (let startMs = fromMs; startMs <= toMs; startMs += unitMs) {
    const endMs = Math.min(startMs + unitMs, toMs)
    const from = next
    while (next < changes.length && changes[next]!.atMs < endMs) next++
    const inside = changes.slice(from, next)
    times.push(stateTimes(state, inside, startMs, endMs))
    state = inside.at(-1)?.state ?? state
  }
  return times
}
