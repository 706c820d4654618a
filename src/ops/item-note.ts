import * as z from 'zod/mini'
import { log, requireItem } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const itemNote = operation({
  name: 'item.note',
  summary: 'Write a note on an item',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      text: field.text('the note').check(z.trim(), z.minLength(1)),
      type: z.optional(field.noteType()),
    }),
  output: () => field.fullItemWith({ note: field.activityEntry() }),
  http: { method: 'post', path: '/items/:id/notes', status: 201 },
  command: {
    words: 'note',
    positionals: ['id', 'text'],
    flags: { text: { from: 'text', value: 'TEXT|-' } },
    examples: [
      'pipeline note 12 "Pages are read one by one" --type decision',
      'git log -1 | pipeline note 12 -',
    ],
  },
  async run(input, context) {
    const item = await requireItem(context.q, input.id)
    const noteType = input.type ?? 'progress'
    const id = await log(context, item.id, 'noted', { note: input.text, noteType })
    const { now: at, actor, source } = context
    const note = {
      id,
      at,
      itemId: item.id,
      actor,
      source,
      action: 'noted',
      detail: null,
      note: input.text,
      noteType,
    }
    return { ...(await fullView(context.q, item)), note }
  },
  toText: (item, style) => `Noted on ${named(item, style)} (${item.note.noteType})`,
})
