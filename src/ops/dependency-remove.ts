import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { removeDependency } from '../store/links.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const dependencyRemove = operation({
  name: 'dependency.remove',
  summary: 'Take a dependency away',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId('the item that waits'),
      on: field.itemId('the item that it waits for'),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItem(),
  http: { method: 'delete', path: '/items/:id/dependencies/:on' },
  command: { words: 'dep rm', positionals: ['id', 'on'], examples: ['pipeline dep rm 14 12'] },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (!(await removeDependency(context.q, input.id, input.on))) {
      throw new TrackerError('not-found', `#${input.id} does not depend on #${input.on}`, {
        hint: `see what it waits for: pipeline show ${input.id}`,
      })
    }
    const stored = await store(context, item, {})
    await log(context, item.id, 'dependency-removed', { detail: { title: item.title, on: input.on } })
    return fullView(context.q, stored)
  },
  toText: (item, style) =>
    item.dependencies.length === 0
      ? `${named(item, style)} depends on nothing`
      : `${named(item, style)} depends on ${item.dependencies.map((id) => `#${id}`).join(', ')}`,
})
