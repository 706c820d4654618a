import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { listEntries } from '../store/activity.ts'
import { findIncident, mainCheck, markDismissed, openIncident } from '../store/incidents.ts'
import { childIds, deleteItem, freeChildren, lockTree } from '../store/items.ts'
import { dependentsOf } from '../store/links.ts'
import { unindexItem } from '../store/search.ts'
import { lockForChange, log } from './change.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { named } from './style.ts'

export const itemDelete = operation({
  name: 'item.delete',
  summary: 'Delete an item; its children stay, without a parent, and its history stays readable',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      yes: field.described(z.optional(z.boolean()), 'really delete it'),
      ifMatch: z.optional(field.version()),
    }),
  output: () =>
    z.strictObject({
      id: z.number(),
      title: z.string(),
      freed: z.array(z.number()),
      entriesKept: z.number(),
    }),
  http: { method: 'delete', path: '/items/:id' },
  command: { words: 'delete', positionals: ['id'], examples: ['pipeline delete 17 --yes'] },
  async run(input, context) {
    const { q } = context
    await lockTree(q)
    const item = await lockForChange(q, input.id, input.ifMatch)
    const freed = await childIds(q, item.id)
    if (!input.yes) {
      throw new TrackerError(
        'invalid',
        `deleting #${item.id} ${JSON.stringify(item.title)} can't be undone`,
        {
          hint: `its ${count(freed.length, 'child', 'children')} would stay; say --yes if you mean it`,
        },
      )
    }
    const open = await openIncident(q, item.id)
    if (open)
      await log(context, open.itemId, 'check-changed', {
        note: `#${item.id} was deleted. This incident stays open.`,
      })
    const stormId = await dismissIncident(context, item.id)
    await freeChildren(q, item.id, context.now)
    for (const id of freed)
      await log(context, id, 'parent-deleted', { detail: { parentId: item.id, title: item.title } })
    for (const id of await dependentsOf(q, item.id)) {
      await log(context, id, 'dependency-removed', {
        detail: { on: item.id, onTitle: item.title, deleted: true },
      })
    }
    const { title, type, stage } = item
    await log(context, item.id, 'deleted', { detail: { title, type, stage, freed } })
    await unindexItem(q, item.id)
    await deleteItem(q, item.id)
    if (stormId !== null) await (await import('./storm.ts')).followStorm(context, stormId)
    const kept = await listEntries(q, { itemId: item.id, limit: 1000 })
    return { id: item.id, title, freed, entriesKept: kept.length }
  },
  toText(gone, style) {
    const freed =
      gone.freed.length === 0
        ? ''
        : `\n${count(gone.freed.length, 'child', 'children')} without a parent now: ${gone.freed.map((id) => `#${id}`).join(', ')}`
    return `Deleted ${named(gone, style)}${freed}\n${style.dim(`its history stays: pipeline log --item ${gone.id}`)}`
  },
})

/**
 * The incident of a check, deleted while it is open or after a person resolved it, stays closed for its window.
 * @returns the storm that had gathered it
 */
async function dismissIncident({ q, now }: Context, id: number): Promise<number | null> {
  const incident = await findIncident(q, id)
  if (incident?.subjectId && incident.checkName === mainCheck && incident.resolvedBy !== 'system')
    await markDismissed(q, incident.subjectId, incident.resolvedMs ?? toMs(now))
  return incident?.stormId ?? null
}
