/** Who runs health checks, and when each was last seen. Times are integer milliseconds. */

import sql from 'sql-template-tag'
import type { Queries } from './database.ts'

export interface WorkerRow {
  owner: string
  runner: string
  /** 0: it does not stay, or has stopped. */
  concurrency: number
  startedMs: number
  seenMs: number
  /** How late a run began at the most in the time before it was last seen. */
  lagMs: number
}

/** Who was not seen for so long is forgotten. */
const forgottenMs = 7 * 86_400_000

export async function seeWorker(q: Queries, worker: WorkerRow): Promise<void> {
  const { owner, runner, concurrency, startedMs, seenMs, lagMs } = worker
  await q.run(sql`
    INSERT INTO pipeline_workers (owner, runner, concurrency, started_ms, seen_ms, lag_ms)
    VALUES (${owner}, ${runner}, ${concurrency}, ${startedMs}, ${seenMs}, ${lagMs})
    ON CONFLICT (owner) DO UPDATE SET runner = excluded.runner, concurrency = excluded.concurrency,
      started_ms = excluded.started_ms, seen_ms = excluded.seen_ms, lag_ms = excluded.lag_ms`)
  await q.run(sql`DELETE FROM pipeline_workers WHERE seen_ms < ${seenMs - forgottenMs}`)
}

/** It stopped: that it looked is remembered, but it is here no more. */
export const endWorker = (q: Queries, owner: string): Promise<number> =>
  q.run(sql`UPDATE pipeline_workers SET concurrency = 0 WHERE owner = ${owner}`)

/** The one seen last comes first. */
export async function listWorkers(q: Queries): Promise<WorkerRow[]> {
  const rows = await q.all<{
    owner: string
    runner: string
    concurrency: number
    started_ms: number
    seen_ms: number
    lag_ms: number
  }>(sql`SELECT owner, runner, concurrency, started_ms, seen_ms, lag_ms FROM pipeline_workers
    ORDER BY seen_ms DESC, owner LIMIT 100`)
  return rows.map((row) => ({
    owner: row.owner,
    runner: row.runner,
    concurrency: row.concurrency,
    startedMs: row.started_ms,
    seenMs: row.seen_ms,
    lagMs: row.lag_ms,
  }))
}
