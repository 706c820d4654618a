/** What health checks depend on. */

import sql, { join } from 'sql-template-tag'
import type { Queries } from './database.ts'

/** The first of these items that is live, and down; undefined: none is. */
export async function firstDown(q: Queries, ids: readonly number[]): Promise<number | undefined> {
  if (ids.length === 0) return undefined
  const row = await q.get<{
    id: number
  }>(sql`SELECT p.id FROM pipeline_checks c JOIN pipeline p ON p.id = c.item_id
    WHERE c.item_id IN (${join([...ids])}) AND c.state = 'down' AND p.stage = 'live' ORDER BY p.id LIMIT 1`)
  return row?.id
}
