import * as z from 'zod/mini'
import { requireItem } from './change.ts'
import * as field from './fields.ts'
import { requireType } from './incident-view.ts'
import { operation } from './operation.ts'

export const incidentPostmortem = operation({
  name: 'incident.postmortem',
  summary: 'Write a draft to learn from an incident, as Markdown out of its timeline',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({ id: field.itemId('id of the incident') }),
  output: () => z.strictObject({ id: z.number(), title: z.string(), markdown: z.string() }),
  http: { method: 'get', path: '/incidents/:id/postmortem' },
  command: {
    words: 'incident postmortem',
    positionals: ['id'],
    examples: ['pipeline incident postmortem 31 > postmortem-31.md'],
  },
  async run({ id }, context) {
    const item = await requireItem(context.q, id)
    requireType(item)
    const { postmortemOf } = await import('./postmortem.ts')
    return { id, title: item.title, markdown: await postmortemOf(context, item) }
  },
  toText: ({ markdown }) => markdown.trimEnd(),
})
