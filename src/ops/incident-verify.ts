/** The fix of an incident is out, and the check is up again: that is recorded, once. */

import { isFixedBy } from '../domain/incident.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { stageName } from '../domain/stage.ts'
import { markVerified, unverifiedFixes } from '../store/incidents.ts'
import { findItems } from '../store/items.ts'
import type { RecordedRun } from '../store/runs.ts'
import { log } from './change.ts'
import type { Context } from './operation.ts'

const isUp = (word: string): boolean => word === 'up' || word === 'degraded'

/** @param run of the check of `subject`, with what its runs add up to */
export async function verifyFixes(context: Context, subject: Item, run: RecordedRun): Promise<void> {
  if (!isUp(run.result) || !isUp(run.state.state)) return
  const open = await unverifiedFixes(context.q, subject.id)
  const fixes = await findItems(
    context.q,
    open.map(({ fixId }) => fixId),
  )
  for (const { itemId, fixId } of open) {
    const fix = fixes.get(fixId)
    if (!fix || !isFixedBy(fix, run.startedMs)) continue
    if ((await markVerified(context.q, itemId, toMs(context.now))) === 0) continue
    await log(context, itemId, 'recovery-verified', {
      detail: { fixId, fixTitle: fix.title, subjectId: subject.id, subjectTitle: subject.title },
      note: `The fix #${fixId} ${fix.title} is ${stageName(fix.type, fix.stage)}, and the check of #${subject.id} is ${run.result}: ${run.summary}.`,
    })
  }
}
