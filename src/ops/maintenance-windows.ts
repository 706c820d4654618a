/** Which maintenance concerns which items: what was planned by command, beside what their checks say themselves. */

import { nextCron } from '../domain/cron.ts'
import type { Maintenance } from '../domain/health-check.ts'
import type { Queries } from '../store/database.ts'
import { listMaintenance } from '../store/maintenance.ts'

/** @param afterMs what ended before does not matter @returns the windows of an item */
export async function windowsOf(
  q: Queries,
  itemIds: readonly number[],
  afterMs: number,
): Promise<(itemId: number) => Maintenance[]> {
  const planned = itemIds.length === 0 ? [] : await listMaintenance(q, itemIds, afterMs)
  const legible = planned.filter((row) => row.window !== null && isLegible(row.window))
  return (itemId) =>
    legible.flatMap((row) => (row.itemId === null || row.itemId === itemId ? [row.window!] : []))
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
