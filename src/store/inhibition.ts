/** What health checks depend on. */

import sql, { join } from 'sql-template-tag'
import type { Queries } from './database.ts'

/** Is one of these items live, and down? */
export async function isOneDown(q: Queries, ids: readonly number[]): Promise<boolean> {
  if (ids.length === 0) return false
  const row = await q.get(sql`SELECT 1 AS one FROM pipeline_checks c JOIN pipeline p ON p.id = c.item_id
    WHERE c.item_id IN (${join([...ids])}) AND c.state = 'down' AND p.stage = 'live' LIMIT 1`)
  return row !== undefined
}
