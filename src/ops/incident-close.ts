/** The end of an incident, by the monitor or by a person: open → resolved directly, no skip and no gate. */

import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { markResolved } from '../store/incidents.ts'
import { findItem } from '../store/items.ts'
import { log, store } from './change.ts'
import { type Notice, notify } from './notify-about.ts'
import type { Context } from './operation.ts'

/** @param item kept from changing by others */
export async function closeIncident(
  context: Context,
  item: Item,
  { by, note, isStorm = false }: { by: 'system' | 'person'; note: string; isStorm?: boolean },
): Promise<Item> {
  await markResolved(context.q, item.id, by, toMs(context.now))
  const changes = { stage: 'done', doneAt: context.now, blockedReason: null, blockedAt: null } as const
  const closed = await store(context, item, changes)
  const detail = { title: item.title, from: item.stage, to: 'done' }
  await log(context, item.id, 'incident-resolved', { detail, note })
  await tellSubject(context, item, 'incident-resolved')
  await notify(context, isStorm ? 'storm.resolved' : 'incident.resolved', {
    ...(await noticeOf(context, item)),
    summary: note,
    detail: null,
  })
  return closed
}

/** What happened to an incident stands in the log of its live item, too. */
export async function tellSubject(context: Context, item: Item, action: string): Promise<void> {
  if (item.parentId === null) return
  await log(context, item.parentId, action, { detail: { incidentId: item.id, title: item.title } })
}

/** A notice without what is new. */
export async function noticeOf(
  { q, actor }: Context,
  item: Item,
): Promise<Pick<Notice, 'incident' | 'subject' | 'severity' | 'actor'>> {
  const subject = item.parentId === null ? undefined : await findItem(q, item.parentId)
  return {
    incident: item,
    subject: subject ? { id: subject.id, title: subject.title } : null,
    severity: item.severity,
    actor,
  }
}
