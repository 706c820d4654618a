/** Since when items are in their stages, as the log tells; and how far their children are. */

import sql, { raw, type Sql } from 'sql-template-tag'
import { type Instant, readInstant } from '../domain/instant.ts'
import { isArrival, place } from './arrivals.ts'
import type { Queries } from './database.ts'
import { idRows } from './id-rows.ts'

/** The last arrival of `pipeline p`, as a row of the log: to be joined as `a`. */
export const lastArrival = raw(`a.id = (SELECT pipeline_activity.id FROM pipeline_activity
  WHERE pipeline_activity.item_id = p.id AND ${isArrival} ORDER BY pipeline_activity.id DESC LIMIT 1)`)

/** Is it the stage of `pipeline p` that `pipeline_activity a` tells of? The owner's own SQL moves without a word. */
export const isThere = (q: Queries): Sql => {
  const at = place(q.engine)
  return raw(`(${at}(a.detail, '"to":"' || p.stage || '"') > 0 OR ${at}(a.detail, '"stage":"' || p.stage || '"') > 0
    OR (a.detail IS NULL AND p.stage = 'idea'))`)
}

/** Since when each item is in its stage; none of those of which the log does not tell. */
export async function stageSince(q: Queries, ids: readonly number[]): Promise<Map<number, Instant>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ id: number; at: string }>(sql`WITH r (id) AS MATERIALIZED (${idRows(q, ids)})
    SELECT p.id, a.at FROM r CROSS JOIN pipeline p JOIN pipeline_activity a ON ${lastArrival}
    WHERE p.id = r.id AND ${isThere(q)}`)
  return new Map(
    rows.flatMap(({ id, at }) => {
      const instant = readInstant(at)
      return instant === null ? [] : [[id, instant] as const]
    }),
  )
}

/** How many direct children each item has, incidents left out, and how many of them are done or live. */
export async function childCounts(
  q: Queries,
  ids: readonly number[],
): Promise<Map<number, { total: number; done: number }>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ id: number; total: number; done: number }>(sql`
    WITH r (id) AS MATERIALIZED (${idRows(q, ids)})
    SELECT c.parent_id AS id, count(*) AS total, sum(CASE WHEN c.stage IN ('done', 'live') THEN 1 ELSE 0 END) AS done
    FROM r CROSS JOIN pipeline c WHERE c.parent_id = r.id AND c.type <> 'incident' GROUP BY c.parent_id`)
  return new Map(rows.map(({ id, total, done }) => [id, { total: Number(total), done: Number(done) }]))
}

/** The highest id of the log; 0 where it is empty. */
export async function lastEntryId(q: Queries): Promise<number> {
  const row = await q.get<{ id: number | null }>(sql`SELECT max(id) AS id FROM pipeline_activity`)
  return row?.id ?? 0
}
