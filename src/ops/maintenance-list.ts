import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { findItems } from '../store/items.ts'
import { listMaintenance } from '../store/maintenance.ts'
import { requireItem } from './change.ts'
import * as field from './fields.ts'
import { maintenanceLines, maintenanceWindow, viewOf } from './maintenance-view.ts'
import { operation } from './operation.ts'

export const maintenanceList = operation({
  name: 'maintenance.list',
  summary: 'List maintenance that goes on or is planned by command, newest first',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      id: z.optional(field.itemId('only what concerns this item')),
      past: z.optional(field.described(z.boolean(), 'what is over too')),
      limit: field.limit(),
    }),
  output: () => z.strictObject({ items: z.array(maintenanceWindow()) }),
  http: { method: 'get', path: '/maintenance' },
  command: {
    words: 'maintenance list',
    positionals: ['id'],
    examples: ['pipeline maintenance list', 'pipeline maintenance list 25 --past'],
  },
  async run({ id, past, limit }, { q, now }) {
    if (id !== undefined) await requireItem(q, id)
    const afterMs = past ? Number.MIN_SAFE_INTEGER : toMs(now)
    const rows = await listMaintenance(q, id === undefined ? undefined : [id], afterMs, limit)
    const items = await findItems(q, [...new Set(rows.flatMap((row) => row.itemId ?? []))])
    const titleOf = (itemId: number | null) => (itemId === null ? null : (items.get(itemId)?.title ?? null))
    return { items: await Promise.all(rows.map((row) => viewOf(row, titleOf(row.itemId), now))) }
  },
  toText({ items }, style) {
    if (items.length === 0) return 'No maintenance is planned.'
    return maintenanceLines(items, style)
  },
})
