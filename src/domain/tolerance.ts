/** How late a run may start before the time since it was due counts as not watched. Pure, and small: lists ask for it. */

import { parseDuration } from './duration.ts'

export const leastToleranceMs = 10_000
export const longestToleranceMs = 300_000

/** A tenth of the interval, but from 10 s to 5 minutes; in milliseconds. */
export const toleranceOfInterval = (intervalMs: number): number =>
  Math.floor(Math.min(longestToleranceMs, Math.max(leastToleranceMs, intervalMs / 10)))

const named: Record<string, number> = {
  minutely: leastToleranceMs,
  hourly: longestToleranceMs,
  daily: longestToleranceMs,
  weekly: longestToleranceMs,
  monthly: longestToleranceMs,
}

/**
 * The tolerance of a check as it was written.
 * @returns undefined where only the whole plan can tell: for cron, and for what is no frequency
 */
export function toleranceOfCheck({ frequency }: { frequency?: unknown }): number | undefined {
  if (typeof frequency !== 'string') return undefined
  if (Object.hasOwn(named, frequency)) return named[frequency]
  if (!/^\d{1,9}[a-z]+$/.test(frequency)) return undefined
  try {
    return toleranceOfInterval(parseDuration(frequency))
  } catch {
    return undefined
  }
}
