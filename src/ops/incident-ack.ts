import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { markAcknowledged } from '../store/incidents.ts'
import { log, store } from './change.ts'
import * as field from './fields.ts'
import { noticeOf } from './incident-close.ts'
import { incidentItem, incidentView, lockIncident } from './incident-view.ts'
import { notify } from './notify-about.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'

export const incidentAck = operation({
  name: 'incident.ack',
  summary: 'Say that you know of an incident: it is not reminded of any more, and may still resolve itself',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId('id of the incident'),
      note: z.optional(field.text('kept in the log')),
      ifMatch: z.optional(field.version()),
    }),
  output: incidentItem,
  http: { method: 'post', path: '/incidents/:id/ack' },
  command: {
    words: 'incident ack',
    positionals: ['id'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline incident ack 31 --note "Looking at it"'],
  },
  async run(input, context) {
    const { item, incident } = await lockIncident(context, input.id, input.ifMatch)
    if (incident.resolvedMs !== null) {
      throw new TrackerError('conflict', `#${item.id} is resolved: there is nothing to acknowledge`, {
        hint: `see what became of it: pipeline show ${item.id} --history`,
      })
    }
    const note = input.note || null
    if (incident.acknowledgedMs !== null) {
      if (note) await log(context, item.id, 'noted', { note })
      return incidentView(context, item, false)
    }
    await markAcknowledged(context.q, item.id, context.actor, toMs(context.now))
    const stored = await store(context, item, {})
    await log(context, item.id, 'acknowledged', { detail: { title: item.title }, note })
    const notice = { ...(await noticeOf(context, item)), summary: note ?? item.title, detail: null }
    await notify(context, 'incident.acknowledged', notice)
    return incidentView(context, stored, true)
  },
  toText: (item, style) =>
    item.changed
      ? `👀 Acknowledged ${named(item, style)}\n${style.dim(`it may still resolve itself; take it up: pipeline move ${item.id} building`)}`
      : `${named(item, style)} was acknowledged already by ${oneLine(item.incident.acknowledged?.by ?? '')}`,
})
