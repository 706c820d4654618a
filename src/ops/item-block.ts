import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemBlock = operation({
  name: 'item.block',
  summary: 'Flag an item as blocked, with the reason',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      reason: field.words('what it waits for', 2_000),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/block' },
  command: {
    words: 'block',
    positionals: ['id'],
    flags: { reason: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline block 10 --reason "Needs a manual login"'],
  },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.blockedAt !== null && item.blockedReason === input.reason)
      return { ...(await fullView(context.q, item)), changed: false }
    const blockedAt = item.blockedAt ?? context.now
    const stored = await store(context, item, { blockedReason: input.reason, blockedAt })
    await log(context, item.id, 'blocked', {
      detail: { title: item.title },
      note: input.reason,
      noteType: 'blocker',
    })
    return { ...(await fullView(context.q, stored)), changed: true }
  },
  toText: (item, style) =>
    item.changed
      ? `⛔ ${named(item, style)} is blocked: ${oneLine(item.blocked?.reason ?? '')}`
      : `${named(item, style)} is blocked already, for that reason; nothing changed`,
})
