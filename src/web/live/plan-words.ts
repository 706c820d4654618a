/** What a check comes to, in one sentence: its defaults made plain. Pure. */

import { formatDuration } from '../../domain/duration.ts'

/** @param plan as `check.validate` answers it: every default resolved */
export function planWords(plan: Record<string, unknown>): string {
  const { type, timeoutMs, retries, failureThreshold, successThreshold, enabled } = plan
  const parts = [
    `${type} check`,
    when(plan.schedule),
    ...(typeof timeoutMs === 'number' ? [`at most ${formatDuration(timeoutMs)} long`] : []),
    ...(typeof retries === 'number' && retries > 0
      ? [`${retries} ${retries === 1 ? 'retry' : 'retries'}`]
      : []),
    ...(typeof failureThreshold === 'number'
      ? [`down after ${runs(failureThreshold)}, up after ${runs(Number(successThreshold))}`]
      : []),
    ...(enabled === false ? ['switched off'] : []),
  ]
  return parts.filter(Boolean).join(', ')
}

const runs = (count: number): string => `${count} ${count === 1 ? 'run' : 'runs'}`

function when(schedule: unknown): string {
  const { kind, intervalMs, expression } = (schedule ?? {}) as Record<string, unknown>
  if (kind === 'interval' && typeof intervalMs === 'number') return `every ${formatDuration(intervalMs)}`
  if (typeof expression === 'string') return `at ${expression}`
  return ''
}
