import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { findItem } from '../store/items.ts'
import { deleteMaintenance, endMaintenance, findMaintenance, markMaintenance } from '../store/maintenance.ts'
import { log } from './change.ts'
import * as field from './fields.ts'
import { maintenanceWindowWith, viewOf } from './maintenance-view.ts'
import { operation } from './operation.ts'

export const maintenanceRemove = operation({
  name: 'maintenance.remove',
  summary: 'Take planned maintenance away; one that goes on ends now',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({ id: field.itemId('number of the maintenance, as the list shows it') }),
  output: () => maintenanceWindowWith({ ended: z.boolean() }),
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
    const { itemId, window } = row
    const nowMs = toMs(now)
    const ended = window?.kind === 'window' && window.fromMs < nowMs && nowMs < window.toMs
    // What was in maintenance until now stays so in the books.
    if (ended) await endMaintenance(q, id, nowMs)
    else await deleteMaintenance(q, id)
    await markMaintenance(q, itemId, null)
    const item = itemId === null ? undefined : await findItem(q, itemId)
    const title = item?.title ?? null
    await log(context, itemId, ended ? 'maintenance-ended' : 'maintenance-removed', {
      detail: { title, maintenanceId: id },
      note: row.note,
    })
    const left = ended ? { ...row, window: { ...window, toMs: nowMs } } : row
    return { ...(await viewOf(left, title, now)), ended }
  },
  toText: ({ id, ended }) => (ended ? `Maintenance ${id} ends now` : `Maintenance ${id} is taken away`),
})
