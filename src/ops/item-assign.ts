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
  output: () => field.fullItem(),
  http: { method: 'post', path: '/items/:id/assign' },
  command: {
    words: 'assign',
    positionals: ['id', 'assignee'],
    examples: ['pipeline assign 12 agent:builder-1', 'pipeline assign 12 none'],
  },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    if (item.assignee === input.assignee) return fullView(context.q, item)
    const stored = await store(context, item, { assignee: input.assignee })
    await log(context, item.id, 'assigned', {
      detail: { title: item.title, from: item.assignee, to: input.assignee },
    })
    return fullView(context.q, stored)
  },
  toText: (item, style) =>
    item.assignee === null
      ? `${named(item, style)} is nobody's now`
      : `${named(item, style)} is ${oneLine(item.assignee)}'s`,
})
