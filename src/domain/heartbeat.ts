/** Heartbeats: the target reports in, and is late when it does not. Pure. */

import { nextCron } from './cron.ts'
import { formatDuration } from './duration.ts'
import type { CheckPlan, CronSchedule, HeartbeatSchedule, IntervalSchedule } from './health-check.ts'
import { intervalMsOf } from './health-check-timing.ts'
import { toInstant } from './instant.ts'

export { type Ping, pingResult } from './ping.ts'

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

/**
 * The deadline that follows one that was missed: counted from when that report was expected, so that nothing drifts.
 * @param missedMs the deadline that has passed
 * @returns as `deadlineMs`
 */
export function deadlineAfterMiss(
  plan: Pick<CheckPlan, 'schedule'>,
  missedMs: number,
  facts: Pick<HeartbeatFacts, 'startedMs' | 'liveSinceMs'> & { nowMs: number },
): number | undefined {
  const { schedule } = plan
  if (schedule.kind !== 'heartbeat') return undefined
  return deadlineMs(plan, { ...facts, lastPingMs: missedMs - schedule.graceMs, afterMs: facts.nowMs })
}

/** What is told of a report that did not come in time: one line, and what should have been so. */
export function missedReport(
  { every, graceMs }: HeartbeatSchedule,
  { lastPingMs, startedMs, nowMs }: Pick<HeartbeatFacts, 'lastPingMs' | 'startedMs'> & { nowMs: number },
): { summary: string; condition: string } {
  const grace = formatDuration(graceMs)
  if (startedMs !== null && (!every || startedMs + graceMs <= nowMs)) {
    const summary = `started ${minuteOf(startedMs)} and has not ended in ${grace}`
    return { summary, condition: `end within ${grace} of its start` }
  }
  const summary = lastPingMs === null ? 'no heartbeat yet' : `no heartbeat since ${minuteOf(lastPingMs)}`
  const within =
    every?.kind === 'cron'
      ? `${grace} of ${every.expression} (${every.timezone})`
      : formatDuration((every ? intervalMsOf(every) : 0) + graceMs)
  return { summary, condition: `heartbeat within ${within}` }
}

/** `2026-02-05 07:46 UTC` */
const minuteOf = (ms: number): string => `${toInstant(ms).slice(0, 16).replace('T', ' ')} UTC`
