import * as z from 'zod/mini'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemUnblock = operation({
  name: 'item.unblock',
  summary: 'Take the blocked flag off an item',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({ id: field.itemId(), ifMatch: z.optional(field.version()) }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/unblock' },
  command: { words: 'unblock', positionals: ['id'], examples: ['pipeline unblock 10'] },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.blockedAt === null) return { ...(await fullView(context.q, item)), changed: false }
    const stored = await store(context, item, { blockedReason: null, blockedAt: null })
    await log(context, item.id, 'unblocked', { detail: { title: item.title, reason: item.blockedReason } })
    return { ...(await fullView(context.q, stored)), changed: true }
  },
  toText: (item, style) =>
    item.changed
      ? `${named(item, style)} is no longer blocked`
      : `${named(item, style)} was not blocked; nothing changed`,
})
