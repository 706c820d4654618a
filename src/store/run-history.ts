/** Runs of one check over time: single ones, as far as they are kept, and put together. Times are milliseconds. */

import sql, { raw } from 'sql-template-tag'
import type { RunResult } from '../domain/observation.ts'
import type { Bucket } from '../domain/run-series.ts'
import { resultOf } from './checks.ts'
import type { Queries } from './database.ts'
import { idRows } from './id-rows.ts'
import type { Run } from './runs.ts'

/** From when on what is kept; null: nothing is. Hours and days since 1970. */
export interface Kept {
  runMs: number | null
  hour: number | null
  day: number | null
}

export async function keptOf(q: Queries, itemId: number): Promise<Kept> {
  const row = await q.get<Kept>(sql`SELECT
    (SELECT min(started_ms) FROM pipeline_runs WHERE item_id = ${itemId}) AS "runMs",
    (SELECT min(hour) FROM pipeline_hours WHERE item_id = ${itemId}) AS hour,
    (SELECT min(day) FROM pipeline_days WHERE item_id = ${itemId}) AS day`)
  return row!
}

export interface RunRange {
  itemId: number
  /** Half-open. */
  fromMs: number
  toMs: number
}

export interface RunPage {
  oldestFirst: boolean
  /** When the last one of the page before began. */
  after?: number | undefined
  limit: number
}

export async function runsBetween(
  q: Queries,
  { itemId, fromMs, toMs }: RunRange,
  { oldestFirst, after, limit }: RunPage,
): Promise<Omit<Run, 'perfdata'>[]> {
  const lowest = oldestFirst && after !== undefined ? Math.max(fromMs, after + 1) : fromMs
  const end = !oldestFirst && after !== undefined ? Math.min(toMs, after) : toMs
  const rows = await q.all<{
    started_ms: number
    duration_ms: number
    result: string
    attempts: number
    summary: string | null
  }>(sql`SELECT started_ms, duration_ms, result, attempts, summary FROM pipeline_runs
    WHERE item_id = ${itemId} AND started_ms >= ${lowest} AND started_ms < ${end}
    ORDER BY started_ms ${raw(oldestFirst ? '' : 'DESC')} LIMIT ${limit}`)
  return rows.map((row) => ({
    startedMs: row.started_ms,
    durationMs: row.duration_ms,
    result: resultOf(row.result),
    attempts: row.attempts,
    summary: row.summary,
  }))
}

export async function countRuns(q: Queries, { itemId, fromMs, toMs }: RunRange): Promise<number> {
  const row = await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM pipeline_runs
    WHERE item_id = ${itemId} AND started_ms >= ${fromMs} AND started_ms < ${toMs}`)
  return Number(row!.n)
}

/** Single runs in steps of a width, on the clock's grid. */
export async function runBuckets(
  q: Queries,
  { itemId, fromMs, toMs }: RunRange,
  widthMs: number,
): Promise<Bucket[]> {
  const rows = await q.all<{
    step: number
    runs: number
    failed: number
    duration_ms: number
    shortest_ms: number
    longest_ms: number
    rank: number
  }>(sql`SELECT started_ms / ${raw(String(widthMs))} AS step, count(*) AS runs,
      sum(CASE WHEN result = 'down' THEN 1 ELSE 0 END) AS failed, sum(duration_ms) AS duration_ms,
      min(duration_ms) AS shortest_ms, max(duration_ms) AS longest_ms,
      max(CASE result WHEN 'down' THEN 4 WHEN 'degraded' THEN 3 WHEN 'up' THEN 0 WHEN 'maintenance' THEN 1 ELSE 2 END)
        AS rank
    FROM pipeline_runs WHERE item_id = ${itemId} AND started_ms >= ${fromMs} AND started_ms < ${toMs}
    GROUP BY 1 ORDER BY 1`)
  // PostgreSQL gives sums as text.
  return rows.map((row) => ({
    fromMs: Number(row.step) * widthMs,
    toMs: (Number(row.step) + 1) * widthMs,
    runs: Number(row.runs),
    failed: Number(row.failed),
    durationMs: Number(row.duration_ms),
    shortestMs: Number(row.shortest_ms),
    longestMs: Number(row.longest_ms),
    worst: byRank[Number(row.rank)]!,
  }))
}

const byRank: RunResult[] = ['up', 'maintenance', 'unknown', 'degraded', 'down']

/** An incident of a check over time. */
export interface IncidentSpan {
  id: number
  title: string
  severity: string | null
  openedMs: number
  resolvedMs: number | null
}

/** Incidents of an item that overlap a range: the last `limit`, oldest first. */
export async function incidentsBetween(
  q: Queries,
  { itemId, fromMs, toMs }: RunRange,
  limit: number,
): Promise<IncidentSpan[]> {
  const rows = await q.all<{
    id: number
    title: string
    severity: string | null
    opened_ms: number
    resolved_ms: number | null
  }>(sql`SELECT p.id, p.title, p.severity, i.opened_ms, i.resolved_ms
    FROM pipeline_incidents i JOIN pipeline p ON p.id = i.item_id
    WHERE i.subject_id = ${itemId} AND i.opened_ms >= 0 AND i.opened_ms < ${toMs}
      AND (i.resolved_ms IS NULL OR i.resolved_ms >= ${fromMs})
    ORDER BY i.opened_ms DESC, i.item_id DESC LIMIT ${limit}`)
  return rows.toReversed().map((row) => ({
    id: row.id,
    title: String(row.title),
    severity: row.severity,
    openedMs: row.opened_ms,
    resolvedMs: row.resolved_ms,
  }))
}

/** Of each item the instant of the first of its last `count` runs, and how long each took; null: it did not go well. */
export async function lastDurations(
  q: Queries,
  itemIds: readonly number[],
  count: number,
): Promise<Map<number, { fromMs: number; durations: (number | null)[] }>> {
  if (itemIds.length === 0) return new Map()
  const rows = await q.all<{ id: number; runs: string }>(sql`WITH r (id, from_ms) AS MATERIALIZED (
      SELECT e.id, (SELECT started_ms FROM pipeline_runs
        WHERE item_id = e.id ORDER BY started_ms DESC LIMIT 1 OFFSET ${count - 1})
      FROM (${idRows(q, itemIds)}) e)
    SELECT r.id, string_agg(CAST(started_ms AS TEXT) || ',' ||
      CASE WHEN result IN ('up', 'degraded') THEN CAST(duration_ms AS TEXT) ELSE '' END, ' ') AS runs
    FROM r CROSS JOIN pipeline_runs s WHERE s.item_id = r.id AND (r.from_ms IS NULL OR s.started_ms >= r.from_ms)
    GROUP BY r.id`)
  return new Map(rows.map(({ id, runs }) => [Number(id), durationsIn(runs)]))
}

function durationsIn(text: string): { fromMs: number; durations: (number | null)[] } {
  const runs = text.split(' ').map((run) => run.split(',') as [string, string])
  runs.sort((a, b) => Number(a[0]) - Number(b[0]))
  return { fromMs: Number(runs[0]![0]), durations: runs.map(([, ms]) => (ms === '' ? null : Number(ms))) }
}
