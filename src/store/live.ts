/** What is live, with what is known of its check: one statement for all. */

import sql, { empty } from 'sql-template-tag'
import { type CheckRow, type RawCheck, toCheck } from './checks.ts'
import type { Queries } from './database.ts'

export interface LiveItem {
  id: number
  title: string
  priority: number
  projectId: number | null
  /** As stored; null: none. */
  healthCheck: string | null
  /** Undefined: without a check, or not on schedule yet (written by the owner's own SQL). */
  check: CheckRow | undefined
}

/** Every live item, by id. @param projectId only of this project */
export async function liveItems(q: Queries, projectId?: number): Promise<LiveItem[]> {
  const rows = await q.all<
    Omit<RawCheck, 'item_id'> & {
      id: number
      title: string
      priority: number
      project_id: number | null
      health_check: string | null
      item_id: number | null
    }
  >(sql`
    SELECT p.id, p.title, p.priority, p.project_id, p.health_check, c.*
    FROM pipeline p LEFT JOIN pipeline_checks c ON c.item_id = p.id
    WHERE p.stage = 'live' ${projectId === undefined ? empty : sql`AND p.project_id = ${projectId}`} ORDER BY p.id`)
  return rows.map((row) => ({
    id: row.id,
    title: String(row.title),
    priority: row.priority,
    projectId: row.project_id,
    healthCheck: row.health_check,
    check: row.item_id === null ? undefined : toCheck(row as RawCheck),
  }))
}

/** When somebody last looked at anything, in milliseconds since 1970; undefined: never. */
export async function lastLookMs(q: Queries): Promise<number | undefined> {
  const row = await q.get<{ at: number | null }>(sql`SELECT max(at) AS at FROM (
    SELECT max(last_run_ms) AS at FROM pipeline_checks UNION ALL SELECT max(seen_ms) FROM pipeline_workers) looks`)
  return row?.at ?? undefined
}
