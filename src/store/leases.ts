/** Who runs which check, and until when: taken by compare-and-set, fenced by a raised epoch. Integer milliseconds. */

import sql, { empty, join, raw } from 'sql-template-tag'
import { type CheckRow, type RawCheck, toCheck } from './checks.ts'
import type { Queries } from './database.ts'

export interface LeaseRequest {
  owner: string
  nowMs: number
  /** Only what falls due by then. */
  dueByMs: number
  limit: number
  runner: string
}

/** So far the clocks of two workers may be apart; beyond, one of them was set. */
const apartMs = 60_000

/** Free, or held by somebody whose lease has run out; one that is longer than any was taken before the clock was set back. */
const free = (nowMs: number) =>
  sql`(lease_until_ms IS NULL OR lease_until_ms <= ${nowMs} OR lease_until_ms > lease_ms + ${nowMs + apartMs})`

/** Leases what is due for as long as its longest run takes, the most overdue first; a check that another worker holds is left alone. */
export async function leaseDue(q: Queries, request: LeaseRequest): Promise<CheckRow[]> {
  const { owner, nowMs, dueByMs, limit, runner } = request
  // Materialized: as a plain subquery PostgreSQL may ask it again for each row, and lock more than the limit.
  const rows = await q.all<RawCheck>(sql`
    WITH due AS MATERIALIZED (
      SELECT item_id FROM pipeline_checks
      WHERE next_run_ms IS NOT NULL AND next_run_ms <= ${dueByMs} AND runner = ${runner} AND ${free(nowMs)}
      ORDER BY next_run_ms, item_id LIMIT ${limit} ${q.engine === 'postgres' ? raw('FOR UPDATE SKIP LOCKED') : empty})
    UPDATE pipeline_checks SET lease_owner = ${owner}, epoch = epoch + 1,
      lease_until_ms = lease_ms + CASE WHEN next_run_ms > ${nowMs} THEN next_run_ms ELSE ${nowMs} END
    WHERE item_id IN (SELECT item_id FROM due) RETURNING *`)
  return rows.map(toCheck)
}

/** Leases one check, due or not. @returns undefined while another worker holds it */
export async function leaseOne(
  q: Queries,
  itemId: number,
  { owner, nowMs }: Pick<LeaseRequest, 'owner' | 'nowMs'>,
): Promise<CheckRow | undefined> {
  const row = await q.get<RawCheck>(sql`
    UPDATE pipeline_checks SET lease_owner = ${owner}, lease_until_ms = lease_ms + ${nowMs}, epoch = epoch + 1
    WHERE item_id = ${itemId} AND ${free(nowMs)} RETURNING *`)
  return row && toCheck(row)
}

/** Gives leases back without a result: the runs are due again. @param itemIds only these */
export const giveBack = (q: Queries, owner: string, itemIds?: readonly number[]): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET lease_owner = NULL, lease_until_ms = NULL, epoch = epoch + 1
    WHERE lease_owner = ${owner} ${itemIds ? sql`AND item_id IN (${join([...itemIds])})` : empty}`)

/**
 * When the next run of a runner is due that nobody holds; undefined when nothing is. What is held is found when its
 * lease has run out.
 */
export async function nextDueMs(q: Queries, runner: string, nowMs: number): Promise<number | undefined> {
  const row = await q.get<{ at: number }>(sql`
    SELECT next_run_ms AS at FROM pipeline_checks
    WHERE next_run_ms IS NOT NULL AND runner = ${runner} AND ${free(nowMs)} ORDER BY next_run_ms, item_id LIMIT 1`)
  return row?.at
}

/** The clock was set back: what last ran, was missed or went live at an instant that is yet to come is due now. */
export const rewind = (q: Queries, runner: string, nowMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET next_run_ms = ${nowMs}
    WHERE next_run_ms > ${nowMs} AND runner = ${runner} AND ${free(nowMs)}
      AND (paused_until_ms IS NULL OR paused_until_ms <= ${nowMs})
      AND (last_run_ms > ${nowMs + apartMs} OR (last_run_ms IS NULL AND live_since_ms > ${nowMs + apartMs}) OR missed_ms > ${nowMs + apartMs})`)

/** What was missed while nobody looked, the most overdue first. */
export async function missedChecks(q: Queries, runner: string, nowMs: number): Promise<CheckRow[]> {
  const rows = await q.all<RawCheck>(sql`
    SELECT * FROM pipeline_checks
    WHERE next_run_ms IS NOT NULL AND runner = ${runner} AND ${free(nowMs)}
      AND next_run_ms <= ${nowMs} AND (paused_until_ms IS NULL OR paused_until_ms <= ${nowMs})
    ORDER BY next_run_ms, item_id ${q.engine === 'postgres' ? raw('FOR UPDATE SKIP LOCKED') : empty}`)
  return rows.map(toCheck)
}

/** Another instant for the next run, null for none: the one that was due is missed. */
export const missRun = (q: Queries, itemId: number, nextRunMs: number | null): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET missed_ms = COALESCE(missed_ms, next_run_ms), next_run_ms = ${nextRunMs}
    WHERE item_id = ${itemId}`)
