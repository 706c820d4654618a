/** Incidents as they are listed and shown. */

import sql, { join } from 'sql-template-tag'
import { type Instant, readInstant, toInstant } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import type { Queries, Row } from './database.ts'
import { idRows } from './id-rows.ts'
import { type IncidentRow, type RawIncident, stormCheck, toIncident } from './incidents.ts'
import { shortColumns, toItem } from './items.ts'
import type { Key } from './lists.ts'
import type { Gathered } from './storms.ts'

export interface IncidentFilter {
  onlyOpen: boolean
  projectId?: number | undefined
}

/** Of the part of the list, 0 open and 1 resolved, the rank, 0 first, and the id. */
export const incidentKey: 'number'[] = ['number', 'number', 'number']

/** Many that fail at once come before one, however severe. */
const rank = sql`CASE WHEN EXISTS (SELECT 1 FROM pipeline_incidents s
    WHERE s.item_id = pipeline.id AND s.check_name = ${stormCheck}) THEN 0
  WHEN severity = 'critical' THEN 1 WHEN severity = 'major' THEN 2 ELSE 3 END`

/** Open ones first: storms, then the worst, then the oldest; then resolved ones, newest first. */
export async function listIncidents(
  q: Queries,
  { onlyOpen, projectId }: IncidentFilter,
  { after = [0, -1, 0], limit }: { after?: Key | undefined; limit: number },
): Promise<{ items: Item[]; next: Key | null }> {
  const [part, passed, id] = after as [number, number, number]
  const inProject = projectId === undefined ? sql`` : sql`AND project_id = ${projectId}`
  const wanted = limit + 1
  const found: Row[] = []
  if (part === 0) {
    found.push(
      ...(await q.all(sql`SELECT ${shortColumns}, ${rank} AS rank FROM pipeline
        WHERE type = 'incident' AND stage <> 'done' ${inProject} AND (${rank}, id) > (${passed}, ${id})
        ORDER BY ${rank}, id LIMIT ${wanted}`)),
    )
  }
  if (!onlyOpen && found.length < wanted) {
    const older = part === 0 ? sql`` : sql`AND id < ${id}`
    found.push(
      ...(await q.all(sql`SELECT ${shortColumns}, -1 AS rank FROM pipeline
        WHERE type = 'incident' AND stage = 'done' ${inProject} ${older}
        ORDER BY id DESC LIMIT ${wanted - found.length}`)),
    )
  }
  const last = found.length > limit ? found[limit - 1] : undefined
  return {
    items: found.slice(0, limit).map(toItem),
    next: last ? [last.rank === -1 ? 1 : 0, Number(last.rank), Number(last.id)] : null,
  }
}

/** An item that is spoken of. */
export interface Named {
  id: number
  title: string
}

export interface IncidentDetails {
  row: IncidentRow
  /** The live item; of one that is gone nothing is left. */
  subject: Named | null
  fix: (Named & Pick<Item, 'type' | 'stage'>) | null
  storm: Named | null
}

type Joined = RawIncident & {
  subject_title: string | null
  fix_title: string | null
  fix_type: string
  fix_stage: string
  storm_title: string | null
}

/** By item; none for an item that nobody opened as an incident. */
export async function incidentDetails(
  q: Queries,
  ids: readonly number[],
): Promise<Map<number, IncidentDetails>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<Joined>(sql`SELECT i.*, subject.title AS subject_title, fix.title AS fix_title,
      fix.type AS fix_type, fix.stage AS fix_stage, storm.title AS storm_title
    FROM pipeline_incidents i LEFT JOIN pipeline subject ON subject.id = i.subject_id
      LEFT JOIN pipeline fix ON fix.id = i.fix_id LEFT JOIN pipeline storm ON storm.id = i.storm_id
    WHERE i.item_id IN (${join([...ids])})`)
  return new Map(rows.map((row) => [row.item_id, detailsOf(row)]))
}

function detailsOf(raw: Joined): IncidentDetails {
  const row = toIncident(raw)
  const fix =
    row.fixId === null
      ? null
      : toItem({ id: row.fixId, title: raw.fix_title, type: raw.fix_type, stage: raw.fix_stage })
  return {
    row,
    subject: named(row.subjectId, raw.subject_title),
    fix: fix && { id: fix.id, title: fix.title, type: fix.type, stage: fix.stage },
    storm: named(row.stormId, raw.storm_title),
  }
}

const named = (id: number | null, title: string | null): Named | null =>
  id === null ? null : { id, title: String(title) }

/** Of storms: how many each has gathered. */
export async function gatheredBy(q: Queries, stormIds: readonly number[]): Promise<Map<number, Gathered>> {
  if (stormIds.length === 0) return new Map()
  const rows = await q.all<{ id: number; total: number; resolved: number }>(sql`
    SELECT storm_id AS id, count(*) AS total, count(resolved_ms) AS resolved FROM pipeline_incidents
    WHERE storm_id IN (${join([...stormIds])}) GROUP BY storm_id`)
  return new Map(rows.map(({ id, total, resolved }) => [id, { total, open: total - resolved }]))
}

/** What a storm gathered: open ones first, then the first to begin. */
export async function gatheredItems(q: Queries, stormId: number, limit: number): Promise<Item[]> {
  const rows =
    await q.all(sql`SELECT ${shortColumns} FROM pipeline_incidents i JOIN pipeline ON pipeline.id = i.item_id
    WHERE i.storm_id = ${stormId} ORDER BY (i.resolved_ms IS NOT NULL), i.began_ms, i.item_id LIMIT ${limit}`)
  return rows.map(toItem)
}

/** An open incident of an item, as it is shown beside it. */
export interface OpenIncident {
  id: number
  title: string
  /** As stored; one without counts as major. */
  severity: string | null
  openedMs: number | null
  createdAt: Instant
  isAcknowledged: boolean
  subjectId: number
}

/** Open incidents of these items, also those that were made as plain items, the first to be opened first. */
export async function openIncidentsOf(q: Queries, subjectIds: readonly number[]): Promise<OpenIncident[]> {
  if (subjectIds.length === 0) return []
  const rows = await q.all<{
    id: number
    title: string
    severity: string | null
    opened_ms: number | null
    created_at: string
    acknowledged_ms: number | null
    subject_id: number
  }>(sql`SELECT p.id, p.title, p.severity, i.opened_ms, p.created_at, i.acknowledged_ms,
      COALESCE(i.subject_id, p.parent_id) AS subject_id
    FROM pipeline p LEFT JOIN pipeline_incidents i ON i.item_id = p.id
    WHERE p.type = 'incident' AND p.stage <> 'done'
      AND COALESCE(i.subject_id, p.parent_id) IN (${idRows(q, subjectIds)}) ORDER BY p.id`)
  return rows.map((row) => ({
    id: row.id,
    title: String(row.title),
    severity: row.severity,
    openedMs: row.opened_ms,
    createdAt: readInstant(row.created_at) ?? toInstant(0),
    isAcknowledged: row.acknowledged_ms !== null,
    subjectId: row.subject_id,
  }))
}
