import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemAssign = operation({
  name: 'item.assign',
  summary: 'Say who works on an item',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      assignee: field.described(z.nullable(field.words('name')), 'who works on it, or none'),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/assign' },
  command: {
    words: 'assign',
    positionals: ['id', 'assignee'],
    examples: ['pipeline assign 12 agent:builder-1', 'pipeline assign 12 none'],
  },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.assignee === input.assignee) return { ...(await fullView(context.q, item)), changed: false }
    const stored = await store(context, item, { assignee: input.assignee })
    await log(context, item.id, 'assigned', {
      detail: { title: item.title, from: item.assignee, to: input.assignee },
    })
    return { ...(await fullView(context.q, stored)), changed: true }
  },
  toText(item, style) {
    const whose = item.assignee === null ? "nobody's" : `${oneLine(item.assignee)}'s`
    return `${named(item, style)} is ${whose} ${item.changed ? 'now' : 'already; nothing changed'}`
  },
})
