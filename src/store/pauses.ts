/** Checks that are silent on purpose. Times are integer milliseconds. */

import sql from 'sql-template-tag'
import type { Queries } from './database.ts'

/**
 * No run until then, any lease void; the state is unknown, with its counters at zero, and what was missed before does
 * not matter any more.
 */
export const pauseCheck = (
  q: Queries,
  itemId: number,
  { pausedMs, untilMs, nextRunMs }: { pausedMs: number; untilMs: number | null; nextRunMs: number | null },
): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET paused_ms = ${pausedMs}, paused_until_ms = ${untilMs},
      next_run_ms = ${nextRunMs}, state = 'unknown', since_ms = NULL, failures = 0, successes = 0, missed_ms = NULL,
      told = CASE WHEN told IS NULL THEN NULL ELSE 'unknown' END, maintenance_until_ms = NULL,
      lease_owner = NULL, lease_until_ms = NULL, epoch = epoch + 1
    WHERE item_id = ${itemId}`)

export const resumeCheck = (q: Queries, itemId: number, nextRunMs: number | null): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET paused_ms = NULL, paused_until_ms = NULL, next_run_ms = ${nextRunMs},
    missed_ms = NULL WHERE item_id = ${itemId}`)
