/** The schedule and the state of health checks: due, leased, recorded. Times are integer milliseconds. */

import sql, { empty, join, raw } from 'sql-template-tag'
import type { CheckState } from '../domain/check-state.ts'
import type { CheckResult } from '../domain/observation.ts'
import type { Queries } from './database.ts'

export interface CheckRow {
  itemId: number
  state: CheckState
  liveSinceMs: number | null
  lastRunMs: number | null
  lastResult: CheckResult | null
  lastSummary: string | null
  lastDurationMs: number | null
  nextRunMs: number | null
  runner: string
  leaseOwner: string | null
  leaseUntilMs: number | null
  epoch: number
  approvedCommand: string | null
}

interface Raw {
  item_id: number
  state: string
  since_ms: number | null
  failures: number
  successes: number
  live_since_ms: number | null
  last_run_ms: number | null
  last_result: string | null
  last_summary: string | null
  last_duration_ms: number | null
  next_run_ms: number | null
  runner: string
  lease_owner: string | null
  lease_until_ms: number | null
  epoch: number
  approved_command: string | null
}

const results: readonly string[] = ['up', 'degraded', 'down', 'unknown']
const resultOf = (word: string | null): CheckResult =>
  results.includes(word ?? '') ? (word as CheckResult) : 'unknown'

const toCheck = (row: Raw): CheckRow => ({
  itemId: row.item_id,
  state: {
    state: resultOf(row.state),
    sinceMs: row.since_ms,
    failures: row.failures,
    successes: row.successes,
  },
  liveSinceMs: row.live_since_ms,
  lastRunMs: row.last_run_ms,
  lastResult: row.last_result === null ? null : resultOf(row.last_result),
  lastSummary: row.last_summary,
  lastDurationMs: row.last_duration_ms,
  nextRunMs: row.next_run_ms,
  runner: row.runner,
  leaseOwner: row.lease_owner,
  leaseUntilMs: row.lease_until_ms,
  epoch: row.epoch,
  approvedCommand: row.approved_command,
})

export async function findChecks(q: Queries, itemIds: number[]): Promise<Map<number, CheckRow>> {
  if (itemIds.length === 0) return new Map()
  const rows = await q.all<Raw>(sql`SELECT * FROM pipeline_checks WHERE item_id IN (${join(itemIds)})`)
  return new Map(rows.map((row) => [row.item_id, toCheck(row)]))
}

/** Kept from changing by others until the transaction ends. */
export async function lockCheck(q: Queries, itemId: number): Promise<CheckRow | undefined> {
  const lock = q.engine === 'postgres' ? raw('FOR UPDATE') : empty
  const row = await q.get<Raw>(sql`SELECT * FROM pipeline_checks WHERE item_id = ${itemId} ${lock}`)
  return row && toCheck(row)
}

/**
 * The schedule starts anew: state unknown, counters at zero, any lease void.
 * @param nextRunMs null: not scheduled
 */
export async function resetCheck(
  q: Queries,
  itemId: number,
  schedule: { nextRunMs: number | null; liveSinceMs: number | null; runner: string; leaseMs: number },
): Promise<void> {
  await q.run(sql`
    INSERT INTO pipeline_checks (item_id, next_run_ms, live_since_ms, runner, lease_ms)
    VALUES (${itemId}, ${schedule.nextRunMs}, ${schedule.liveSinceMs}, ${schedule.runner}, ${schedule.leaseMs})
    ON CONFLICT (item_id) DO UPDATE SET state = 'unknown', since_ms = NULL, failures = 0, successes = 0,
      next_run_ms = excluded.next_run_ms, live_since_ms = excluded.live_since_ms, runner = excluded.runner,
      lease_ms = excluded.lease_ms,
      last_run_ms = NULL, last_result = NULL, last_summary = NULL, last_duration_ms = NULL,
      lease_owner = NULL, lease_until_ms = NULL, epoch = pipeline_checks.epoch + 1`)
}

/** What is scheduled is due at once: until now it could not run. @returns 0 where there is no schedule yet */
export const approveCheck = (q: Queries, itemId: number, command: string, nowMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET approved_command = ${command},
      next_run_ms = CASE WHEN next_run_ms IS NULL THEN next_run_ms ELSE ${nowMs} END
    WHERE item_id = ${itemId}`)

export const removeCheck = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_checks WHERE item_id = ${itemId}`)

