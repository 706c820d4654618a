import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemRelease = operation({
  name: 'item.release',
  summary: 'Give back an item that you claimed',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({ id: field.itemId(), ifMatch: z.optional(field.version()) }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/release' },
  command: { words: 'release', positionals: ['id'], examples: ['pipeline release 12'] },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.assignee === null) return { ...(await fullView(context.q, item)), changed: false }
    if (item.assignee !== context.actor) {
      throw new TrackerError('conflict', `#${item.id} is ${item.assignee}'s, not yours (${context.actor})`, {
        hint: `to take it from them on purpose: pipeline assign ${item.id} none`,
      })
    }
    const stored = await store(context, item, { assignee: null })
    await log(context, item.id, 'released', { detail: { title: item.title } })
    return { ...(await fullView(context.q, stored)), changed: true }
  },
  toText: (item, style) =>
    item.changed ? `${named(item, style)} is free` : `${named(item, style)} was nobody's; nothing changed`,
})
