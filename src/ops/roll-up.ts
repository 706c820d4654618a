/** Sums up what is over: hours, then days, each once; and takes away what is older than it is kept. */

import { stateTimes } from '../domain/uptime.ts'
import type { CheckRow } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import { pruneRuns } from '../store/runs.ts'
import {
  insertSums,
  listSums,
  markRolled,
  notSummedMs,
  pruneSums,
  runsByHour,
  type Sum,
  stateAt,
  statesBetween,
  unitMs,
} from '../store/states.ts'
import type { Context } from './operation.ts'

const dayMs = unitMs.day
/** How long each is kept. Of runs the last hundred stay in any case, and changes of state for ever. */
export const kept = { runsMs: 7 * dayMs, runs: 100, hours: 90 * 24, days: 5 * 366 }

const noRuns = { runs: 0, failed: 0, durationMs: 0, longestMs: 0 }

/**
 * Sums up the hours that ended before `atMs` and were not yet; does nothing within an hour.
 * @param check as it was before the run at `atMs`
 */
export async function rollUp({ q }: Context, itemId: number, check: CheckRow, atMs: number): Promise<void> {
  const hour = Math.floor(atMs / unitMs.hour)
  if (check.rolledMs !== null && check.rolledMs >= hour * unitMs.hour) return
  const firstMs = check.rolledMs ?? (await notSummedMs(q, itemId)) ?? atMs
  const first = Math.max(Math.floor(firstMs / unitMs.hour), hour - kept.days * 24)
  if (first < hour) {
    const sums = await hoursOf(q, itemId, first, hour)
    // Of a time that nobody summed up for so long, the hours would be gone at once; their days stay.
    const lasting = sums.filter(({ unit }) => unit >= hour - kept.hours)
    await insertSums(q, 'hour', itemId, lasting)
    await insertDays(q, itemId, sums, first, Math.floor(hour / 24))
  }
  await markRolled(q, itemId, hour * unitMs.hour)
  await pruneRuns(q, itemId, atMs - kept.runsMs, kept.runs)
  await pruneSums(q, 'hour', itemId, hour - kept.hours)
  await pruneSums(q, 'day', itemId, Math.floor(hour / 24) - kept.days)
}

/** Hours of which something is known. */
async function hoursOf(q: Queries, itemId: number, first: number, end: number): Promise<Sum[]> {
  const fromMs = first * unitMs.hour
  const toMs = end * unitMs.hour
  let state = (await stateAt(q, itemId, fromMs)) ?? 'unknown'
  const changes = await statesBetween(q, itemId, fromMs, toMs)
  const runs = await runsByHour(q, itemId, fromMs, toMs)
  const sums: Sum[] = []
  let next = 0
  for (let unit = first; unit < end; unit++) {
    const startMs = unit * unitMs.hour
    const endMs = startMs + unitMs.hour
    const from = next
    while (next < changes.length && changes[next]!.atMs < endMs) next++
    const inside = changes.slice(from, next)
    const { unknownMs, ...times } = stateTimes(state, inside, startMs, endMs)
    state = inside.at(-1)?.state ?? state
    if (unknownMs < unitMs.hour || runs.has(unit))
      sums.push({ unit, ...times, ...(runs.get(unit) ?? noRuns) })
  }
  return sums
}

/** Days that are over before `end`, out of their hours: those summed up just now, and before `first` those stored. */
async function insertDays(
  q: Queries,
  itemId: number,
  sums: readonly Sum[],
  first: number,
  end: number,
): Promise<void> {
  const firstDay = Math.floor(first / 24)
  if (firstDay >= end) return
  const begun = await listSums(q, 'hour', itemId, firstDay * 24, first)
  const days = new Map<number, Sum>()
  for (const hour of [...begun, ...sums]) {
    const unit = Math.floor(hour.unit / 24)
    if (unit < end) days.set(unit, together(days.get(unit), { ...hour, unit }))
  }
  await insertSums(q, 'day', itemId, [...days.values()])
}

const together = (a: Sum | undefined, b: Sum): Sum =>
  a === undefined
    ? b
    : {
        unit: a.unit,
        upMs: a.upMs + b.upMs,
        degradedMs: a.degradedMs + b.degradedMs,
        downMs: a.downMs + b.downMs,
        maintenanceMs: a.maintenanceMs + b.maintenanceMs,
        runs: a.runs + b.runs,
        failed: a.failed + b.failed,
        durationMs: a.durationMs + b.durationMs,
        longestMs: Math.max(a.longestMs, b.longestMs),
      }
