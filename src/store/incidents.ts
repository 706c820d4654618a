/**
 * What is known of an incident besides its item. At most one is open an (item, check), held by a partial unique index;
 * those opened by hand bear a name of their own, so that the monitor leaves them alone.
 */

import sql, { join } from 'sql-template-tag'
import type { ClosedIncident } from '../domain/incident.ts'
import type { Queries } from './database.ts'

/** The only check that an item has today. */
export const mainCheck = 'health'
export const stormCheck = 'storm'
export const manualCheck = (itemId: number): string => `manual:${itemId}`

/** Times are milliseconds since 1970. */
export interface IncidentRow {
  itemId: number
  subjectId: number | null
  checkName: string
  openedMs: number
  /** When it was opened, or opened again. */
  beganMs: number
  resolvedMs: number | null
  resolvedBy: 'system' | 'person' | null
  recoveryNoted: boolean
  acknowledgedMs: number | null
  acknowledgedBy: string | null
  /** The item that is to fix it. */
  fixId: number | null
  verifiedMs: number | null
  /** The storm that gathered it. */
  stormId: number | null
  remindedMs: number | null
}

export interface RawIncident {
  item_id: number
  subject_id: number | null
  check_name: string
  opened_ms: number
  began_ms: number | null
  resolved_ms: number | null
  resolved_by: string | null
  recovery_noted: number
  acknowledged_ms: number | null
  acknowledged_by: string | null
  fix_id: number | null
  verified_ms: number | null
  storm_id: number | null
  reminded_ms: number | null
}

export const toIncident = (row: RawIncident): IncidentRow => ({
  itemId: row.item_id,
  subjectId: row.subject_id,
  checkName: row.check_name,
  openedMs: row.opened_ms,
  beganMs: row.began_ms ?? row.opened_ms,
  resolvedMs: row.resolved_ms,
  resolvedBy: row.resolved_by === 'system' || row.resolved_by === 'person' ? row.resolved_by : null,
  recoveryNoted: row.recovery_noted === 1,
  acknowledgedMs: row.acknowledged_ms,
  acknowledgedBy: row.acknowledged_by,
  fixId: row.fix_id,
  verifiedMs: row.verified_ms,
  stormId: row.storm_id,
  remindedMs: row.reminded_ms,
})

export async function findIncident(q: Queries, itemId: number): Promise<IncidentRow | undefined> {
  const row = await q.get<RawIncident>(sql`SELECT * FROM pipeline_incidents WHERE item_id = ${itemId}`)
  return row && toIncident(row)
}

/** The open incident of a check, if there is one. */
export async function openIncident(q: Queries, subjectId: number): Promise<IncidentRow | undefined> {
  const row = await q.get<RawIncident>(sql`SELECT * FROM pipeline_incidents
    WHERE subject_id = ${subjectId} AND check_name = ${mainCheck} AND resolved_ms IS NULL`)
  return row && toIncident(row)
}

export interface ToReconcile {
  /** Items whose check has an open incident. */
  open: Set<number>
  /** Items with an incident whose fix was not seen to help yet. */
  fixing: Set<number>
}

/** Which of these items a run must look at, whatever it found. */
export async function incidentsToReconcile(q: Queries, subjectIds: readonly number[]): Promise<ToReconcile> {
  if (subjectIds.length === 0) return { open: new Set(), fixing: new Set() }
  const among = sql`subject_id IN (${join([...subjectIds])})`
  const rows = await q.all<{ id: number; open: number }>(sql`
    SELECT subject_id AS id, 1 AS open FROM pipeline_incidents
      WHERE ${among} AND check_name = ${mainCheck} AND resolved_ms IS NULL
    UNION ALL SELECT subject_id, 0 FROM pipeline_incidents
      WHERE ${among} AND fix_id IS NOT NULL AND verified_ms IS NULL`)
  const ids = (open: number): Set<number> =>
    new Set(rows.filter((row) => row.open === open).map((row) => row.id))
  return { open: ids(1), fixing: ids(0) }
}

/** The incident of a check that was closed last: resolved, or deleted while it was open. */
export async function lastClosed(q: Queries, subjectId: number): Promise<ClosedIncident | undefined> {
  const row = await q.get<RawIncident>(sql`SELECT * FROM pipeline_incidents
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
  incident: Pick<IncidentRow, 'itemId' | 'subjectId' | 'checkName' | 'openedMs'> &
    Partial<Pick<IncidentRow, 'resolvedMs' | 'resolvedBy'>>,
): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_incidents (item_id, subject_id, check_name, opened_ms, began_ms, resolved_ms, resolved_by)
    VALUES (${incident.itemId}, ${incident.subjectId}, ${incident.checkName}, ${incident.openedMs}, ${incident.openedMs},
      ${incident.resolvedMs ?? null}, ${incident.resolvedBy ?? null})`)

/** @returns 0 when it was resolved already */
export const markResolved = (
  q: Queries,
  itemId: number,
  by: 'system' | 'person',
  resolvedMs: number,
): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET resolved_ms = ${resolvedMs}, resolved_by = ${by}
    WHERE item_id = ${itemId} AND resolved_ms IS NULL`)

/**
 * Open again: nobody has acknowledged that, and the storm that is over has nothing to do with it.
 * @throws TrackerError `conflict` when the check has another open incident
 */
export const markReopened = (q: Queries, itemId: number, atMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET resolved_ms = NULL, resolved_by = NULL, recovery_noted = 0,
      acknowledged_ms = NULL, acknowledged_by = NULL, reminded_ms = NULL, began_ms = ${atMs},
      storm_id = (SELECT storm.item_id FROM pipeline_incidents storm
        WHERE storm.item_id = pipeline_incidents.storm_id AND storm.resolved_ms IS NULL)
    WHERE item_id = ${itemId}`)

export const markRecovery = (q: Queries, itemId: number, noted: boolean): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET recovery_noted = ${noted ? 1 : 0} WHERE item_id = ${itemId}`)

export const markAcknowledged = (q: Queries, itemId: number, by: string, atMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET acknowledged_ms = ${atMs}, acknowledged_by = ${by}
    WHERE item_id = ${itemId}`)

/** @param fixId null: no longer any */
export const setFix = (q: Queries, itemId: number, fixId: number | null): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET fix_id = ${fixId}, verified_ms = NULL WHERE item_id = ${itemId}`)

/** Incidents of an item whose fix was not seen to help yet, resolved ones too. */
export async function unverifiedFixes(
  q: Queries,
  subjectId: number,
): Promise<{ itemId: number; fixId: number }[]> {
  const rows = await q.all<{
    item_id: number
    fix_id: number
  }>(sql`SELECT item_id, fix_id FROM pipeline_incidents
    WHERE subject_id = ${subjectId} AND fix_id IS NOT NULL AND verified_ms IS NULL ORDER BY item_id`)
  return rows.map((row) => ({ itemId: row.item_id, fixId: row.fix_id }))
}

/** @returns 0 when that was known already */
export const markVerified = (q: Queries, itemId: number, atMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET verified_ms = ${atMs}
    WHERE item_id = ${itemId} AND fix_id IS NOT NULL AND verified_ms IS NULL`)
/** How many incidents are not resolved, by severity as stored; one without counts as major. */
export async function openBySeverity(q: Queries): Promise<Map<string, number>> {
  const rows = await q.all<{ severity: string; n: number }>(sql`
    SELECT COALESCE(severity, 'major') AS severity, count(*) AS n FROM pipeline
    WHERE type = 'incident' AND stage <> 'done' GROUP BY 1`)
  return new Map(rows.map(({ severity, n }) => [severity, n]))
}
