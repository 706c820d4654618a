/** Planned maintenance of one item, or of all. Times are integer milliseconds. */

import sql, { empty, join } from 'sql-template-tag'
import type { Maintenance } from '../domain/health-check.ts'
import type { Queries } from './database.ts'

export interface MaintenanceRow {
  id: number
  /** Null: every item. */
  itemId: number | null
  /** Null: what the owner's own SQL wrote, and is no window. */
  window: Maintenance | null
  /** By cron: when it was taken away; null: it was not. What it was until then stays in the books. */
  endedMs: number | null
  note: string | null
  createdBy: string
  createdMs: number
}

interface Raw {
  id: number
  item_id: number | null
  from_ms: number | null
  to_ms: number | null
  cron: string | null
  timezone: string | null
  duration_ms: number | null
  note: string | null
  created_by: string
  created_ms: number
}

const toMaintenance = (row: Raw): MaintenanceRow => ({
  id: row.id,
  itemId: row.item_id,
  window: windowOf(row),
  endedMs: row.from_ms === null ? row.to_ms : null,
  note: row.note,
  createdBy: row.created_by,
  createdMs: row.created_ms,
})

function windowOf({ from_ms, to_ms, cron, timezone, duration_ms }: Raw): Maintenance | null {
  if (from_ms !== null && to_ms !== null) return { kind: 'window', fromMs: from_ms, toMs: to_ms }
  if (cron === null || duration_ms === null) return null
  return { kind: 'cron', expression: cron, timezone: timezone ?? 'UTC', durationMs: duration_ms }
}

export async function insertMaintenance(
  q: Queries,
  {
    itemId,
    window,
    note,
    createdBy,
    createdMs,
  }: Omit<MaintenanceRow, 'id' | 'window' | 'endedMs'> & { window: Maintenance },
): Promise<number> {
  const once = window.kind === 'window' ? window : { fromMs: null, toMs: null }
  const cron = window.kind === 'cron' ? window : { expression: null, timezone: null, durationMs: null }
  const row = await q.get<{ id: number }>(sql`
    INSERT INTO pipeline_maintenance (item_id, from_ms, to_ms, cron, timezone, duration_ms, note, created_by, created_ms)
    VALUES (${itemId}, ${once.fromMs}, ${once.toMs}, ${cron.expression}, ${cron.timezone}, ${cron.durationMs},
      ${note}, ${createdBy}, ${createdMs}) RETURNING id`)
  return row!.id
}

export async function findMaintenance(q: Queries, id: number): Promise<MaintenanceRow | undefined> {
  const row = await q.get<Raw>(sql`SELECT * FROM pipeline_maintenance WHERE id = ${id}`)
  return row && toMaintenance(row)
}

/** Of these items and of every item, as far as it ends after `afterMs`, newest first. @param itemIds undefined: all */
export async function listMaintenance(
  q: Queries,
  itemIds: readonly number[] | undefined,
  afterMs: number,
  limit = 10_000,
): Promise<MaintenanceRow[]> {
  const of = itemIds === undefined ? empty : sql`AND (item_id IS NULL OR item_id IN (${join([...itemIds])}))`
  const rows = await q.all<Raw>(sql`SELECT * FROM pipeline_maintenance
    WHERE (to_ms IS NULL OR to_ms > ${afterMs}) ${of} ORDER BY id DESC LIMIT ${limit}`)
  return rows.map(toMaintenance)
}

/** How many there are that are not over. */
export async function countMaintenance(q: Queries, afterMs: number): Promise<number> {
  const row = await q.get<{ n: number }>(
    sql`SELECT count(*) AS n FROM pipeline_maintenance WHERE to_ms IS NULL OR to_ms > ${afterMs}`,
  )
  return Number(row?.n ?? 0)
}

export const endMaintenance = (q: Queries, id: number, toMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_maintenance SET to_ms = ${toMs} WHERE id = ${id}`)

export const deleteMaintenance = (q: Queries, id: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_maintenance WHERE id = ${id}`)

/** Until when the checks of an item, or of every one, are in maintenance, as far as is known. */
export const markMaintenance = (q: Queries, itemId: number | null, untilMs: number | null): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET maintenance_until_ms = ${untilMs}
    WHERE live_since_ms IS NOT NULL ${itemId === null ? empty : sql`AND item_id = ${itemId}`}`)
