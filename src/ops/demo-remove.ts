import * as z from 'zod/mini'
import { demoProject } from '../domain/demo.ts'
import type { Item } from '../domain/item.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { listEntries } from '../store/activity.ts'
import { findIncident } from '../store/incidents.ts'
import { deleteItem, findItem } from '../store/items.ts'
import { children } from '../store/lists.ts'
import { deleteProject, findProject } from '../store/projects.ts'
import { unindexItem } from '../store/search.ts'
import { log } from './change.ts'
import { type Context, operation } from './operation.ts'

export const demoRemove = operation({
  name: 'demo.remove',
  summary: 'Remove the sample project; what was put beside or below it stays',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ items: z.number() }),
  http: { method: 'delete', path: '/demo' },
  command: { words: 'demo', switch: 'remove' },
  async run(_input, context) {
    const { q } = context
    const project = await findProject(q, demoProject)
    if (!project)
      throw new TrackerError('not-found', 'the sample project is not loaded', {
        hint: 'load it: pipeline demo',
      })
    const items = await loadedItems(context)
    if (items === undefined) {
      throw new TrackerError(
        'not-found',
        `the project ${JSON.stringify(demoProject)} is your own, not the sample`,
      )
    }
    for (const item of items) {
      await log(context, item.id, 'deleted', {
        detail: { title: item.title, type: item.type, stage: item.stage },
      })
      await unindexItem(q, item.id)
      await deleteItem(q, item.id)
    }
    await deleteProject(q, project.id)
    await log(context, null, 'demo-removed', { detail: { items: items.length } })
    return { items: items.length }
  },
  toText: ({ items }) => `Removed the sample: ${count(items, 'item')}`,
})

/** What the sample made, and the incidents of its checks; not what others put beside or below. */
async function loadedItems({ q }: Context): Promise<Item[] | undefined> {
  const [loaded] = await listEntries(q, { action: 'demo-loaded', limit: 1 })
  const ids = loaded?.detail?.ids
  if (!Array.isArray(ids)) return undefined
  const items: Item[] = []
  for (const id of ids.map(Number)) {
    const item = await findItem(q, id)
    if (!item) continue
    for (const child of await children(q, id, 1000)) if (await findIncident(q, child.id)) items.push(child)
    items.push(item)
  }
  return items
}
