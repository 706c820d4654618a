import * as z from 'zod/mini'
import { wrongCursor } from '../domain/cursor.ts'
import { hasEntries, listEntries } from '../store/activity.ts'
import { requireItem } from './change.ts'
import { entryText } from './entry-text.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { sinceInstant } from './since.ts'

export const activityList = operation({
  name: 'activity.list',
  summary: 'Show the log: who did what, newest first',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      item: z.optional(field.itemId('only this item, deleted ones too')),
      since: z.optional(
        field.described(
          z.string().check(z.maxLength(40)),
          'only since: an instant, a day, or an age such as 2h',
        ),
      ),
      actor: z.optional(field.words('only by this actor', 120)),
      limit: field.limit(),
      cursor: field.cursor(),
    }),
  output: () =>
    z.strictObject({ entries: z.array(field.activityEntry()), nextCursor: z.nullable(z.string()) }),
  http: { method: 'get', path: '/activity' },
  command: {
    words: 'log',
    examples: ['pipeline log --item 25', 'pipeline log --since 2h --actor agent:builder-1'],
  },
  async run(input, { q, now }) {
    const since = input.since === undefined ? undefined : sinceInstant(input.since, now)
    const before = input.cursor === undefined ? undefined : Number(input.cursor)
    if (before !== undefined && !(Number.isSafeInteger(before) && before > 0)) throw wrongCursor()
    const filter = { itemId: input.item, actor: input.actor, since, before, limit: input.limit + 1 }
    const found = await listEntries(q, filter)
    if (found.length === 0 && input.item !== undefined && !(await hasEntries(q, input.item))) {
      await requireItem(q, input.item)
    }
    const entries = found.slice(0, input.limit)
    const more = found.length > input.limit
    return { entries, nextCursor: more ? String(entries.at(-1)!.id) : null }
  },
  toText({ entries, nextCursor }, style) {
    if (entries.length === 0) return 'Nothing of that kind is in the log.'
    const lines = entries.map((entry) => entryText(entry, style))
    if (nextCursor) lines.push(style.dim(`older: --cursor ${nextCursor}`))
    return lines.join('\n')
  },
})
