/** Changes of state, for ever; hours and days summed up. Times are integer milliseconds, hours and days since 1970. */

import sql, { join, raw } from 'sql-template-tag'
import type { StateChange, StateTimes, TimedState } from '../domain/uptime.ts'
import { resultOf } from './checks.ts'
import type { Queries } from './database.ts'

export interface ItemState extends StateChange {
  itemId: number
}

/** Of two changes at one instant the later one counts. */
export async function insertStates(q: Queries, changes: readonly ItemState[]): Promise<void> {
  // One statement may not name a row twice.
  const last = new Map(changes.map((change) => [`${change.itemId}.${change.atMs}`, change]))
  if (last.size === 0) return
  const rows = [...last.values()].map(({ itemId, atMs, state }) => sql`(${itemId}, ${atMs}, ${state})`)
  await q.run(sql`INSERT INTO pipeline_states (item_id, at_ms, state) VALUES ${join(rows)}
    ON CONFLICT (item_id, at_ms) DO UPDATE SET state = excluded.state`)
}

/** Changes behind an instant that has come again, since the clock was set back: they would come true a second time. */
export const forgetStatesAfter = (q: Queries, itemId: number, atMs: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_states WHERE item_id = ${itemId} AND at_ms > ${atMs}`)

/** The state in force at an instant; undefined before the first. */
export async function stateAt(q: Queries, itemId: number, atMs: number): Promise<TimedState | undefined> {
  const row = await q.get<{ state: string }>(sql`SELECT state FROM pipeline_states
    WHERE item_id = ${itemId} AND at_ms <= ${atMs} ORDER BY at_ms DESC LIMIT 1`)
  return row && resultOf(row.state)
}

/** The instants of the last changes of checks, by item; not there: where there is none. */
export async function lastStatesMs(q: Queries, itemIds: readonly number[]): Promise<Map<number, number>> {
  if (itemIds.length === 0) return new Map()
  const rows = await q.all<{ item_id: number; at: number | null }>(sql`SELECT c.item_id, (SELECT max(s.at_ms)
      FROM pipeline_states s WHERE s.item_id = c.item_id) AS at
    FROM pipeline_checks c WHERE c.item_id IN (${join([...itemIds])})`)
  return new Map(rows.flatMap(({ item_id, at }) => (at === null ? [] : [[item_id, at]])))
}

/** Changes behind `fromMs` and before `toMs`, oldest first. */
export async function statesBetween(
  q: Queries,
  itemId: number,
  fromMs: number,
  toMs: number,
): Promise<StateChange[]> {
  const rows = await q.all<{ at_ms: number; state: string }>(sql`SELECT at_ms, state FROM pipeline_states
    WHERE item_id = ${itemId} AND at_ms > ${fromMs} AND at_ms < ${toMs} ORDER BY at_ms`)
  return rows.map((row) => ({ atMs: row.at_ms, state: resultOf(row.state) }))
}

/** From when on nothing is summed up: behind the last hour that is, else the first change ever. */
export async function notSummedMs(q: Queries, itemId: number): Promise<number | undefined> {
  const row = await q.get<{ hour: number | null; at: number | null }>(sql`
    SELECT (SELECT max(hour) FROM pipeline_hours WHERE item_id = ${itemId}) AS hour,
      (SELECT min(at_ms) FROM pipeline_states WHERE item_id = ${itemId}) AS at`)
  return row?.hour === null || row?.hour === undefined ? (row?.at ?? undefined) : (row.hour + 1) * unitMs.hour
}

/** An hour or a day. `unknownMs` is what the others leave of it. */
export interface Sum extends Omit<StateTimes, 'unknownMs'> {
  /** Hours or days since 1970. */
  unit: number
  runs: number
  failed: number
  /** All runs together. */
  durationMs: number
  longestMs: number
}

export type Unit = 'hour' | 'day'

/** Without `unit`: all together. */
export type Total = Omit<Sum, 'unit'>
export type Tally = Pick<Sum, 'runs' | 'failed' | 'durationMs' | 'longestMs'>

export const tables = { hour: raw('pipeline_hours'), day: raw('pipeline_days') }
export const columns = { hour: raw('hour'), day: raw('day') }

export const unitMs: Record<Unit, number> = { hour: 3_600_000, day: 86_400_000 }

export async function insertSums(
  q: Queries,
  unit: Unit,
  itemId: number,
  sums: readonly Sum[],
): Promise<void> {
  for (let from = 0; from < sums.length; from += 500) {
    const rows = sums.slice(from, from + 500).map(
      (
        sum,
      ) => sql`(${itemId}, ${sum.unit}, ${sum.upMs}, ${sum.degradedMs}, ${sum.downMs}, ${sum.maintenanceMs},
          ${sum.runs}, ${sum.failed}, ${sum.durationMs}, ${sum.longestMs})`,
    )
    await q.run(sql`INSERT INTO ${tables[unit]} (item_id, ${columns[unit]}, up_ms, degraded_ms, down_ms,
        maintenance_ms, runs, failed, duration_ms, longest_ms) VALUES ${join(rows)}
      ON CONFLICT (item_id, ${columns[unit]}) DO UPDATE SET up_ms = excluded.up_ms,
        degraded_ms = excluded.degraded_ms, down_ms = excluded.down_ms, maintenance_ms = excluded.maintenance_ms,
        runs = excluded.runs, failed = excluded.failed, duration_ms = excluded.duration_ms,
        longest_ms = excluded.longest_ms`)
  }
}

export interface RawTotal {
  up_ms: number
  degraded_ms: number
  down_ms: number
  maintenance_ms: number
  runs: number
  failed: number
  duration_ms: number
  longest_ms: number
}

export type RawTally = Pick<RawTotal, 'runs' | 'failed' | 'duration_ms' | 'longest_ms'>

// PostgreSQL gives sums as text.
export const toTotal = (row: RawTotal): Total => ({
  upMs: Number(row.up_ms),
  degradedMs: Number(row.degraded_ms),
  downMs: Number(row.down_ms),
  maintenanceMs: Number(row.maintenance_ms),
  ...toTally(row),
})

export const toTally = (row: RawTally): Tally => ({
  runs: Number(row.runs),
  failed: Number(row.failed),
  durationMs: Number(row.duration_ms),
  longestMs: Number(row.longest_ms),
})

/** From `from` on, before `to`, oldest first; an hour of which nothing is known is not there. */
export async function listSums(
  q: Queries,
  unit: Unit,
  itemId: number,
  from: number,
  to: number,
): Promise<Sum[]> {
  const rows = await q.all<RawTotal & { unit: number }>(sql`
    SELECT ${columns[unit]} AS unit, up_ms, degraded_ms, down_ms, maintenance_ms, runs, failed, duration_ms, longest_ms
    FROM ${tables[unit]} WHERE item_id = ${itemId} AND ${columns[unit]} >= ${from} AND ${columns[unit]} < ${to}
    ORDER BY ${columns[unit]}`)
  return rows.map((row) => ({ unit: row.unit, ...toTotal(row) }))
}

/** Runs of an hour each, as far as they are still kept. */
export async function runsByHour(
  q: Queries,
  itemId: number,
  fromMs: number,
  toMs: number,
): Promise<Map<number, Tally>> {
  const rows = await q.all<RawTally & { unit: number }>(sql`
    SELECT started_ms / ${raw(String(unitMs.hour))} AS unit, count(*) AS runs,
      sum(CASE WHEN result = 'down' THEN 1 ELSE 0 END) AS failed, sum(duration_ms) AS duration_ms,
      max(duration_ms) AS longest_ms
    FROM pipeline_runs WHERE item_id = ${itemId} AND started_ms >= ${fromMs} AND started_ms < ${toMs}
    GROUP BY 1`)
  return new Map(rows.map((row) => [Number(row.unit), toTally(row)]))
}

export const pruneSums = (q: Queries, unit: Unit, itemId: number, before: number): Promise<number> =>
  q.run(sql`DELETE FROM ${tables[unit]} WHERE item_id = ${itemId} AND ${columns[unit]} < ${before}`)

export const markRolled = (q: Queries, itemId: number, rolledMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET rolled_ms = ${rolledMs} WHERE item_id = ${itemId}`)
