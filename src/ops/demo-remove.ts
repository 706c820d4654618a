import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { deleteItem } from '../store/items.ts'
import { listItems } from '../store/lists.ts'
import { deleteProject, findProject } from '../store/projects.ts'
import { unindexItem } from '../store/search.ts'
import { log } from './change.ts'
import { demoProject } from './demo-load.ts'
import { operation } from './operation.ts'

export const demoRemove = operation({
  name: 'demo.remove',
  summary: 'Remove the sample project and everything in it',
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
    const { items } = await listItems(
      q,
      { projectId: project.id },
      { sort: 'id', descending: true, limit: 10_000 },
    )
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
  toText: ({ items }) => `Removed the sample: ${items} items`,
})
