/** Cards of the board: items with their time in stage and the progress of their children. Loaded when asked for. */

import type * as z from 'zod/mini'
import type { Queries } from '../store/database.ts'
import { childCounts, lastEntryId, stageSince } from '../store/stays.ts'
import type { card } from './fields.ts'
import type { ItemSummary } from './view.ts'

export type Card = z.output<ReturnType<typeof card>>

/** Two statements, however many items. */
export async function cardsOf(q: Queries, items: readonly ItemSummary[]): Promise<Card[]> {
  const ids = items.map((item) => item.id)
  const since = await stageSince(q, ids)
  const children = await childCounts(q, ids)
  return items.map((item) => ({
    ...item,
    stageSince: since.get(item.id) ?? reachedAt(item),
    children: children.get(item.id) ?? { total: 0, done: 0 },
  }))
}

/** What the item itself tells, where the log does not. */
const reachedAt = ({ stage, doneAt, liveAt }: ItemSummary): string | null =>
  stage === 'live' ? liveAt : stage === 'done' ? doneAt : null

/** The same, and the last entry of the log that is in them: whoever follows the log goes on from there. */
export const boardCards = async (
  q: Queries,
  items: readonly ItemSummary[],
): Promise<{ cards: Card[]; activityId: number }> => ({
  cards: await cardsOf(q, items),
  activityId: await lastEntryId(q),
})
