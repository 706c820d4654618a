/** Brings back to mind what nobody has answered. The worker calls it now and then. */

import { formatAge } from '../domain/duration.ts'
import { toMs } from '../domain/instant.ts'
import { readStoredCheck } from '../domain/stored-check.ts'
import { TrackerError } from '../errors.ts'
import { dueReminders, markReminded } from '../store/reminders.ts'
import { log } from './change.ts'
import { noticeOf } from './incident-close.ts'
import { notify } from './notify-about.ts'
import type { Context } from './operation.ts'

/** Reminders of one call at the most; the others follow with the next one. */
const atOnce = 500
/** Of what has no check that says how long. */
const presetMs = 86_400_000

/** @returns how many were brought back to mind; each reminder once, however many workers call this at once */
export async function remindIncidents(context: Context): Promise<number> {
  const due = await dueReminders(context.q, context.now, intervalMsOf, atOnce)
  let reminded = 0
  for (const { incident, item } of due) {
    if (!(await markReminded(context.q, incident, toMs(context.now)))) continue
    const openForMs = toMs(context.now) - incident.beganMs
    await log(context, item.id, 'incident-reminder', { detail: { title: item.title, openForMs } })
    await notify(context, 'incident.reminder', {
      ...(await noticeOf(context, item)),
      summary: `open for ${formatAge(openForMs)}, and nobody has answered`,
      detail: null,
    })
    reminded += 1
  }
  return reminded
}

function intervalMsOf(healthCheck: string | null): number {
  if (healthCheck === null) return presetMs
  try {
    return readStoredCheck(healthCheck).plan.incident.reminderIntervalMs
  } catch (error) {
    // Left unreadable by the owner's own SQL.
    if (error instanceof TrackerError) return presetMs
    throw error
  }
}