/** No more runs, any lease void: the owner's own SQL took the item out of live, or its check away. */
export const unschedule = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET next_run_ms = NULL, live_since_ms = NULL, lease_owner = NULL,
    lease_until_ms = NULL, epoch = epoch + 1 WHERE item_id = ${itemId}`)

/** Live items with a check that no schedule knows as live: written by the owner's own SQL. */
export async function unscheduledItems(q: Queries, limit: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`
    SELECT p.id FROM pipeline p LEFT JOIN pipeline_checks c ON c.item_id = p.id
    WHERE p.stage = 'live' AND p.health_check IS NOT NULL AND c.live_since_ms IS NULL ORDER BY p.id LIMIT ${limit}`)
  return rows.map((row) => row.id)
}

export interface LeaseRequest {
  owner: string
  nowMs: number
  /** Only what was due by then. */
  dueByMs: number
  limit: number
  runner: string
}

/** Leases what is due for as long as its longest run takes, the most overdue first; a check that another worker holds is left alone. */
export async function leaseDue(q: Queries, request: LeaseRequest): Promise<CheckRow[]> {
  const { owner, nowMs, dueByMs, limit, runner } = request
  // Materialized: as a plain subquery PostgreSQL may ask it again for each row, and lock more than the limit.
  const rows = await q.all<Raw>(sql`
    WITH due AS MATERIALIZED (
      SELECT item_id FROM pipeline_checks
      WHERE next_run_ms IS NOT NULL AND next_run_ms <= ${dueByMs} AND runner = ${runner}
        AND (lease_until_ms IS NULL OR lease_until_ms <= ${nowMs})
      ORDER BY next_run_ms, item_id LIMIT ${limit} ${skipLocked(q)})
    UPDATE pipeline_checks SET lease_owner = ${owner}, lease_until_ms = lease_ms + ${nowMs}, epoch = epoch + 1
    WHERE item_id IN (SELECT item_id FROM due) RETURNING *`)
  return rows.map(toCheck)
}

/** Leases one check, due or not. @returns undefined while another worker holds it */
export async function leaseOne(
  q: Queries,
  itemId: number,
  request: Pick<LeaseRequest, 'owner' | 'nowMs'>,
): Promise<CheckRow | undefined> {
  const row = await q.get<Raw>(sql`
    UPDATE pipeline_checks SET lease_owner = ${request.owner}, lease_until_ms = lease_ms + ${request.nowMs},
      epoch = epoch + 1
    WHERE item_id = ${itemId} AND (lease_until_ms IS NULL OR lease_until_ms <= ${request.nowMs}) RETURNING *`)
  return row && toCheck(row)
}

const skipLocked = (q: Queries) => (q.engine === 'postgres' ? raw('FOR UPDATE SKIP LOCKED') : empty)

export interface RecordedRun {
  state: CheckState
  result: CheckResult
  summary: string
  startedMs: number
  durationMs: number
  attempts: number
  /** null: no longer scheduled */
  nextRunMs: number | null
}

/**
 * Stores a run and frees the lease, if the lease still holds.
 * @returns false when another worker took over, or the check was changed: the result is stale
 */
export async function recordRun(
  q: Queries,
  itemId: number,
  epoch: number,
  run: RecordedRun,
): Promise<boolean> {
  const { state } = run
  const changed = await q.run(sql`
    UPDATE pipeline_checks SET state = ${state.state}, since_ms = ${state.sinceMs}, failures = ${state.failures},
      successes = ${state.successes}, last_run_ms = ${run.startedMs}, last_result = ${run.result},
      last_summary = ${run.summary}, last_duration_ms = ${run.durationMs}, next_run_ms = ${run.nextRunMs},
      lease_owner = NULL, lease_until_ms = NULL
    WHERE item_id = ${itemId} AND epoch = ${epoch}`)
  if (changed !== 1) return false
  const kept = run.result === 'up' ? null : run.summary
  await q.run(sql`
    INSERT INTO pipeline_runs (item_id, started_ms, duration_ms, result, attempts, summary)
    VALUES (${itemId}, ${run.startedMs}, ${run.durationMs}, ${run.result}, ${run.attempts}, ${kept})`)
  return true
}

/** Gives leases back without a result: the runs are due again. */
export async function giveBack(q: Queries, owner: string): Promise<number> {
  return q.run(sql`UPDATE pipeline_checks SET lease_owner = NULL, lease_until_ms = NULL, epoch = epoch + 1
    WHERE lease_owner = ${owner}`)
}

/** When the next run of a runner is due; undefined when nothing is scheduled. */
export async function nextDueMs(q: Queries, runner: string): Promise<number | undefined> {
  const row = await q.get<{ at: number | null }>(sql`
    SELECT min(CASE WHEN lease_until_ms IS NOT NULL AND lease_until_ms > next_run_ms
      THEN lease_until_ms ELSE next_run_ms END) AS at
    FROM pipeline_checks WHERE next_run_ms IS NOT NULL AND runner = ${runner}`)
  return row?.at ?? undefined
}

export interface Run {
  id: number
  startedMs: number
  durationMs: number
  result: CheckResult
  attempts: number
  summary: string | null
}

/** Newest first. */
export async function listRuns(q: Queries, itemId: number, limit: number): Promise<Run[]> {
  const rows = await q.all<{
    id: number
    started_ms: number
    duration_ms: number
    result: string
    attempts: number
    summary: string | null
  }>(sql`SELECT id, started_ms, duration_ms, result, attempts, summary FROM pipeline_runs
    WHERE item_id = ${itemId} ORDER BY id DESC LIMIT ${limit}`)
  return rows.map((row) => ({
    id: row.id,
    startedMs: row.started_ms,
    durationMs: row.duration_ms,
    result: resultOf(row.result),
    attempts: row.attempts,
    summary: row.summary,
  }))
}

/** Takes away runs that started before `beforeMs`, but never one of the last `keep`. */
export const pruneRuns = (q: Queries, itemId: number, beforeMs: number, keep: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_runs WHERE item_id = ${itemId} AND started_ms < ${beforeMs} AND id <= (
    SELECT id FROM pipeline_runs WHERE item_id = ${itemId} ORDER BY id DESC LIMIT 1 OFFSET ${keep})`)
