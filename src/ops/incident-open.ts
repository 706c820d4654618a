import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { stageName } from '../domain/stage.ts'
import { fit, oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { insertIncident, manualCheck } from '../store/incidents.ts'
import { holdItems, insertItem } from '../store/items.ts'
import { indexItem } from '../store/search.ts'
import { log, requireItem } from './change.ts'
import * as field from './fields.ts'
import { noticeOf, tellSubject } from './incident-close.ts'
import { incidentItem, incidentView } from './incident-view.ts'
import { notify } from './notify-about.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'

export const incidentOpen = operation({
  name: 'incident.open',
  summary: 'Open an incident by hand on a live item; the monitor leaves it alone',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId('the live item'),
      title: field.title(),
      severity: field.described(z._default(field.severity(), 'major'), 'severity'),
      note: z.optional(field.text('what is wrong; kept in the log')),
    }),
  output: incidentItem,
  http: { method: 'post', path: '/items/:id/incidents', status: 201 },
  command: {
    words: 'incident open',
    positionals: ['id', 'title'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline incident open 25 "Totals are wrong" --severity critical'],
  },
  async run(input, context) {
    const { q, now } = context
    const subject = (await holdItems(q, [input.id])).get(input.id) ?? (await requireItem(q, input.id))
    if (subject.stage !== 'live') {
      throw new TrackerError(
        'invalid',
        `#${subject.id} is not live (it is in ${stageName(subject.type, subject.stage)}): incidents are of live items`,
        { hint: `make a bug of it: pipeline create "…" --type bug --parent ${subject.id}` },
      )
    }
    const item = await insertItem(q, {
      parentId: subject.id,
      projectId: subject.projectId,
      title: input.title,
      type: 'incident',
      stage: 'idea',
      priority: input.severity === 'minor' ? 2 : 1,
      description: null,
      spec: null,
      assignee: null,
      severity: input.severity,
      healthCheck: null,
      branch: null,
      createdAt: now,
    })
    await indexItem(q, item.id, item)
    const row = { itemId: item.id, subjectId: subject.id, checkName: manualCheck(item.id) }
    await insertIncident(q, { ...row, openedMs: toMs(now) })
    const detail = { title: item.title, type: 'incident', stage: 'idea', parentId: subject.id }
    await log(context, item.id, 'incident-opened', { detail, note: input.note || null })
    await tellSubject(context, item, 'incident-opened')
    const notice = { ...(await noticeOf(context, item)), summary: item.title, detail: input.note || null }
    await notify(context, 'incident.opened', notice)
    return incidentView(context, item, true)
  },
  toText(item, style) {
    const of = `${item.severity}, of #${item.parentId} ${oneLine(item.incident.subject?.title ?? '')}`
    const next = `take it up: pipeline move ${item.id} building`
    return [`🚨 Opened ${named(item, style)}`, style.dim(fit(of, style.width)), style.dim(next)].join('\n')
  },
})
