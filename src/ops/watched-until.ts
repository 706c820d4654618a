/** Until when what is known of a check holds. Small: every list and the board ask for it. */

import { longestToleranceMs, toleranceOfCheck } from '../domain/tolerance.ts'
import type { CheckRow } from '../store/checks.ts'
import { planOrUndefined } from './check-life.ts'

export type Due = Pick<CheckRow, 'missedMs' | 'nextRunMs' | 'leaseOwner' | 'leaseUntilMs'>

/** When the run is due that tells next; null: none is. */
export const dueOf = ({ missedMs, nextRunMs }: Pick<Due, 'missedMs' | 'nextRunMs'>): number | null =>
  missedMs ?? nextRunMs

/** A worker is at it: retries take their time. */
export const heldUntilMs = ({
  leaseOwner,
  leaseUntilMs,
}: Pick<Due, 'leaseOwner' | 'leaseUntilMs'>): number => (leaseOwner === null ? 0 : (leaseUntilMs ?? 0))

/** How late its run may be, in milliseconds. @param text the check, as stored */
export async function toleranceOf(text: string): Promise<number> {
  const written = toleranceOfCheck(asWritten(text))
  if (written !== undefined) return written
  const plan = await planOrUndefined(text)
  if (!plan) return longestToleranceMs
  const { toleranceMs } = await import('../domain/schedule.ts')
  return toleranceMs(plan)
}

function asWritten(text: string): { frequency?: unknown } {
  try {
    return (JSON.parse(text) as { frequency?: unknown } | null) ?? {}
  } catch {
    return {} // what the owner's own SQL left there
  }
}

/** In milliseconds since 1970; null: nothing is due. @param text the check, as stored */
export async function watchedUntilMs(check: Due, text: string): Promise<number | null> {
  const dueMs = dueOf(check)
  return dueMs === null ? null : Math.max(dueMs + (await toleranceOf(text)), heldUntilMs(check))
}
