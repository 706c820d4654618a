/**
 * What uptime is told from, for many items and times at once: one statement a kind of row, however many are asked
 * for. Times are integer milliseconds, hours and days since 1970.
 */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import type { StateChange, TimedState } from '../domain/uptime.ts'
import { resultOf } from './checks.ts'
import type { Queries } from './database.ts'
import type { Sum, Unit } from './states.ts'

/** Half-open: of an item, units of its sums or milliseconds. */
export interface Range {
  itemId: number
  from: number
  to: number
}

/** Without `unit`: all together. */
export type Total = Omit<Sum, 'unit'>
export type Tally = Pick<Sum, 'runs' | 'failed' | 'durationMs' | 'longestMs'>

const tables = { hour: raw('pipeline_hours'), day: raw('pipeline_days') }
const columns = { hour: raw('hour'), day: raw('day') }

/** In one statement: a parameter a number, of which both engines take 32,000. */
const most = 2000

/** `r (n, item_id, from_at, to_at)`: the ranges by their place in the list. */
const rangesOf = (ranges: readonly Range[], first: number): Sql =>
  sql`WITH r (n, item_id, from_at, to_at) AS (VALUES ${join(
    ranges.map(
      ({ itemId, from, to }, index) =>
        sql`(CAST(${first + index} AS BIGINT), CAST(${itemId} AS BIGINT), CAST(${from} AS BIGINT), CAST(${to} AS BIGINT))`,
    ),
  )})`

async function asked<R>(ranges: readonly Range[], ask: (part: Sql) => Promise<R[]>): Promise<R[]> {
  const rows: R[] = []
  for (let from = 0; from < ranges.length; from += most)
    rows.push(...(await ask(rangesOf(ranges.slice(from, from + most), from))))
  return rows
}

interface RawTotal {
  n: number
  up_ms: number
  degraded_ms: number
  down_ms: number
  maintenance_ms: number
  runs: number
  failed: number
  duration_ms: number
  longest_ms: number
}

// PostgreSQL gives sums as text.
const toTotal = (row: RawTotal): Total => ({
  upMs: Number(row.up_ms),
  degradedMs: Number(row.degraded_ms),
  downMs: Number(row.down_ms),
  maintenanceMs: Number(row.maintenance_ms),
  runs: Number(row.runs),
  failed: Number(row.failed),
  durationMs: Number(row.duration_ms),
  longestMs: Number(row.longest_ms),
})

/** Hours or days of each range together, by its place in the list; not there: of which nothing is known. */
export async function totalsIn(
  q: Queries,
  unit: Unit,
  ranges: readonly Range[],
): Promise<Map<number, Total>> {
  const rows = await asked(ranges, (part) =>
    q.all<RawTotal>(sql`${part}
      SELECT r.n, sum(up_ms) AS up_ms, sum(degraded_ms) AS degraded_ms, sum(down_ms) AS down_ms,
        sum(maintenance_ms) AS maintenance_ms, sum(runs) AS runs, sum(failed) AS failed,
        sum(duration_ms) AS duration_ms, max(longest_ms) AS longest_ms
      FROM r CROSS JOIN ${tables[unit]} s WHERE s.item_id = r.item_id AND s.${columns[unit]} >= r.from_at
        AND s.${columns[unit]} < r.to_at GROUP BY r.n`),
  )
  return new Map(rows.map((row) => [Number(row.n), toTotal(row)]))
}

/** The hours or days themselves, by the place of their range in the list. */
export async function sumsIn(
  q: Queries,
  unit: Unit,
  ranges: readonly Range[],
): Promise<Map<number, (Total & { unit: number })[]>> {
  const rows = await asked(ranges, (part) =>
    q.all<RawTotal & { unit: number }>(sql`${part}
      SELECT r.n, s.${columns[unit]} AS unit, up_ms, degraded_ms, down_ms, maintenance_ms, runs, failed, duration_ms,
        longest_ms
      FROM r CROSS JOIN ${tables[unit]} s WHERE s.item_id = r.item_id AND s.${columns[unit]} >= r.from_at
        AND s.${columns[unit]} < r.to_at ORDER BY r.n, s.${columns[unit]}`),
  )
  const found = new Map<number, (Total & { unit: number })[]>()
  for (const row of rows) listIn(found, Number(row.n)).push({ unit: row.unit, ...toTotal(row) })
  return found
}

function listIn<T>(lists: Map<number, T[]>, key: number): T[] {
  const known = lists.get(key)
  if (known) return known
  const made: T[] = []
  lists.set(key, made)
  return made
}

/** The state in force at the beginning of each range, and the changes inside it, oldest first. */
export async function walksIn(
  q: Queries,
  ranges: readonly Range[],
): Promise<{ before: TimedState; changes: StateChange[] }[]> {
  const rows = await asked(ranges, (part) =>
    q.all<{ n: number; at_ms: number; state: string | null }>(sql`${part}
      SELECT r.n AS n, r.from_at AS at_ms, (SELECT s.state FROM pipeline_states s
        WHERE s.item_id = r.item_id AND s.at_ms <= r.from_at ORDER BY s.at_ms DESC LIMIT 1) AS state FROM r
      UNION ALL
      SELECT r.n AS n, s.at_ms, s.state FROM r CROSS JOIN pipeline_states s
        WHERE s.item_id = r.item_id AND s.at_ms > r.from_at AND s.at_ms < r.to_at
      ORDER BY 1, 2`),
  )
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
  const rows = await asked(ranges, (part) =>
    q.all<Pick<RawTotal, 'n' | 'runs' | 'failed' | 'duration_ms' | 'longest_ms'>>(sql`${part}
      SELECT r.n, count(*) AS runs, sum(CASE WHEN result = 'down' THEN 1 ELSE 0 END) AS failed,
        sum(duration_ms) AS duration_ms, max(duration_ms) AS longest_ms
      FROM r CROSS JOIN pipeline_runs s WHERE s.item_id = r.item_id AND s.started_ms >= r.from_at
        AND s.started_ms < r.to_at GROUP BY r.n`),
  )
  return new Map(
    rows.map((row) => [
      Number(row.n),
      {
        runs: Number(row.runs),
        failed: Number(row.failed),
        durationMs: Number(row.duration_ms),
        longestMs: Number(row.longest_ms),
      },
    ]),
  )
}
