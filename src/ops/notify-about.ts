/**
 * Where what happens to incidents and checks leaves for people: called in the transaction of the change, so that
 * nothing is told that was rolled back, and nothing is lost that was not.
 */

import type { Item, Severity } from '../domain/item.ts'
import type { Context } from './operation.ts'

export type NoticeKind =
  | 'incident.opened'
  | 'incident.reopened'
  | 'incident.acknowledged'
  | 'incident.resolved'
  | 'incident.reminder'
  | 'check.flapping'
  | 'storm.opened'

export interface Notice {
  /** Null: it is about a check that has none. */
  incident: Pick<Item, 'id' | 'title'> | null
  /** The live item; null for a storm, and where the item is gone. */
  subject: Pick<Item, 'id' | 'title'> | null
  severity: Severity | null
  /** One line: what was found, or what was said. */
  summary: string
  /** What goes with the kind, as JSON. */
  detail: Record<string, unknown>
  /** Who did it. */
  actor: string
}

/** Nothing is sent anywhere yet: this is the place for it. */
export async function notify(_context: Context, _kind: NoticeKind, _notice: Notice): Promise<void> {}
