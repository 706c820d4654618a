import * as z from 'zod/mini'
import { type Item, isFinished } from '../domain/item.ts'
import { stageName } from '../domain/stage.ts'
import { oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { type IncidentRow, setFix, stormCheck } from '../store/incidents.ts'
import { keepItem } from '../store/items.ts'
import { log, requireItem, store } from './change.ts'
import * as field from './fields.ts'
import { incidentItem, incidentView, lockIncident } from './incident-view.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'

export const incidentFix = operation({
  name: 'incident.fix',
  summary: 'Name the item that fixes an incident: once that is out, the next good run verifies the recovery',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId('id of the incident'),
      item: z.optional(field.described(z.nullable(field.itemId()), 'the item that fixes it, or none')),
      none: z.optional(field.described(z.boolean(), 'no item fixes it any more')),
      ifMatch: z.optional(field.version()),
    }),
  output: incidentItem,
  http: { method: 'post', path: '/incidents/:id/fix' },
  command: {
    words: 'incident fix',
    positionals: ['id', 'item'],
    examples: ['pipeline incident fix 31 40', 'pipeline incident fix 31 --none'],
  },
  async run({ id, item: wanted, none = false, ifMatch }, context) {
    if (typeof wanted === 'number' ? none : wanted === undefined && !none) throw unclear(id)
    const { item, incident } = await lockIncident(context, id, ifMatch)
    const fixId = wanted ?? null
    const fix = fixId === null ? null : await requireItem(context.q, fixId, 'item', keepItem)
    refuseFix(item, incident, fixId)
    if (incident.fixId === fixId) return incidentView(context, item, false)
    await setFix(context.q, id, fixId)
    const stored = await store(context, item, {})
    const named = fix ? { fixId, fixTitle: fix.title } : { was: incident.fixId }
    await log(context, id, fix ? 'fix-named' : 'fix-removed', { detail: { title: item.title, ...named } })
    return incidentView(context, stored, true)
  },
  toText(item, style) {
    const { fix } = item.incident
    if (!fix) return `${named(item, style)} has no fix${item.changed ? ' any more' : '; nothing changed'}`
    if (!item.changed) return `#${item.id} is fixed by #${fix.id} already; nothing changed`
    const when = isFinished(fix.stage)
      ? 'The next good run of the check verifies the recovery'
      : `It is in ${stageName(fix.type, fix.stage)}; once it is out, the next good run verifies the recovery`
    return `🔧 ${named(item, style)} is fixed by ${style.bold(`#${fix.id}`)} ${oneLine(fix.title)}\n${style.dim(when)}`
  },
})

const unclear = (id: number): TrackerError =>
  new TrackerError('invalid', 'say either which item fixes it, or --none', {
    hint: `such as: pipeline incident fix ${id} ITEM`,
    failures: [{ field: 'item', message: 'say either which item fixes it, or --none' }],
  })

/** @throws TrackerError `invalid` */
function refuseFix({ id }: Item, { subjectId, checkName }: IncidentRow, fixId: number | null): void {
  if (fixId === null) return
  const refuse = (message: string, hint: string): never => {
    throw new TrackerError('invalid', message, { hint, failures: [{ field: 'item', message }] })
  }
  const other = 'name the bug or the enhancement that changes something'
  if (fixId === id) refuse(`#${id} can't be its own fix`, other)
  if (fixId === subjectId) refuse(`#${fixId} is what fails: it can't be the fix of #${id}`, other)
  if (checkName === stormCheck)
    refuse(`#${id} is a storm: its recovery is that of what it gathered`, 'name the fix on one of those')
}
