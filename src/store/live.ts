/** What is live, with what is known of its check: one statement for all. */

import sql, { empty } from 'sql-template-tag'
import { type CheckRow, type RawCheck, resultOf, stateOf } from './checks.ts'
import type { Queries } from './database.ts'

/** Of a check what tells how it stands: thousands are read at once. */
export type LiveCheck = Pick<
  CheckRow,
  | 'state'
  | 'lastRunMs'
  | 'lastResult'
  | 'lastSummary'
  | 'lastDurationMs'
  | 'nextRunMs'
  | 'leaseOwner'
  | 'leaseUntilMs'
  | 'history'
  | 'told'
  | 'rolledMs'
  | 'missedMs'
  | 'pausedMs'
  | 'pausedUntilMs'
  | 'approvedCommand'
>

export interface LiveItem {
  id: number
  title: string
  priority: number
  /** As stored; null: none. */
  healthCheck: string | null
  /** Undefined: without a check, or not on schedule yet (written by the owner's own SQL). */
  check: LiveCheck | undefined
}

interface RawLive
  extends Pick<
    RawCheck,
    | 'since_ms'
    | 'failures'
    | 'successes'
    | 'last_run_ms'
    | 'last_result'
    | 'last_summary'
    | 'last_duration_ms'
    | 'next_run_ms'
    | 'lease_owner'
    | 'lease_until_ms'
    | 'history'
    | 'told'
    | 'rolled_ms'
    | 'missed_ms'
    | 'paused_ms'
    | 'paused_until_ms'
    | 'approved_command'
  > {
  id: number
  title: string
  priority: number
  health_check: string | null
  state: string | null
}

/**
 * Every live item, by id.
 * @param projectId only of this project
 * @param onlyWatched leave out what has no check
 */
export async function liveItems(
  q: Queries,
  projectId?: number,
  { onlyWatched = false } = {},
): Promise<LiveItem[]> {
  const rows = await q.all<RawLive>(sql`
    SELECT p.id, p.title, p.priority, p.health_check, c.state, c.since_ms, c.failures, c.successes, c.last_run_ms,
      c.last_result, c.last_summary, c.last_duration_ms, c.next_run_ms, c.lease_owner, c.lease_until_ms, c.history,
      c.told, c.rolled_ms, c.missed_ms, c.paused_ms, c.paused_until_ms, c.approved_command
    FROM pipeline p LEFT JOIN pipeline_checks c ON c.item_id = p.id
    WHERE p.stage = 'live' ${projectId === undefined ? empty : sql`AND p.project_id = ${projectId}`}
      ${onlyWatched ? sql`AND p.health_check IS NOT NULL` : empty} ORDER BY p.id`)
  return rows.map((row) => ({
    id: row.id,
    title: String(row.title),
    priority: row.priority,
    healthCheck: row.health_check,
    check: row.state === null ? undefined : checkOf(row, row.state),
  }))
}

const checkOf = (row: RawLive, state: string): LiveCheck => ({
  state: {
    state: stateOf(state),
    sinceMs: row.since_ms,
    failures: row.failures,
    successes: row.successes,
  },
  lastRunMs: row.last_run_ms,
  lastResult: row.last_result === null ? null : resultOf(row.last_result),
  lastSummary: row.last_summary,
  lastDurationMs: row.last_duration_ms,
  nextRunMs: row.next_run_ms,
  leaseOwner: row.lease_owner,
  leaseUntilMs: row.lease_until_ms,
  history: row.history,
  told: row.told === null ? null : resultOf(row.told),
  rolledMs: row.rolled_ms,
  missedMs: row.missed_ms,
  pausedMs: row.paused_ms,
  pausedUntilMs: row.paused_until_ms,
  approvedCommand: row.approved_command,
})

/** When somebody last looked at anything, in milliseconds since 1970; undefined: never. */
export async function lastLookMs(q: Queries): Promise<number | undefined> {
  const row = await q.get<{ at: number | null }>(sql`SELECT max(at) AS at FROM (
    SELECT max(last_run_ms) AS at FROM pipeline_checks UNION ALL SELECT max(seen_ms) FROM pipeline_workers) looks`)
  return row?.at ?? undefined
}
