/** Which maintenance concerns which items: what was planned by command, beside what their checks say themselves. */

import { nextCron } from '../domain/cron.ts'
import type { Maintenance } from '../domain/health-check.ts'
import { maintenanceSpans } from '../domain/maintenance.ts'
import type { Queries } from '../store/database.ts'
import { listMaintenance, type MaintenanceRow } from '../store/maintenance.ts'

/** @param afterMs what ended before does not matter @returns the windows of an item */
export async function windowsOf(
  q: Queries,
  itemIds: readonly number[],
  afterMs: number,
): Promise<(itemId: number) => Maintenance[]> {
  const planned = itemIds.length === 0 ? [] : await listMaintenance(q, itemIds, afterMs)
  const legible = planned.map((row) => ({ of: row.itemId, windows: legibleWindows(row, afterMs) }))
  return (itemId) => legible.flatMap(({ of, windows }) => (of === null || of === itemId ? windows : []))
}

/** What came again and again until it was taken away: each time until then. */
function legibleWindows({ window, endedMs }: MaintenanceRow, afterMs: number): Maintenance[] {
  if (window === null || !isLegible(window)) return []
  if (endedMs === null) return [window]
  return maintenanceSpans([window], afterMs, endedMs).map((span) => ({ kind: 'window', ...span }))
}

/** What the owner's own SQL wrote must not keep runs from being stored. */
export function isLegible(window: Maintenance): boolean {
  if (window.kind === 'window') return true
  try {
    nextCron(window.expression, window.timezone, 0)
    return window.durationMs > 0
  } catch {
    return false
  }
}
