/** Incidents that a storm gathers. Times are milliseconds since 1970. */

import sql from 'sql-template-tag'
import { type Severity, severities } from '../domain/item.ts'
import type { Queries } from './database.ts'
import { type IncidentRow, mainCheck, type RawIncident, stormCheck, toIncident } from './incidents.ts'
import { forUpdate } from './items.ts'

/** Whoever gathers goes one after the other: else two halves of a storm would not know of each other. */
export const lockStorms = (q: Queries): Promise<unknown> =>
  q.get(sql`SELECT name FROM pipeline_locks WHERE name = 'storm' ${forUpdate(q)}`)

/** The last storm that is not over. */
export async function openStorm(q: Queries): Promise<IncidentRow | undefined> {
  const row = await q.get<RawIncident>(sql`SELECT * FROM pipeline_incidents
    WHERE subject_id IS NULL AND check_name = ${stormCheck} AND resolved_ms IS NULL
    ORDER BY opened_ms DESC, item_id DESC LIMIT 1`)
  return row && toIncident(row)
}

/** How many incidents of checks began after `sinceMs`. */
export async function countRecent(q: Queries, sinceMs: number): Promise<number> {
  const row = await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM pipeline_incidents
    WHERE check_name = ${mainCheck} AND began_ms > ${sinceMs}`)
  return row!.n
}

export interface Gatherable {
  count: number
  /** The worst of them. */
  severity: Severity
  /** That of all of them; null: there is none, or more than one. */
  projectId: number | null
}

const rank = sql`CASE p.severity WHEN 'critical' THEN 0 WHEN 'major' THEN 1 ELSE 2 END`

/** What began after `sinceMs` and no storm has gathered. */
export async function gatherable(q: Queries, sinceMs: number): Promise<Gatherable> {
  const row = await q.get<{
    n: number
    worst: number | null
    inProject: number
    least: number | null
    most: number | null
  }>(sql`SELECT count(*) AS n, min(${rank}) AS worst, count(p.project_id) AS "inProject",
      min(p.project_id) AS least, max(p.project_id) AS most
    FROM pipeline_incidents i JOIN pipeline p ON p.id = i.item_id
    WHERE i.check_name = ${mainCheck} AND i.began_ms > ${sinceMs} AND i.storm_id IS NULL`)
  const { n, worst, inProject, least, most } = row!
  return {
    count: n,
    severity: severities[worst ?? 1]!,
    projectId: inProject === n && least === most ? least : null,
  }
}

/** @returns how many became part of it */
export const gatherInto = (q: Queries, stormId: number, sinceMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_incidents SET storm_id = ${stormId}
    WHERE check_name = ${mainCheck} AND began_ms > ${sinceMs} AND storm_id IS NULL`)

export interface Gathered {
  total: number
  open: number
}

export async function countGathered(q: Queries, stormId: number): Promise<Gathered> {
  const row = await q.get<{ total: number; resolved: number }>(
    sql`SELECT count(*) AS total, count(resolved_ms) AS resolved FROM pipeline_incidents WHERE storm_id = ${stormId}`,
  )
  return { total: row!.total, open: row!.total - row!.resolved }
}

/** Titles of what failed, the first to fail first. */
export async function gatheredSubjects(
  q: Queries,
  stormId: number,
  limit: number,
): Promise<{ id: number; title: string }[]> {
  return q.all(sql`SELECT p.id, p.title FROM pipeline_incidents i JOIN pipeline p ON p.id = i.subject_id
    WHERE i.storm_id = ${stormId} ORDER BY i.began_ms, i.item_id LIMIT ${limit}`)
}
