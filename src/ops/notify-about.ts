/**
 * Where what happens to incidents and checks leaves for people: a row in the outbox, in the transaction of the change,
 * so that nothing is told that was rolled back, and nothing is lost that was not.
 */

import { type Instant, toMs } from '../domain/instant.ts'
import type { Item, Severity } from '../domain/item.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import { insertEvent } from '../store/outbox.ts'
import type { Context } from './operation.ts'

export type NoticeKind = Exclude<NotificationEvent['kind'], 'test'>

export interface Notice {
  /** Null: it is about a check that has none. */
  incident: Pick<Item, 'id' | 'title' | 'createdAt'> | null
  /** The live item; null for a storm, and where the item is gone. */
  subject: Pick<Item, 'id' | 'title'> | null
  severity: Severity | null
  /** One line: what was found, or what was said. */
  summary: string
  /** Evidence, a note: what is worth reading beside the line. */
  detail: string | null
  /** Who did it. */
  actor: string
}

/** Characters of a detail that are kept. */
const detailMax = 4096

export async function notify(context: Context, kind: NoticeKind, notice: Notice): Promise<void> {
  const { incident, subject, severity, summary, detail, actor } = notice
  const event: NotificationEvent = {
    id: idOf(kind, notice, context.now),
    kind,
    at: context.now,
    severity: severity ?? 'major',
    item: subject && { id: subject.id, title: subject.title },
    incident: incident && { id: incident.id, title: incident.title, openedAt: incident.createdAt },
    summary,
    detail: detail === null ? null : detail.slice(0, detailMax),
    actor: actor.startsWith('system:') ? null : actor,
  }
  await insertEvent(context.q, {
    atMs: toMs(context.now),
    kind,
    incidentId: incident?.id ?? null,
    event: JSON.stringify(event),
  })
}

/** The same over all tries: what happened to what, and when. */
const idOf = (kind: NoticeKind, { incident, subject }: Notice, at: Instant): string =>
  `${kind}-${incident?.id ?? `item-${subject?.id ?? 0}`}-${toMs(at).toString(36)}`
