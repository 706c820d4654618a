import * as z from 'zod/mini'
import { stormCheck } from '../store/incidents.ts'
import * as field from './fields.ts'
import { closeIncident } from './incident-close.ts'
import { incidentItem, incidentView, lockIncident } from './incident-view.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'

export const incidentResolve = operation({
  name: 'incident.resolve',
  summary: 'Resolve an incident, with what ended it; its check opens no other for a while',
  kind: 'write',
  needs: 'item:move',
  input: () =>
    z.strictObject({
      id: field.itemId('id of the incident'),
      note: field.text('what ended it').check(z.trim(), z.minLength(1)),
      ifMatch: z.optional(field.version()),
    }),
  output: incidentItem,
  http: { method: 'post', path: '/incidents/:id/resolve' },
  command: {
    words: 'incident resolve',
    positionals: ['id'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline incident resolve 31 --note "The disk was full; cleaned up"'],
  },
  async run(input, context) {
    const { item, incident } = await lockIncident(context, input.id, input.ifMatch)
    if (incident.resolvedMs !== null) return incidentView(context, item, false)
    const isStorm = incident.checkName === stormCheck
    const counted = isStorm ? await (await import('./storm.ts')).countInFull(context, item) : item
    const closed = await closeIncident(context, counted, { by: 'person', note: input.note, isStorm })
    if (incident.stormId !== null) await (await import('./storm.ts')).followStorm(context, incident.stormId)
    return incidentView(context, closed, true)
  },
  toText: (item, style) =>
    item.changed
      ? `✅ Resolved ${named(item, style)}\n${style.dim(`a draft to learn from it: pipeline incident postmortem ${item.id}`)}`
      : `${named(item, style)} is resolved already; nothing changed`,
})
