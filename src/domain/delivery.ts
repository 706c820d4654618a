/** When and to whom a notification goes: tries, quiet hours, what a channel wants. Pure: no clock. */

import type { Channel } from './channel.ts'
import { type Severity, severities } from './item.ts'
import type { NotificationEvent } from './notification.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** From a failed try to the next: quick while it may be a hiccup, and 48 hours in all. */
const waitsMs = [
  30 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  6 * hour,
  14 * hour,
  25 * hour + 24 * minute + 30 * second,
]

export const maxTries = waitsMs.length + 1

/**
 * When a notification that failed is tried again; what a receiver asked for (`notBeforeMs`) may put it later.
 * @param tries     made so far, from 1
 * @param failedMs  when the last one failed, milliseconds since 1970
 * @returns         milliseconds since 1970; null: given up
 */
export function retryAtMs(tries: number, failedMs: number): number | null {
  const waitMs = waitsMs[Math.max(1, tries) - 1]
  return waitMs === undefined ? null : failedMs + waitMs
}

/** 0 is the worst. */
const rank = (severity: Severity): number => severities.indexOf(severity)

/** Whether the channel takes events of this kind and severity; a test is always wanted. */
export function wants(
  { enabled, minSeverity, kinds }: Pick<Channel, 'enabled' | 'minSeverity' | 'kinds'>,
  event: Pick<NotificationEvent, 'kind' | 'severity'>,
): boolean {
  if (event.kind === 'test') return true
  if (!enabled || rank(event.severity) > rank(minSeverity)) return false
  return kinds === null || kinds.includes(event.kind)
}

type Quiet = Pick<Channel, 'quietHours'>

/** Whether the clock of the channel's time zone is in its quiet hours, whatever the event. */
export function isQuiet({ quietHours }: Quiet, atMs: number): boolean {
  if (quietHours === null) return false
  const { fromMinute, toMinute, timezone } = quietHours
  const now = localMinute(timezone, atMs)
  if (fromMinute < toMinute) return now >= fromMinute && now < toMinute
  return now >= fromMinute || now < toMinute
}

/** No zone changes its clock within one. */
const quarter = 15 * minute

/** The first instant from `atMs` on that is not quiet; `atMs` itself where that is so. Milliseconds since 1970. */
export function quietUntilMs(channel: Quiet, atMs: number): number {
  const { quietHours } = channel
  if (quietHours === null) return atMs
  const { timezone, toMinute } = quietHours
  let ms = atMs
  while (isQuiet(channel, ms)) {
    const nextQuarter = (Math.floor(ms / quarter) + 1) * quarter
    const endMs = (Math.floor(ms / minute) + minutesFrom(localMinute(timezone, ms), toMinute)) * minute
    ms = Math.min(endMs, nextQuarter)
  }
  return ms
}

/**
 * When an event may go out over the channel at the earliest: a test and what the quiet hours except at once, all
 * else when they are over. Milliseconds since 1970.
 */
export function earliestMs(
  channel: Quiet,
  event: Pick<NotificationEvent, 'kind' | 'severity'>,
  atMs: number,
): number {
  const except = channel.quietHours?.except ?? null
  const passes = event.kind === 'test' || (except !== null && rank(event.severity) <= rank(except))
  return passes ? atMs : quietUntilMs(channel, atMs)
}

const minutesOfDay = 1440

/** Minutes on a clock from one time of day to the next time it shows another: 1 to 1440. */
const minutesFrom = (from: number, to: number): number => ((to - from - 1 + minutesOfDay) % minutesOfDay) + 1

/** One a zone: making a format takes a hundred times as long as using it. */
const clocks = new Map<string, Intl.DateTimeFormat>()

/** Minutes since midnight on a clock in the zone. */
function localMinute(timezone: string, atMs: number): number {
  let clock = clocks.get(timezone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hourCycle: 'h23',
      hour: '2-digit',
      minute: '2-digit',
    })
    clocks.set(timezone, clock)
  }
  const [hours = 0, minutes = 0] = clock.format(atMs).split(':').map(Number)
  return hours * 60 + minutes
}
