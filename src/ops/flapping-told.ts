/** That a check begins to flap, and that it no longer does: in the log of its item, and of the incident that is open. */

import { openIncident } from '../store/incidents.ts'
import { log } from './change.ts'
import type { Context } from './operation.ts'

/** @param detail what is known of the check beside that */
export async function logFlapping(
  context: Context,
  itemId: number,
  isFlapping: boolean,
  detail: Record<string, unknown>,
): Promise<void> {
  const action = isFlapping ? 'check-flapping' : 'check-steady'
  await log(context, itemId, action, { detail })
  const open = await openIncident(context.q, itemId)
  if (open) await log(context, open.itemId, action, { detail: { ...detail, subjectId: itemId } })
}
