import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { lockTree } from '../store/items.ts'
import { addDependency, dependencyClosure } from '../store/links.ts'
import { lockForChange, log, requireItem, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const dependencyAdd = operation({
  name: 'dependency.add',
  summary: 'Say that an item waits for another until that is done or live',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId('the item that waits'),
      on: field.itemId('the item that it waits for'),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItem(),
  http: { method: 'post', path: '/items/:id/dependencies', status: 201 },
  command: { words: 'dep add', positionals: ['id', 'on'], examples: ['pipeline dep add 14 12'] },
  async run(input, context) {
    const { q } = context
    await lockTree(q)
    const item = await lockForChange(q, input.id, input.ifMatch)
    if (input.id === input.on) throw new TrackerError('invalid', `#${input.id} can't wait for itself`)
    const blocker = await requireItem(q, input.on)
    if ((await dependencyClosure(q, input.on)).includes(input.id)) {
      throw new TrackerError(
        'invalid',
        `#${input.on} waits for #${input.id} already: this would close a cycle`,
        {
          hint: `see what it waits for: pipeline show ${input.on}`,
        },
      )
    }
    if (!(await addDependency(q, input.id, input.on))) return fullView(q, item)
    const stored = await store(context, item, {})
    await log(context, item.id, 'dependency-added', {
      detail: { title: item.title, on: blocker.id, onTitle: blocker.title },
    })
    return fullView(q, stored)
  },
  toText: (item, style) =>
    `${named(item, style)} depends on ${item.dependencies.map((id) => `#${id}`).join(', ')}`,
})
