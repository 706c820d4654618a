/** A person moves an incident: resolved it stays closed for a while, moved back it is open again. */

import { toMs } from '../domain/instant.ts'
import { type Item, isFinished } from '../domain/item.ts'
import type { Stage } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import { type IncidentRow, mainCheck, markReopened, markResolved, openIncident } from '../store/incidents.ts'
import { noticeOf } from './incident-close.ts'
import { notify } from './notify-about.ts'
import type { Context } from './operation.ts'
import { followStorm } from './storm.ts'

/**
 * @param item as it was before, whatever type it was given since
 * @throws TrackerError `conflict` when its check has another open incident
 */
export async function followIncident(
  context: Context,
  incident: IncidentRow,
  item: Item,
  to: Stage,
): Promise<void> {
  const isOver = incident.resolvedMs !== null
  if (isFinished(to) === isOver) return
  const nowMs = toMs(context.now)
  if (isOver) {
    await refuseSecond(context, incident)
    await markReopened(context.q, item.id, nowMs)
  } else await markResolved(context.q, item.id, 'person', nowMs)
  const kind = isOver ? 'incident.reopened' : 'incident.resolved'
  const notice = { ...(await noticeOf(context, item)), summary: `moved to ${to}`, detail: null }
  await notify(context, kind, notice)
  if (incident.stormId !== null) await followStorm(context, incident.stormId)
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
