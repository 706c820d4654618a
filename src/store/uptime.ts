/**
 * What uptime is told from, for many items and times at once: one statement a kind of row, however many are asked
 * for. Times are integer milliseconds, hours and days since 1970.
 */

import sql, { raw, type Sql } from 'sql-template-tag'
import type { StateChange, TimedState } from '../domain/uptime.ts'
import { resultOf } from './checks.ts'
import type { Queries } from './database.ts'
import {
  columns,
  type RawTally,
  type RawTotal,
  type Sum,
  type Tally,
  type Total,
  tables,
  toTally,
  toTotal,
  type Unit,
  unitMs,
} from './states.ts'

/** Half-open: of an item, units of its sums or milliseconds. */
export interface Range {
  itemId: number
  from: number
  to: number
}

/**
 * `r (n, item_id, from_at, to_at)`: the ranges by their place in the list. As one parameter: the statement is the same
 * however many there are, and is prepared once.
 */
function rangesOf(q: Queries, ranges: readonly Range[]): Sql {
  const json = JSON.stringify(ranges.map(({ itemId, from, to }, n) => [n, itemId, from, to]))
  const rows =
    q.engine === 'sqlite' ? sql`json_each(${json})` : sql`jsonb_array_elements(CAST(${json} AS jsonb))`
  const column = (place: number): Sql => raw(`CAST(value ->> ${place} AS BIGINT)`)
  return sql`WITH r (n, item_id, from_at, to_at) AS MATERIALIZED (
    SELECT ${column(0)}, ${column(1)}, ${column(2)}, ${column(3)} FROM ${rows})`
}

/** Hours or days of each range together, by its place in the list; not there: of which nothing is known. */
export async function totalsIn(
  q: Queries,
  unit: Unit,
  ranges: readonly Range[],
): Promise<Map<number, Total>> {
  if (ranges.length === 0) return new Map()
  const rows = await q.all<RawTotal & { n: number }>(sql`${rangesOf(q, ranges)}
      SELECT r.n, sum(up_ms) AS up_ms, sum(degraded_ms) AS degraded_ms, sum(down_ms) AS down_ms,
        sum(maintenance_ms) AS maintenance_ms, sum(runs) AS runs, sum(failed) AS failed,
        sum(duration_ms) AS duration_ms, max(longest_ms) AS longest_ms
      FROM r CROSS JOIN ${tables[unit]} s WHERE s.item_id = r.item_id AND s.${columns[unit]} >= r.from_at
        AND s.${columns[unit]} < r.to_at GROUP BY r.n`)
  return new Map(rows.map((row) => [Number(row.n), toTotal(row)]))
}

/** What is known of an hour or a day. */
export type UnitTimes = Omit<Sum, 'unit' | keyof Tally>

/**
 * The hours or days themselves, by the place of their range in the list, then by unit. A row an item: to read each
 * hour of a thousand items as a row of its own takes three times as long.
 */
export async function sumsIn(
  q: Queries,
  unit: Unit,
  ranges: readonly Range[],
): Promise<Map<number, Map<number, UnitTimes>>> {
  if (ranges.length === 0) return new Map()
  const rows = await q.all<{ n: number; sums: string }>(sql`${rangesOf(q, ranges)}
      SELECT r.n, string_agg(CAST(s.${columns[unit]} AS TEXT) || CASE WHEN up_ms = ${unitMs[unit]} THEN ''
        ELSE ',' || up_ms || ',' || degraded_ms || ',' || down_ms || ',' || maintenance_ms END, ' ') AS sums
      FROM r CROSS JOIN ${tables[unit]} s WHERE s.item_id = r.item_id AND s.${columns[unit]} >= r.from_at
        AND s.${columns[unit]} < r.to_at GROUP BY r.n`)
  // Almost all of them were up from end to end.
  const allUp = { upMs: unitMs[unit], degradedMs: 0, downMs: 0, maintenanceMs: 0 }
  const read = (text: string): [unit: number, times: UnitTimes] =>
    text.includes(',') ? unitTimes(text) : [Number(text), allUp]
  return new Map(rows.map(({ n, sums }) => [Number(n), new Map(sums.split(' ').map(read))]))
}

function unitTimes(text: string): [unit: number, times: UnitTimes] {
  const [unit, upMs, degradedMs, downMs, maintenanceMs] = text.split(',').map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return [unit, { upMs, degradedMs, downMs, maintenanceMs }]
}

/** The state in force at the beginning of each range, and the changes inside it, oldest first. */
export async function walksIn(
  q: Queries,
  ranges: readonly Range[],
): Promise<{ before: TimedState; changes: StateChange[] }[]> {
  if (ranges.length === 0) return []
  const rows = await q.all<{ n: number; at_ms: number; state: string | null }>(sql`${rangesOf(q, ranges)}
      SELECT r.n AS n, r.from_at AS at_ms, (SELECT s.state FROM pipeline_states s
        WHERE s.item_id = r.item_id AND s.at_ms <= r.from_at ORDER BY s.at_ms DESC LIMIT 1) AS state FROM r
      UNION ALL
      SELECT r.n AS n, s.at_ms, s.state FROM r CROSS JOIN pipeline_states s
        WHERE s.item_id = r.item_id AND s.at_ms > r.from_at AND s.at_ms < r.to_at
      ORDER BY 1, 2`)
  const walks = ranges.map(() => ({ before: 'unknown' as TimedState, changes: [] as StateChange[] }))
  for (const { n, at_ms, state } of rows) {
    const walk = walks[Number(n)]!
    if (at_ms === ranges[Number(n)]!.from) walk.before = resultOf(state)
    else walk.changes.push({ atMs: at_ms, state: resultOf(state) })
  }
  return walks
}

/** Runs that began in each range, as far as they are kept, by its place in the list. */
export async function runsIn(q: Queries, ranges: readonly Range[]): Promise<Map<number, Tally>> {
  if (ranges.length === 0) return new Map()
  const rows = await q.all<RawTally & { n: number }>(sql`${rangesOf(q, ranges)}
      SELECT r.n, count(*) AS runs, sum(CASE WHEN result = 'down' THEN 1 ELSE 0 END) AS failed,
        sum(duration_ms) AS duration_ms, max(duration_ms) AS longest_ms
      FROM r CROSS JOIN pipeline_runs s WHERE s.item_id = r.item_id AND s.started_ms >= r.from_at
        AND s.started_ms < r.to_at GROUP BY r.n`)
  return new Map(rows.map((row) => [Number(row.n), toTally(row)]))
}
