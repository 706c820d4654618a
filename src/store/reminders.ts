/** Open incidents that nobody has answered. */

import sql from 'sql-template-tag'
import { isReminderDue } from '../domain/incident.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import type { Queries, Row } from './database.ts'
import { type IncidentRow, type RawIncident, stormCheck, toIncident } from './incidents.ts'
import { shortColumns, toItem } from './items.ts'

export interface Reminder {
  incident: IncidentRow
  item: Item
}

/**
 * Those whose reminder is due, the oldest first. Of a storm that is not over only the storm itself is brought back to
 * mind, not what it gathered.
 * @param intervalMsOf how long to wait, by the health check (JSON text) of the incident's subject; null: it has none
 */
export async function dueReminders(
  q: Queries,
  now: Instant,
  intervalMsOf: (healthCheck: string | null) => number,
  limit: number,
): Promise<Reminder[]> {
  const nowMs = toMs(now)
  const rows = await q.all<RawIncident & Row & { subject_check: string | null }>(sql`
    SELECT ${shortColumns}, i.*, subject.health_check AS subject_check
    FROM pipeline_incidents i JOIN pipeline ON pipeline.id = i.item_id
      LEFT JOIN pipeline subject ON subject.id = i.subject_id
      LEFT JOIN pipeline_incidents storm ON storm.item_id = i.storm_id
    WHERE i.resolved_ms IS NULL AND i.acknowledged_ms IS NULL AND pipeline.stage = 'idea'
      AND pipeline.assignee IS NULL
      AND (storm.item_id IS NULL OR storm.resolved_ms IS NOT NULL OR i.check_name = ${stormCheck})
    ORDER BY COALESCE(i.reminded_ms, i.began_ms), i.item_id`)
  const due: Reminder[] = []
  for (const row of rows) {
    const incident = toIncident(row)
    const known = { ...incident, acknowledged: false, takenUp: false }
    if (!isReminderDue(known, intervalMsOf(row.subject_check), nowMs)) continue
    due.push({ incident, item: toItem(row) })
    if (due.length === limit) break
  }
  return due
}

/** @returns false when somebody else did it first, or it was acknowledged or resolved since */
export const markReminded = async (q: Queries, incident: IncidentRow, nowMs: number): Promise<boolean> =>
  (await q.run(sql`UPDATE pipeline_incidents SET reminded_ms = ${nowMs}
    WHERE item_id = ${incident.itemId} AND resolved_ms IS NULL AND acknowledged_ms IS NULL
      AND COALESCE(reminded_ms, -1) = ${incident.remindedMs ?? -1}`)) === 1
