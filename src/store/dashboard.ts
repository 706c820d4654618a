/**
 * What the dashboard is reckoned from. One statement a question; what there is much of comes as one text a stage, since
 * ten thousand rows take longer to hand over than to find.
 */

import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import type { Finished } from '../domain/flow.ts'
import { type Instant, readInstant, toMs } from '../domain/instant.ts'
import { isFinish } from './arrivals.ts'
import type { Queries } from './database.ts'
import { isThere, lastArrival } from './stays.ts'

/** A condition more, where only one project is asked for. */
const inProject = (projectId: number | undefined): Sql =>
  projectId === undefined ? empty : sql`AND p.project_id = ${projectId}`

/** Of a column or an expression, as both engines write an instant in a text. */
const instantText = (q: Queries, time: string): Sql =>
  raw(q.engine === 'sqlite' ? time : `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)

const msOf = (text: string | undefined): number | null => {
  const at = text ? readInstant(text) : null
  return at === null ? null : toMs(at)
}

/** An item in its stage. */
export interface Stay {
  id: number
  /** Null: nobody knows. */
  sinceMs: number | null
}

/** Every item that is not finished, by its stage as it is stored; incidents left out. */
export async function stays(q: Queries, projectId: number | undefined): Promise<Map<string, Stay[]>> {
  const rows = await q.all<{ stage: string; stays: string }>(sql`
    SELECT p.stage, string_agg(CAST(p.id AS TEXT) || ',' ||
      COALESCE(CASE WHEN ${isThere(q)} THEN ${instantText(q, 'a.at')} END, ''), ';') AS stays
    FROM pipeline p LEFT JOIN pipeline_activity a ON ${lastArrival}
    WHERE p.stage NOT IN ('done', 'live') AND p.type <> 'incident' ${inProject(projectId)} GROUP BY p.stage`)
  const stayOf = (text: string): Stay => {
    const [id, since] = text.split(',')
    return { id: Number(id), sinceMs: msOf(since) }
  }
  return new Map(rows.map((row) => [row.stage, row.stays.split(';').map(stayOf)]))
}

/**
 * Items that were finished for the first time since an instant, as the log tells; of those of which it does not, as
 * they tell themselves. Incidents left out.
 */
export async function finishedSince(
  q: Queries,
  projectId: number | undefined,
  since: Instant,
): Promise<Finished[]> {
  const packed = (at: string): Sql =>
    sql`string_agg(CAST(p.id AS TEXT) || ',' || COALESCE(${instantText(q, at)}, '') || ',' ||
      COALESCE(${instantText(q, 'p.started_at')}, ''), ';') AS items`
  const finish = raw(isFinish(q.engine))
  const rows = await q.all<{ items: string | null }>(sql`
    SELECT ${packed('f.at')} FROM (SELECT item_id, min(at) AS at FROM pipeline_activity WHERE ${finish} GROUP BY item_id) f
      JOIN pipeline p ON p.id = f.item_id WHERE f.at >= ${since} AND p.type <> 'incident' ${inProject(projectId)}
    UNION ALL
    SELECT ${packed('COALESCE(p.done_at, p.live_at)')} FROM pipeline p
      WHERE p.stage IN ('done', 'live') AND COALESCE(p.live_at, p.done_at) >= ${since} AND p.type <> 'incident'
        ${inProject(projectId)} AND NOT EXISTS (SELECT 1 FROM pipeline_activity
          WHERE pipeline_activity.item_id = p.id AND ${finish})`)
  const itemOf = (text: string): Finished[] => {
    const [id, at, started] = text.split(',')
    const finishedMs = msOf(at)
    return finishedMs === null ? [] : [{ id: Number(id), finishedMs, startedMs: msOf(started) }]
  }
  return rows.flatMap((row) => (row.items ? row.items.split(';').flatMap(itemOf) : []))
}

/** The first of how many. */
export interface Found<T> {
  count: number
  first: T[]
}

const foundOf = <R extends { n: number }, T>(rows: R[], read: (row: R) => T): Found<T> => ({
  count: Number(rows[0]?.n ?? 0),
  first: rows.map(read),
})

/** Flagged and not finished, the longest first. */
export async function blockedItems(
  q: Queries,
  projectId: number | undefined,
  limit: number,
): Promise<Found<{ id: number; since: Instant | null; reason: string }>> {
  const rows = await q.all<{ id: number; at: string; reason: string | null; n: number }>(sql`
    SELECT p.id, p.blocked_at AS at, substr(p.blocked_reason, 1, 500) AS reason, count(*) OVER () AS n FROM pipeline p
    WHERE p.blocked_at IS NOT NULL AND p.stage NOT IN ('done', 'live') ${inProject(projectId)}
    ORDER BY p.blocked_at, p.id LIMIT ${limit}`)
  return foundOf(rows, ({ id, at, reason }) => ({ id, since: readInstant(at), reason: reason ?? '' }))
}

/** Live without a check, the newest first. */
export async function uncheckedItems(
  q: Queries,
  projectId: number | undefined,
  limit: number,
): Promise<Found<{ id: number; since: Instant | null }>> {
  const rows = await q.all<{ id: number; at: string | null; n: number }>(sql`
    SELECT p.id, p.live_at AS at, count(*) OVER () AS n FROM pipeline p
    WHERE p.stage = 'live' AND p.health_check IS NULL ${inProject(projectId)}
    ORDER BY COALESCE(p.live_at, p.done_at) DESC NULLS LAST, p.id DESC LIMIT ${limit}`)
  return foundOf(rows, ({ id, at }) => ({ id, since: readInstant(at) }))
}

/** When an incident began, was acknowledged and ended; times in milliseconds since 1970. */
export interface IncidentTimes {
  id: number
  isOpen: boolean
  severity: string | null
  subjectId: number | null
  openedMs: number
  acknowledgedMs: number | null
  resolvedMs: number | null
}

/** Every open incident, and those that were opened since an instant, also those that were made as plain items. */
export async function incidentTimes(
  q: Queries,
  projectId: number | undefined,
  since: Instant,
): Promise<IncidentTimes[]> {
  const columns = sql`p.id, p.stage, p.severity, p.created_at, p.done_at, i.opened_ms, i.acknowledged_ms, i.resolved_ms,
    COALESCE(i.subject_id, p.parent_id) AS subject_id FROM pipeline p LEFT JOIN pipeline_incidents i ON i.item_id = p.id`
  const rows = await q.all<{
    id: number
    stage: string
    severity: string | null
    subject_id: number | null
    created_at: string
    done_at: string | null
    opened_ms: number | null
    acknowledged_ms: number | null
    resolved_ms: number | null
  }>(sql`
    SELECT ${columns} WHERE p.type = 'incident' AND p.stage <> 'done' ${inProject(projectId)}
    UNION ALL SELECT ${columns} WHERE p.type = 'incident' AND p.stage = 'done' AND p.created_at >= ${since}
      ${inProject(projectId)}`)
  return rows.map((row) => {
    const isOpen = row.stage !== 'done'
    return {
      id: row.id,
      isOpen,
      severity: row.severity,
      subjectId: row.subject_id,
      openedMs: row.opened_ms ?? msOf(row.created_at) ?? 0,
      acknowledgedMs: row.acknowledged_ms,
      resolvedMs: isOpen ? null : (row.resolved_ms ?? msOf(row.done_at ?? undefined)),
    }
  })
}

/** Channels over which the last thing that was to be told was not, since their program waits for approval. */
export async function unapprovedChannels(q: Queries, because: string): Promise<string[]> {
  const rows = await q.all<{ channel: string; at_ms: number }>(sql`
    SELECT d.channel, d.ended_ms AS at_ms FROM pipeline_deliveries d
    WHERE d.id IN (SELECT max(id) FROM pipeline_deliveries GROUP BY channel)
      AND d.state = 'dropped' AND substr(d.reason, 1, ${because.length}) = ${because}`)
  if (rows.length === 0) return []
  const approvals = await q.all<{
    at: string
    detail: string | null
  }>(sql`SELECT at, detail FROM pipeline_activity
    WHERE item_id IS NULL AND action = 'channel-approved'`)
  const isApproved = ({ channel, at_ms }: { channel: string; at_ms: number }): boolean =>
    approvals.some(
      ({ at, detail }) =>
        detail?.includes(`"channel":${JSON.stringify(channel)}`) === true && (msOf(at) ?? 0) >= at_ms,
    )
  return rows.filter((row) => !isApproved(row)).map((row) => row.channel)
}

/** Titles of items, by id. */
export async function titlesOf(q: Queries, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ id: number; title: string }>(
    sql`SELECT id, title FROM pipeline WHERE id IN (${join([...ids])})`,
  )
  return new Map(rows.map((row) => [row.id, String(row.title)]))
}
