/** Runs as they came, and what they made of their checks. Times are integer milliseconds. */

import sql, { join, type Sql } from 'sql-template-tag'
import type { CheckState } from '../domain/check-state.ts'
import type { RunResult } from '../domain/observation.ts'
import type { TimedState } from '../domain/uptime.ts'
import { resultOf } from './checks.ts'
import type { Queries } from './database.ts'

export interface RecordedRun {
  itemId: number
  state: CheckState
  history: number
  told: TimedState
  result: RunResult
  summary: string
  /** JSON of the numbers that a plugin printed. */
  perfdata: string | null
  startedMs: number
  durationMs: number
  attempts: number
  /** null: no longer scheduled */
  nextRunMs: number | null
  /** The end of the maintenance that it fell into. */
  maintenanceUntilMs: number | null
}

/** PostgreSQL is asked once for many; SQLite is fastest with one short statement that is prepared once. */
const together = (q: Queries, rows: readonly RecordedRun[]): RecordedRun[][] => {
  const size = q.engine === 'sqlite' ? 1 : 500
  const parts: RecordedRun[][] = []
  for (let from = 0; from < rows.length; from += size) parts.push(rows.slice(from, from + size))
  return parts
}

/** Stores runs, and frees the leases of their checks, which the caller has locked; a pause is over. One run a check. */
export async function recordRuns(q: Queries, runs: readonly RecordedRun[]): Promise<void> {
  for (const part of together(q, runs)) {
    if (part.length === 1) await updateOne(q, part[0]!)
    else await updateMany(q, part)
    await q.run(sql`
      INSERT INTO pipeline_runs (item_id, started_ms, duration_ms, result, attempts, summary, perfdata)
      VALUES ${join(part.map(runValues))}
      ON CONFLICT (item_id, started_ms) DO UPDATE SET duration_ms = excluded.duration_ms, result = excluded.result,
        attempts = excluded.attempts, summary = excluded.summary, perfdata = excluded.perfdata`)
  }
}

/** What an up run says is like all others: its place is spared. */
const runValues = (run: RecordedRun): Sql =>
  sql`(${run.itemId}, ${run.startedMs}, ${run.durationMs}, ${run.result}, ${run.attempts},
    ${run.result === 'up' ? null : run.summary}, ${run.perfdata})`

const updateOne = (q: Queries, run: RecordedRun): Promise<number> =>
  q.run(sql`
    UPDATE pipeline_checks SET state = ${run.state.state}, since_ms = ${run.state.sinceMs},
      failures = ${run.state.failures}, successes = ${run.state.successes}, history = ${run.history},
      told = ${run.told}, last_run_ms = ${run.startedMs}, last_result = ${run.result}, last_summary = ${run.summary},
      last_duration_ms = ${run.durationMs}, next_run_ms = ${run.nextRunMs}, missed_ms = NULL, lease_owner = NULL,
      lease_until_ms = NULL, paused_ms = NULL, paused_until_ms = NULL, maintenance_until_ms = ${run.maintenanceUntilMs}
    WHERE item_id = ${run.itemId}`)

const updateMany = (q: Queries, runs: readonly RecordedRun[]): Promise<number> => {
  const rows = runs.map(
    (run) => sql`(CAST(${run.itemId} AS BIGINT), ${run.state.state}, CAST(${run.state.sinceMs} AS BIGINT),
      CAST(${run.state.failures} AS BIGINT), CAST(${run.state.successes} AS BIGINT), CAST(${run.history} AS BIGINT),
      ${run.told}, CAST(${run.startedMs} AS BIGINT), ${run.result}, ${run.summary}, CAST(${run.durationMs} AS BIGINT),
      CAST(${run.nextRunMs} AS BIGINT), CAST(${run.maintenanceUntilMs} AS BIGINT))`,
  )
  return q.run(sql`
    WITH r (item_id, state, since_ms, failures, successes, history, told, started_ms, result, summary, duration_ms,
      next_run_ms, maintenance_until_ms) AS (VALUES ${join(rows)})
    UPDATE pipeline_checks SET state = r.state, since_ms = r.since_ms, failures = r.failures, successes = r.successes,
      history = r.history, told = r.told, last_run_ms = r.started_ms, last_result = r.result,
      last_summary = r.summary, last_duration_ms = r.duration_ms, next_run_ms = r.next_run_ms, missed_ms = NULL,
      lease_owner = NULL, lease_until_ms = NULL, paused_ms = NULL, paused_until_ms = NULL,
      maintenance_until_ms = r.maintenance_until_ms
    FROM r WHERE pipeline_checks.item_id = r.item_id`)
}

export interface Run {
  startedMs: number
  durationMs: number
  result: RunResult
  attempts: number
  summary: string | null
  perfdata: string | null
}

/** Newest first. */
export async function listRuns(q: Queries, itemId: number, limit: number): Promise<Run[]> {
  const rows = await q.all<{
    started_ms: number
    duration_ms: number
    result: string
    attempts: number
    summary: string | null
    perfdata: string | null
  }>(sql`SELECT started_ms, duration_ms, result, attempts, summary, perfdata FROM pipeline_runs
    WHERE item_id = ${itemId} ORDER BY started_ms DESC LIMIT ${limit}`)
  return rows.map((row) => ({
    startedMs: row.started_ms,
    durationMs: row.duration_ms,
    result: resultOf(row.result),
    attempts: row.attempts,
    summary: row.summary,
    perfdata: row.perfdata,
  }))
}

/** Takes away runs that started before `beforeMs`, but never one of the last `keep`. */
export const pruneRuns = (q: Queries, itemId: number, beforeMs: number, keep: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_runs WHERE item_id = ${itemId} AND started_ms < ${beforeMs} AND started_ms <= (
    SELECT started_ms FROM pipeline_runs WHERE item_id = ${itemId} ORDER BY started_ms DESC LIMIT 1 OFFSET ${keep})`)

/** Checks whose last run ended since then, with when it began; any of them, where they are more than `limit`. */
export async function runsEndedSince(
  q: Queries,
  sinceMs: number,
  limit: number,
): Promise<{ itemId: number; startedMs: number }[]> {
  const rows = await q.all<{ item_id: number; last_run_ms: number }>(sql`SELECT item_id, last_run_ms
    FROM pipeline_checks WHERE last_run_ms + last_duration_ms >= ${sinceMs} LIMIT ${limit}`)
  return rows.map((row) => ({ itemId: row.item_id, startedMs: row.last_run_ms }))
}
