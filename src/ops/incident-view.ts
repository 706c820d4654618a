/** An incident as the outside sees it: what is known of it besides its item. */

import * as z from 'zod/mini'
import { toInstantOrNull, toMs } from '../domain/instant.ts'
import { type Item, isFinished } from '../domain/item.ts'
import { stages, types } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from '../store/database.ts'
import { gatheredBy, incidentDetails } from '../store/incident-lists.ts'
import {
  findIncident,
  type IncidentRow,
  insertIncident,
  mainCheck,
  manualCheck,
  stormCheck,
} from '../store/incidents.ts'
import { lockForChange } from './change.ts'
import * as field from './fields.ts'
import type { Context } from './operation.ts'
import { type FullItem, fullView } from './view.ts'

const nullable = z.nullable
const namedShape = () => ({ id: z.number(), title: z.string() })

export const incidentFacts = () =>
  z.strictObject({
    origin: z.enum(['check', 'hand', 'storm']),
    subject: nullable(z.strictObject(namedShape())),
    openedAt: z.string(),
    resolvedAt: nullable(z.string()),
    resolvedBy: nullable(z.enum(['system', 'person'])),
    acknowledged: nullable(z.strictObject({ by: z.string(), at: z.string() })),
    fix: nullable(z.strictObject({ ...namedShape(), type: z.enum(types), stage: z.enum(stages) })),
    verifiedAt: nullable(z.string()),
    storm: nullable(z.strictObject(namedShape())),
    gathered: nullable(z.strictObject({ total: z.number(), open: z.number() })),
  })

export type IncidentFacts = z.output<ReturnType<typeof incidentFacts>>

/** By item. Of one that nobody opened as an incident, what its item tells. */
export async function factsOf(q: Queries, items: readonly Item[]): Promise<Map<number, IncidentFacts>> {
  const known = await incidentDetails(
    q,
    items.map((item) => item.id),
  )
  const isStorm = (item: Item): boolean => known.get(item.id)?.row.checkName === stormCheck
  const storms = items.filter(isStorm).map((item) => item.id)
  const gathered = await gatheredBy(q, storms)
  return new Map(
    items.map((item) => {
      const details = known.get(item.id)
      if (!details) return [item.id, plainFacts(item)]
      const { row, subject, fix, storm } = details
      const facts: IncidentFacts = {
        origin: row.checkName === mainCheck ? 'check' : isStorm(item) ? 'storm' : 'hand',
        subject,
        openedAt: toInstantOrNull(row.openedMs) ?? item.createdAt,
        resolvedAt: toInstantOrNull(row.resolvedMs),
        resolvedBy: row.resolvedBy,
        acknowledged:
          row.acknowledgedMs === null
            ? null
            : {
                by: row.acknowledgedBy ?? 'nobody',
                at: toInstantOrNull(row.acknowledgedMs) ?? item.createdAt,
              },
        fix,
        verifiedAt: toInstantOrNull(row.verifiedMs),
        storm,
        gathered: isStorm(item) ? (gathered.get(item.id) ?? { total: 0, open: 0 }) : null,
      }
      return [item.id, facts]
    }),
  )
}

const plainFacts = (item: Item): IncidentFacts => ({
  origin: 'hand',
  subject: null,
  openedAt: item.createdAt,
  resolvedAt: item.doneAt,
  resolvedBy: null,
  acknowledged: null,
  fix: null,
  verifiedAt: null,
  storm: null,
  gathered: null,
})

/** An incident with all that is its own. */
export const incidentItem = () => field.fullItemWith({ incident: incidentFacts(), changed: z.boolean() })

export async function incidentView(
  { q }: Context,
  item: Item,
  changed: boolean,
): Promise<FullItem & { incident: IncidentFacts; changed: boolean }> {
  const facts = (await factsOf(q, [item])).get(item.id)!
  return { ...(await fullView(q, item)), incident: facts, changed }
}

/**
 * An incident that is to be changed, kept from changing by others. One that was made as a plain item becomes one that
 * was opened by hand.
 * @throws TrackerError `not-found`; `invalid` for another type; `conflict` when it has moved on from `ifMatch`
 */
export async function lockIncident(
  context: Context,
  id: number,
  ifMatch?: number,
): Promise<{ item: Item; incident: IncidentRow }> {
  const { q } = context
  const item = await lockForChange(q, id, ifMatch)
  requireType(item)
  const known = await findIncident(q, id)
  if (known) return { item, incident: known }
  const over = isFinished(item.stage)
  await insertIncident(q, {
    itemId: id,
    subjectId: item.parentId,
    checkName: manualCheck(id),
    openedMs: toMs(item.createdAt),
    ...(over ? { resolvedMs: toMs(item.doneAt ?? context.now), resolvedBy: 'person' } : {}),
  })
  return { item, incident: (await findIncident(q, id))! }
}

/** @throws TrackerError `invalid` */
export function requireType({ id, type }: Item): void {
  if (type === 'incident') return
  const message = `#${id} is of type ${type}, not an incident`
  throw new TrackerError('invalid', message, {
    hint: 'see the incidents: pipeline incident list',
    failures: [{ field: 'id', message }],
  })
}
