import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { findItem } from '../store/items.ts'
import {
  deleteMaintenance,
  endMaintenance,
  findMaintenance,
  type MaintenanceRow,
  markMaintenance,
} from '../store/maintenance.ts'
import { log } from './change.ts'
import * as field from './fields.ts'
import { endOf, type MaintenanceView, maintenanceWindowWith, viewOf } from './maintenance-view.ts'
import { operation } from './operation.ts'

export const maintenanceRemove = operation({
  name: 'maintenance.remove',
  summary: 'Take planned maintenance away; one that goes on ends now',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({ id: field.itemId('number of the maintenance, as the list shows it') }),
  output: () => maintenanceWindowWith({ ended: z.boolean(), changed: z.boolean() }),
  http: { method: 'delete', path: '/maintenance/:id' },
  command: { words: 'maintenance rm', positionals: ['id'], examples: ['pipeline maintenance rm 3'] },
  async run({ id }, context) {
    const { q, now } = context
    const row = await findMaintenance(q, id)
    if (!row) {
      throw new TrackerError('not-found', `there is no maintenance ${id}`, {
        hint: 'see what is planned: pipeline maintenance list',
      })
    }
    const { itemId } = row
    const nowMs = toMs(now)
    const item = itemId === null ? undefined : await findItem(q, itemId)
    const title = item?.title ?? null
    const view = await viewOf(row, title, now)
    if (isOver(row, nowMs)) return { ...view, ended: false, changed: false }
    const ended = view.activeUntil !== null
    const left = untilNow(row, view, nowMs)
    if (left) await endMaintenance(q, id, nowMs)
    else await deleteMaintenance(q, id)
    await markMaintenance(q, itemId, null)
    await log(context, itemId, ended ? 'maintenance-ended' : 'maintenance-removed', {
      detail: { title, maintenanceId: id },
      note: row.note,
    })
    return { ...(left ? await viewOf(left, title, now) : view), ended, changed: true }
  },
  toText({ id, ended, changed }) {
    if (!changed) return `Maintenance ${id} is over already; nothing changed`
    return ended ? `Maintenance ${id} ends now` : `Maintenance ${id} is taken away`
  },
})

function isOver(row: MaintenanceRow, nowMs: number): boolean {
  const endMs = endOf(row)
  return row.window !== null && endMs !== null && endMs <= nowMs
}

/**
 * The window without what is yet to come; null: it never was. What was in maintenance until now stays so in the books,
 * also where no run has told of it yet.
 */
function untilNow(row: MaintenanceRow, view: MaintenanceView, nowMs: number): MaintenanceRow | null {
  const { window } = row
  if (window?.kind === 'window')
    return window.fromMs < nowMs ? { ...row, window: { ...window, toMs: nowMs } } : null
  const isLegible = view.activeUntil !== null || view.next !== null
  return isLegible ? { ...row, endedMs: nowMs } : null
}
