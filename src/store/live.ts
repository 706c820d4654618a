/** What is live, with what is known of its check: one statement for all. */

import sql, { empty } from 'sql-template-tag'
import { type CheckStanding, type RawStanding, toStanding } from './checks.ts'
import type { Queries } from './database.ts'

export interface LiveItem {
  id: number
  title: string
  priority: number
  /** As stored; null: none. */
  healthCheck: string | null
  /** Undefined: without a check, or not on schedule yet (written by the owner's own SQL). */
  check: CheckStanding | undefined
}

/** Without a check all of it that is the check's is null. */
interface RawLive extends RawStanding {
  id: number
  title: string
  priority: number
  health_check: string | null
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
    check: row.state === null ? undefined : toStanding(row),
  }))
}

/** When somebody last looked at anything, in milliseconds since 1970; undefined: never. */
export async function lastLookMs(q: Queries): Promise<number | undefined> {
  const row = await q.get<{ at: number | null }>(sql`SELECT max(at) AS at FROM (
    SELECT max(last_run_ms) AS at FROM pipeline_checks UNION ALL SELECT max(seen_ms) FROM pipeline_workers) looks`)
  return row?.at ?? undefined
}
