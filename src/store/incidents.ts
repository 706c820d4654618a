/** Which incident belongs to which check: at most one open an (item, check), held by a partial unique index. */

import sql, { join } from 'sql-template-tag'
import type { ClosedIncident } from '../domain/incident.ts'
import type { Queries } from './database.ts'

/** The only check that an item has today. */
export const mainCheck = 'health'

export interface IncidentRow {
  itemId: number
  subjectId: number | null
  openedMs: number
  resolvedMs: number | null
  resolvedBy: 'system' | 'person' | null
  recoveryNoted: boolean
}

interface Raw {
  item_id: number
  subject_id: number | null
  opened_ms: number
  resolved_ms: number | null
  resolved_by: string | null
  recovery_noted: number
}

const toIncident = (row: Raw): IncidentRow => ({
  itemId: row.item_id,
  subjectId: row.subject_id,
  openedMs: row.opened_ms,
  resolvedMs: row.resolved_ms,
  resolvedBy: row.resolved_by === 'system' || row.resolved_by === 'person' ? row.resolved_by : null,
  recoveryNoted: row.recovery_noted === 1,
})

export async function findIncident(q: Queries, itemId: number): Promise<IncidentRow | undefined> {
  const row = await q.get<Raw>(sql`SELECT * FROM pipeline_incidents WHERE item_id = ${itemId}`)
  return row && toIncident(row)
}

/** The open incident of a check, if there is one. */
export async function openIncident(q: Queries, subjectId: number): Promise<IncidentRow | undefined> {
  const row = await q.get<Raw>(sql`SELECT * FROM pipeline_incidents
    WHERE subject_id = ${subjectId} AND check_name = ${mainCheck} AND resolved_ms IS NULL`)
  return row && toIncident(row)
}

/** Of these items, those whose check has an open incident. */
export async function incidentsToReconcile(q: Queries, subjectIds: readonly number[]): Promise<Set<number>> {
  if (subjectIds.length === 0) return new Set()
  const rows = await q.all<{ id: number }>(sql`SELECT DISTINCT subject_id AS id FROM pipeline_incidents
    WHERE subject_id IN (${join([...subjectIds])}) AND check_name = ${mainCheck} AND resolved_ms IS NULL`)
  return new Set(rows.map((row) => row.id))
}

/** The incident of a check that was closed last: resolved, or deleted while it was open. */
export async function lastClosed(q: Queries, subjectId: number): Promise<ClosedIncident | undefined> {
  const row = await q.get<Raw>(sql`SELECT * FROM pipeline_incidents
    WHERE subject_id = ${subjectId} AND check_name = ${mainCheck} AND resolved_ms IS NOT NULL
    ORDER BY resolved_ms DESC, item_id DESC LIMIT 1`)
  const check = await q.get<{ dismissed_ms: number | null }>(
    sql`SELECT dismissed_ms FROM pipeline_checks WHERE item_id = ${subjectId}`,
  )
  const resolvedMs = row?.resolved_ms ?? null
  const dismissedMs = check?.dismissed_ms ?? null
  if (dismissedMs !== null && dismissedMs >= (resolvedMs ?? dismissedMs))
    return { resolvedBy: 'person', resolvedAtMs: dismissedMs }
  if (row === undefined || resolvedMs === null) return undefined
  return row.resolved_by === 'system'
    ? { resolvedBy: 'system', resolvedAtMs: resolvedMs, itemId: row.item_id }
    : { resolvedBy: 'person', resolvedAtMs: resolvedMs }
}

/** A person deletes the incident of a check, which is to say: closes it. */
export const markDismissed = (q: Queries, subjectId: number, atMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET dismissed_ms = ${atMs} WHERE item_id = ${subjectId}`)

/** @throws TrackerError `conflict` when the check has an open incident already */
export const insertIncident = (
  q: Queries,
  itemId: number,
  subjectId: number,
  openedMs: number,
): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_incidents (item_id, subject_id, check_name, opened_ms)
    VALUES (${itemId}, ${subjectId}, ${mainCheck}, ${openedMs})`)

export const markResolved = (
  q: Queries,
  itemId: number,
  by: 'system' | 'person',
  resolvedMs: number,
): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET resolved_ms = ${resolvedMs}, resolved_by = ${by}
    WHERE item_id = ${itemId} AND resolved_ms IS NULL`)

/** @throws TrackerError `conflict` when the check has another open incident */
export const markReopened = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET resolved_ms = NULL, resolved_by = NULL, recovery_noted = 0
    WHERE item_id = ${itemId}`)

export const markRecovery = (q: Queries, itemId: number, noted: boolean): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET recovery_noted = ${noted ? 1 : 0} WHERE item_id = ${itemId}`)

/** How many incidents are not resolved, by severity as stored; one without counts as major. */
export async function openBySeverity(q: Queries): Promise<Map<string, number>> {
  const rows = await q.all<{ severity: string; n: number }>(sql`
    SELECT COALESCE(severity, 'major') AS severity, count(*) AS n FROM pipeline
    WHERE type = 'incident' AND stage <> 'done' GROUP BY 1`)
  return new Map(rows.map(({ severity, n }) => [severity, n]))
}
