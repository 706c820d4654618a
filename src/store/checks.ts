/** What is known of a health check: its state, its schedule, its approval. Times are integer milliseconds. */

import sql, { empty, join, raw } from 'sql-template-tag'
import type { CheckState } from '../domain/check-state.ts'
import type { CheckResult, RunResult } from '../domain/observation.ts'
import type { TimedState } from '../domain/uptime.ts'
import type { Queries } from './database.ts'

/** What tells how a check stands: of all that is live it is read at once. */
export interface CheckStanding {
  state: CheckState
  lastRunMs: number | null
  lastResult: RunResult | null
  lastSummary: string | null
  lastDurationMs: number | null
  nextRunMs: number | null
  leaseOwner: string | null
  leaseUntilMs: number | null
  /** The results of the last runs, see `domain/flapping.ts`. */
  history: number
  /** The state that `pipeline_states` says last. */
  told: TimedState | null
  /** Up to which instant hours are summed up. */
  rolledMs: number | null
  /** When the first run was due that was missed since the last one. */
  missedMs: number | null
  pausedMs: number | null
  /** Null while it is paused: until it is resumed. */
  pausedUntilMs: number | null
  /** Fingerprint of the command that may run. */
  approvedCommand: string | null
}

export interface CheckRow extends CheckStanding {
  itemId: number
  liveSinceMs: number | null
  runner: string
  epoch: number
  /** Heartbeat: a start without an end. */
  begunMs: number | null
  /** Heartbeat: when the job last said that it ended. */
  pingedMs: number | null
  /** The end of the maintenance that the last run fell into. */
  maintenanceUntilMs: number | null
}

export interface RawStanding {
  state: string | null
  since_ms: number | null
  failures: number
  successes: number
  last_run_ms: number | null
  last_result: string | null
  last_summary: string | null
  last_duration_ms: number | null
  next_run_ms: number | null
  lease_owner: string | null
  lease_until_ms: number | null
  history: number
  told: string | null
  rolled_ms: number | null
  missed_ms: number | null
  paused_ms: number | null
  paused_until_ms: number | null
  approved_command: string | null
}

export interface RawCheck extends RawStanding {
  item_id: number
  live_since_ms: number | null
  runner: string
  epoch: number
  begun_ms: number | null
  pinged_ms: number | null
  maintenance_until_ms: number | null
}

const states: readonly string[] = ['up', 'degraded', 'down', 'unknown']

/** What no version of ours wrote reads as unknown. */
const stateOf = (word: string | null): CheckResult =>
  states.includes(word ?? '') ? (word as CheckResult) : 'unknown'

export const resultOf = (word: string | null): RunResult =>
  word === 'maintenance' ? 'maintenance' : stateOf(word)

export const toCheck = (row: RawCheck): CheckRow => ({
  ...toStanding(row),
  itemId: row.item_id,
  liveSinceMs: row.live_since_ms,
  runner: row.runner,
  epoch: row.epoch,
  begunMs: row.begun_ms,
  pingedMs: row.pinged_ms,
  maintenanceUntilMs: row.maintenance_until_ms,
})

export const toStanding = (row: RawStanding): CheckStanding => ({
  state: {
    state: stateOf(row.state),
    sinceMs: row.since_ms,
    failures: row.failures,
    successes: row.successes,
  },
  lastRunMs: row.last_run_ms,
  lastResult: row.last_result === null ? null : resultOf(row.last_result),
  lastSummary: row.last_summary,
  lastDurationMs: row.last_duration_ms,
  nextRunMs: row.next_run_ms,
  leaseOwner: row.lease_owner,
  leaseUntilMs: row.lease_until_ms,
  history: row.history,
  told: row.told === null ? null : resultOf(row.told),
  rolledMs: row.rolled_ms,
  missedMs: row.missed_ms,
  pausedMs: row.paused_ms,
  pausedUntilMs: row.paused_until_ms,
  approvedCommand: row.approved_command,
})

