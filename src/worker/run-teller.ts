/** What a monitor that stays says of the runs it made. */

import { notOpenedText } from '../ops/not-opened-text.ts'
import type { CheckedItem } from '../ops/operation.ts'

/**
 * @param say is given one line for each change of an incident, and one for why none opens, as long as that stays the
 *            reason only once
 */
export function runTeller(say: (line: string) => void): (run: CheckedItem) => void {
  const heldBack = new Map<number, string>()
  return ({ itemId, result, incident, notOpened }) => {
    if (incident) say(`#${itemId} ${result}: incident #${incident.id} ${incident.change}`)
    // Of an open one it was said when it opened.
    const why = !notOpened || notOpened.reason === 'already-open' ? undefined : notOpenedText(notOpened)
    if (why !== undefined && why !== heldBack.get(itemId)) say(`#${itemId} ${result}: ${why}`)
    if (why === undefined) heldBack.delete(itemId)
    else heldBack.set(itemId, why)
  }
}
