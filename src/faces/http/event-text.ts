/** Events as they stand on the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { advance, formatCursor, type LogCursor } from '../../domain/log-cursor.ts'
import type { activityFollow } from '../../ops/activity-follow.ts'
import type { OutputOf } from '../../ops/operation.ts'

export type FollowedEntry = OutputOf<typeof activityFollow>['entries'][number]

/** Entries in one event: a page draws once for all of them. */
const entriesMax = 100

/** Items named in one event; of more the page is told that they were many. */
const itemsMax = 500

/** A comment: it keeps what stands between awake, and tells that somebody is there. */
export const heartbeat = ':\n\n'

/** After which a client asks again, in milliseconds; not all at once. */
export const retry = (n: number): string => `retry: ${1_000 + ((n * 37) % 1_000)}\n\n`

/**
 * One event for each hundred entries, its id the place in the log that it leads to.
 * @param from  the place before
 * @param nowMs on the scale of the gaps
 */
export function activityEvents(from: LogCursor, entries: readonly FollowedEntry[], nowMs: number): string {
  let place = from
  let text = ''
  for (let at = 0; at < entries.length; at += entriesMax) {
    const some = entries.slice(at, at + entriesMax)
    place = advance(
      place,
      some.map(({ id }) => id),
      nowMs,
    )
    text += event('activity', { entries: some }, place)
  }
  return text
}

/** From here on nothing is missed. */
export const readyEvent = (place: LogCursor): string => event('ready', {}, place)

/** What was missed is too much, or not known: all is to be fetched anew. */
export const resetEvent = (place: LogCursor): string => event('reset', {}, place)

/** Checks that ran: without an id, since nothing of it is sent again. @returns nothing for none */
export const healthEvent = (itemIds: readonly number[]): string =>
  itemIds.length === 0 ? '' : event('health', { itemIds: itemIds.length > itemsMax ? null : itemIds })

const event = (name: string, fields: object, place?: LogCursor): string =>
  `${place ? `id: ${formatCursor(place)}\n` : ''}event: ${name}\ndata: ${JSON.stringify({ schemaVersion: 1, ...fields })}\n\n`