export async function findChecks(q: Queries, itemIds: readonly number[]): Promise<Map<number, CheckRow>> {
  if (itemIds.length === 0) return new Map()
  const rows = await q.all<RawCheck>(
    sql`SELECT * FROM pipeline_checks WHERE item_id IN (${join([...itemIds])})`,
  )
  return new Map(rows.map((row) => [row.item_id, toCheck(row)]))
}

/** Kept from changing by others until the transaction ends; always locked in the order of their items. */
export async function lockChecks(q: Queries, itemIds: readonly number[]): Promise<Map<number, CheckRow>> {
  if (itemIds.length === 0) return new Map()
  const lock = q.engine === 'postgres' ? raw('FOR UPDATE') : empty
  const rows = await q.all<RawCheck>(
    sql`SELECT * FROM pipeline_checks WHERE item_id IN (${join([...itemIds])}) ORDER BY item_id ${lock}`,
  )
  return new Map(rows.map((row) => [row.item_id, toCheck(row)]))
}

export const lockCheck = async (q: Queries, itemId: number): Promise<CheckRow | undefined> =>
  (await lockChecks(q, [itemId])).get(itemId)

/**
 * The schedule starts anew: state unknown, counters at zero, any lease void.
 * @param schedule with the next run, null: not scheduled; and the pause that goes on
 */
export async function resetCheck(
  q: Queries,
  itemId: number,
  schedule: Pick<CheckRow, 'nextRunMs' | 'liveSinceMs' | 'runner' | 'pausedMs' | 'pausedUntilMs'> & {
    leaseMs: number
  },
): Promise<void> {
  await q.run(sql`
    INSERT INTO pipeline_checks (item_id, next_run_ms, live_since_ms, runner, lease_ms, paused_ms, paused_until_ms)
    VALUES (${itemId}, ${schedule.nextRunMs}, ${schedule.liveSinceMs}, ${schedule.runner}, ${schedule.leaseMs},
      ${schedule.pausedMs}, ${schedule.pausedUntilMs})
    ON CONFLICT (item_id) DO UPDATE SET state = 'unknown', since_ms = NULL, failures = 0, successes = 0, history = 0,
      next_run_ms = excluded.next_run_ms, live_since_ms = excluded.live_since_ms, runner = excluded.runner,
      lease_ms = excluded.lease_ms, begun_ms = NULL, missed_ms = NULL,
      told = CASE WHEN pipeline_checks.told IS NULL THEN NULL ELSE 'unknown' END, paused_ms = excluded.paused_ms,
      paused_until_ms = excluded.paused_until_ms, maintenance_until_ms = NULL,
      last_run_ms = NULL, last_result = NULL, last_summary = NULL, last_duration_ms = NULL,
      lease_owner = NULL, lease_until_ms = NULL, epoch = pipeline_checks.epoch + 1`)
}

/** What is scheduled, and not paused, is due at once: until now it could not run. @returns 0 where there is no schedule yet */
export const approveCheck = (q: Queries, itemId: number, command: string, nowMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET approved_command = ${command},
      next_run_ms = CASE WHEN next_run_ms IS NULL OR paused_until_ms > ${nowMs} THEN next_run_ms ELSE ${nowMs} END
    WHERE item_id = ${itemId}`)

export const removeCheck = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_checks WHERE item_id = ${itemId}`)

/** No more runs, any lease void: the owner's own SQL took the item out of live, or its check away. */
export const unschedule = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET next_run_ms = NULL, live_since_ms = NULL, lease_owner = NULL,
    lease_until_ms = NULL, epoch = epoch + 1 WHERE item_id = ${itemId}`)

/** Live items with a check that no schedule knows as live: written by the owner's own SQL. */
export async function unscheduledItems(q: Queries, limit: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`
    SELECT p.id FROM pipeline p LEFT JOIN pipeline_checks c ON c.item_id = p.id
    WHERE p.stage = 'live' AND p.health_check IS NOT NULL AND c.live_since_ms IS NULL ORDER BY p.id LIMIT ${limit}`)
  return rows.map((row) => row.id)
}
