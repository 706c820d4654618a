/** Heartbeats: the target reports in, and is late when it does not. Pure. */

import { nextCron } from './cron.ts'
import type { CheckPlan, CronSchedule, IntervalSchedule } from './health-check.ts'
import type { CheckResult } from './observation.ts'

/** What a target reports: that it ended well, began, or failed; or the exit status it ended with, 0–255. */
export type Ping = 'success' | 'start' | 'fail' | number

export interface HeartbeatFacts {
  /** The last report that something ended, well or not; null: none yet. Milliseconds since 1970, as all here. */
  lastPingMs: number | null
  /** A start that no end has followed; null: none. */
  startedMs: number | null
  liveSinceMs: number
  /** Deadlines up to here have passed and were dealt with: the next one is asked for. */
  afterMs?: number
}

/** A report this little before a firing is that firing's: the target's clock is a bit ahead. */
const earlyMs = 10_000

/**
 * When the heartbeat is late, in milliseconds since 1970: `grace` after the next report is expected, or after a
 * start that has no end yet, whichever is first. Without `frequency` only such a start can be late. Before the
 * first report the wait begins when the item went live.
 * @returns undefined when nothing is expected, or the check is no heartbeat
 */
export function deadlineMs(plan: Pick<CheckPlan, 'schedule'>, facts: HeartbeatFacts): number | undefined {
  const { schedule } = plan
  if (schedule.kind !== 'heartbeat') return undefined
  const { every, graceMs } = schedule
  const afterMs = facts.afterMs ?? Number.NEGATIVE_INFINITY
  const expectedMs = every && nextExpectedMs(every, facts, afterMs - graceMs)
  const begunMs = facts.startedMs ?? Number.NEGATIVE_INFINITY
  const deadlines = [expectedMs, begunMs]
    .filter((ms) => ms !== undefined)
    .map((ms) => ms + graceMs)
    .filter((ms) => ms > afterMs)
  return deadlines.length === 0 ? undefined : Math.min(...deadlines)
}

/** The first report that is expected after the last one, and after `afterMs`. */
function nextExpectedMs(
  every: IntervalSchedule | CronSchedule,
  { lastPingMs, liveSinceMs }: HeartbeatFacts,
  afterMs: number,
): number | undefined {
  if (every.kind === 'cron') {
    const sinceMs = lastPingMs === null ? liveSinceMs : Math.max(liveSinceMs, lastPingMs + earlyMs)
    return nextCron(every.expression, every.timezone, Math.max(sinceMs, afterMs))
  }
  const sinceMs = Math.max(liveSinceMs, lastPingMs ?? liveSinceMs)
  const missed = Math.max(0, Math.floor((afterMs - sinceMs) / every.intervalMs))
  return sinceMs + (missed + 1) * every.intervalMs
}

/** What a report says of the target; undefined: a start says nothing yet. */
export function pingResult(ping: Ping): CheckResult | undefined {
  if (ping === 'start') return undefined
  return ping === 'success' || ping === 0 ? 'up' : 'down'
}
