import * as z from 'zod/mini'
import { incidentKey, listIncidents } from '../store/incident-lists.ts'
import { requireProject } from './change.ts'
import { readCursor, writeCursor } from './cursor.ts'
import * as field from './fields.ts'
import { incidentLines } from './incident-text.ts'
import { factsOf, incidentFacts } from './incident-view.ts'
import { operation } from './operation.ts'
import { summarize } from './view.ts'

export const incidentList = operation({
  name: 'incident.list',
  summary: 'List incidents: open ones first, storms, the worst and the oldest before the others',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input: () =>
    z.strictObject({
      open: z.optional(field.described(z.boolean(), 'only those that are not resolved')),
      project: z.optional(field.words('project')),
      limit: field.limit(),
      cursor: field.cursor(),
    }),
  output: () =>
    z.strictObject({
      items: z.array(z.extend(field.itemSummary(), { incident: incidentFacts() })),
      nextCursor: z.nullable(z.string()),
    }),
  http: { method: 'get', path: '/incidents' },
  command: {
    words: 'incident list',
    flags: { project: { value: 'NAME' } },
    examples: ['pipeline incident list --open'],
  },
  async run(input, { q }) {
    const list = input.open ? 'open-incidents' : 'incidents'
    const projectId = input.project === undefined ? undefined : await requireProject(q, input.project)
    const after = input.cursor === undefined ? undefined : readCursor(list, incidentKey, input.cursor)
    const filter = { onlyOpen: input.open ?? false, projectId }
    const { items, next } = await listIncidents(q, filter, { after, limit: input.limit })
    const facts = await factsOf(q, items)
    const summaries = await summarize(q, items)
    return {
      items: summaries.map((item) => ({ ...item, incident: facts.get(item.id)! })),
      nextCursor: next && writeCursor(list, next),
    }
  },
  toText({ items, nextCursor }, style) {
    if (items.length === 0) return 'No incidents.'
    const lines = incidentLines(items, style)
    if (nextCursor) lines.push(style.dim(`more: --cursor ${nextCursor}`))
    return lines.join('\n')
  },
})
