/** A person moves an incident: resolved it stays closed for a while, moved back it is open again. */

import { toMs } from '../domain/instant.ts'
import { type Item, isFinished } from '../domain/item.ts'
import { stageName } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import {
  type IncidentRow,
  mainCheck,
  markReopened,
  markResolved,
  openIncident,
  stormCheck,
} from '../store/incidents.ts'
import { noticeOf } from './incident-close.ts'
import { notify } from './notify-about.ts'
import type { Context } from './operation.ts'
import { countInFull, followStorm } from './storm.ts'

/**
 * @param item as it is now, whatever type it was given since
 * @returns    as it is then: a storm that ends gets its full count
 * @throws     TrackerError `conflict` when its check has another open incident
 */
export async function followIncident(context: Context, incident: IncidentRow, item: Item): Promise<Item> {
  const isOver = incident.resolvedMs !== null
  if (isFinished(item.stage) === isOver) return item
  const nowMs = toMs(context.now)
  const isStorm = incident.checkName === stormCheck
  const followed = isStorm && !isOver ? await countInFull(context, item) : item
  if (isOver) {
    await refuseSecond(context, incident)
    await markReopened(context.q, item.id, nowMs)
  } else await markResolved(context.q, item.id, 'person', nowMs)
  const kind = isOver ? 'incident.reopened' : isStorm ? 'storm.resolved' : 'incident.resolved'
  const summary = `moved to ${stageName(item.type, item.stage)}`
  await notify(context, kind, { ...(await noticeOf(context, followed)), summary, detail: null })
  if (incident.stormId !== null) await followStorm(context, incident.stormId)
  return followed
}

/** At most one is open a check. */
async function refuseSecond({ q }: Context, { subjectId, checkName }: IncidentRow): Promise<void> {
  if (subjectId === null || checkName !== mainCheck) return
  const other = await openIncident(q, subjectId)
  if (!other) return
  throw new TrackerError('conflict', `#${subjectId} has an open incident already: #${other.itemId}`, {
    hint: `work on that one: pipeline show ${other.itemId}`,
  })
}
