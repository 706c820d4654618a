/** When a check runs and how long a run may take: defaults that adapt, and the rule that a run fits its interval. */

import { shortestGapMs } from './cron.ts'
import { formatDuration } from './duration.ts'
import type { CheckPlan, CronSchedule, IntervalSchedule, Schedule } from './health-check.ts'
import type { Given } from './health-check-fields.ts'
import type { Report } from './health-check-readers.ts'

type Timing = Pick<
  CheckPlan,
  'timeoutMs' | 'retries' | 'retryIntervalMs' | 'failureThreshold' | 'successThreshold'
>

const defaultTimeoutMs = 30_000
const defaultRetryIntervalMs = 10_000
const defaultGraceMs = 300_000
const defaultRetries = [2, 1]
/** A default timeout is not shrunk below this. */
const shortestDefaultMs = 1000
/** Below this interval one failed run is not believed yet. */
const oftenMs = 3_600_000

/** undefined when a schedule is required and was not given. */
export function resolveSchedule({ type, frequency, timezone = 'UTC', grace }: Given): Schedule | undefined {
  const every = frequency?.kind === 'cron' ? { ...frequency, timezone } : frequency
  if (type !== 'heartbeat') return every
  return { kind: 'heartbeat', graceMs: grace ?? defaultGraceMs, ...(every && { every }) }
}

/** The shortest time between two runs, in milliseconds; infinity when it is not bounded. */
export function intervalMsOf(schedule: Schedule): number {
  if (schedule.kind === 'heartbeat') return schedule.every ? probedIntervalMs(schedule.every) : Infinity
  return probedIntervalMs(schedule)
}

const probedIntervalMs = (schedule: IntervalSchedule | CronSchedule): number =>
  schedule.kind === 'interval' ? schedule.intervalMs : (shortestGapMs(schedule.expression) ?? Infinity)

interface Attempts {
  timeoutMs: number
  retries: number
  retryIntervalMs: number
}

/** The longest that a run takes: every attempt times out. */
const longestRunMs = ({ timeoutMs, retries, retryIntervalMs }: Attempts): number =>
  timeoutMs * (retries + 1) + retryIntervalMs * retries

/**
 * What was given is kept. A default gives way: fewer retries, then a shorter timeout; what does not fit
 * even then is reported with its numbers.
 */
export function resolveTiming(given: Given, intervalMs: number, report: Report): Timing {
  const often = intervalMs < oftenMs
  const attempts = resolveAttempts(given, intervalMs)
  if (longestRunMs(attempts) > intervalMs) report(misfit(attempts, intervalMs))
  return {
    ...attempts,
    failureThreshold: given.failureThreshold ?? (often ? 3 : 1),
    successThreshold: given.successThreshold ?? (often ? 2 : 1),
  }
}

function resolveAttempts(given: Given, intervalMs: number): Attempts {
  const timeoutMs = given.timeout ?? Math.floor(Math.min(defaultTimeoutMs, intervalMs / 2))
  const retryIntervalMs = given.retryInterval ?? defaultRetryIntervalMs
  const fits = (retries: number) => longestRunMs({ timeoutMs, retries, retryIntervalMs }) <= intervalMs
  const retries = given.retries ?? defaultRetries.find(fits) ?? 0
  if (given.timeout !== undefined || fits(retries)) return { timeoutMs, retries, retryIntervalMs }
  const left = Math.floor((intervalMs - retryIntervalMs * retries) / (retries + 1))
  return { timeoutMs: left >= shortestDefaultMs ? left : timeoutMs, retries, retryIntervalMs }
}

function misfit(attempts: Attempts, intervalMs: number): string {
  const { timeoutMs, retries, retryIntervalMs } = attempts
  const tries = retries === 0 ? 'one attempt' : `${retries + 1} attempts`
  const waits = retries === 0 ? '' : ` and ${retries} × ${formatDuration(retryIntervalMs)} between them`
  const total = formatDuration(longestRunMs(attempts))
  return (
    `${tries} of ${formatDuration(timeoutMs)}${waits} take ${total}, more than the interval of ` +
    `${formatDuration(intervalMs)}: shorten "timeout" or "retryInterval", or lower "retries"`
  )
}
