/** What a health check may depend on: items that are there, and no circle. */

import type { Item } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import { findItems } from '../store/items.ts'
import type { Context } from './operation.ts'
import { checkJson } from './view.ts'

/** Items that are looked at: a chain that is longer is a mistake. */
const most = 10_000

/**
 * @param itemId whose check it is; undefined for an item that is yet to be made, on which nothing can depend
 * @throws TrackerError `not-found` for an item that is not there, `invalid` for itself or a circle; both with the field
 */
export async function requireDependencies(
  { q }: Pick<Context, 'q'>,
  dependsOn: readonly number[],
  itemId: number | undefined,
): Promise<void> {
  if (itemId !== undefined && dependsOn.includes(itemId))
    throw refusal('invalid', `the check of #${itemId} can't depend on itself`, dependsOn.indexOf(itemId))
  const seen = new Set<number>()
  /** By which of `dependsOn` each was come to. */
  let next = new Map(dependsOn.map((id, index) => [id, index]))
  for (let isFirst = true; next.size > 0; isFirst = false) {
    const items = await findItems(q, [...next.keys()])
    const further = new Map<number, number>()
    for (const [id, index] of next) {
      seen.add(id)
      const item = items.get(id)
      if (!item && isFirst) throw refusal('not-found', `there is no item #${id} to depend on`, index)
      for (const beyond of item ? dependenciesIn(item) : []) {
        if (beyond === itemId) throw circle(itemId, id, index)
        if (!seen.has(beyond)) further.set(beyond, index)
      }
    }
    if (seen.size + further.size > most)
      throw new TrackerError('invalid', `the check would depend on more than ${most} others`)
    next = further
  }
}

const circle = (itemId: number, id: number, index: number): TrackerError =>
  refusal('invalid', `the check of #${id} depends on #${itemId}: this would close a circle`, index)

function refusal(kind: 'invalid' | 'not-found', message: string, index: number): TrackerError {
  return new TrackerError(kind, message, {
    hint: 'leave it out of dependsOn, or name another item',
    failures: [{ field: `healthCheck.dependsOn[${index}]`, message }],
  })
}

/** Of a stored check, which the owner's own SQL may have left as anything. */
function dependenciesIn(item: Item): number[] {
  const { dependsOn } = checkJson(item) ?? {}
  return Array.isArray(dependsOn) ? dependsOn.filter((id) => Number.isSafeInteger(id)) : []
}
