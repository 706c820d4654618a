import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemClaim = operation({
  name: 'item.claim',
  summary: 'Take an item that nobody has; of many who try, one wins',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({ id: field.itemId(), ifMatch: z.optional(field.version()) }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/claim' },
  command: { words: 'claim', positionals: ['id'], examples: ['pipeline claim 12 --as agent:builder-1'] },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.assignee === context.actor) return { ...(await fullView(context.q, item)), changed: false }
    if (item.assignee !== null) {
      throw new TrackerError('conflict', `#${item.id} is ${item.assignee}'s already`, {
        hint: 'take another one: pipeline list --assignee none',
      })
    }
    const stored = await store(context, item, { assignee: context.actor })
    await log(context, item.id, 'claimed', { detail: { title: item.title } })
    return { ...(await fullView(context.q, stored)), changed: true }
  },
  toText: (item, style) =>
    `${named(item, style)} is yours${item.changed ? '' : ' already'} (${item.assignee})`,
})
