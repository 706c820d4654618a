/** Cron expressions of five fields, by croner; nothing here is scheduled and no clock is read. */

import { Cron } from 'croner'
import { TrackerError } from '../errors.ts'
import { memo } from './memo.ts'

/** A Thursday: where the search for the shortest gap begins, so that it does not depend on the day it is run. */
const referenceMs = Date.UTC(2026, 0, 1)

/** Five fields; no nicknames, no dates, no `?` (which has meant "the minute of the start" in croner). */
const shape = /^[\dA-Za-z*,/#+-]+(?: +[\dA-Za-z*,/#+-]+){4}$/

/** Beyond this many firings no new gap between minutes, hours or days turns up. */
const firingsLookedAt = 100
const minuteMs = 60_000

/** An expression takes 80 KB once it is compiled, and 0.1 ms to compile: few are kept, of more only the answers. */
const compiled = memo<Cron>(32)
const shortestGaps = memo<{ gapMs: number | undefined }>(4096)
/** Nothing fires after `fromMs` until `nextMs`. */
const answers = memo<{ fromMs: number; nextMs: number | undefined }>(4096)

/**
 * @param timezone  IANA name, see `isTimezone`
 * @returns the expression
 * @throws  TrackerError `invalid` when the expression is malformed or never fires
 */
export function validateCron(expression: string, timezone: string): string {
  if (nextCron(expression, timezone, referenceMs) === undefined) {
    throw new TrackerError('invalid', `the cron expression ${quoted(expression)} never fires`, { hint })
  }
  return expression
}

/**
 * The first firing after `afterMs`, in milliseconds since 1970; undefined when there is none.
 * Hours and minutes without `*` and steps: in the hour that is skipped for summer time it fires right after the
 * gap; in the doubled hour once. With them it fires by the time that passes: not in a gap, twice in a doubled hour.
 * @throws  TrackerError `invalid`
 */
export function nextCron(expression: string, timezone: string, afterMs: number): number | undefined {
  const key = keyOf(expression, timezone)
  const known = answers.get(key)
  if (known && known.fromMs <= afterMs && afterMs < (known.nextMs ?? Number.POSITIVE_INFINITY)) {
    return known.nextMs
  }
  const nextMs = nextOf(compile(expression, timezone), afterMs)
  return answers.set(key, { fromMs: afterMs, nextMs }).nextMs
}

/**
 * The shortest time between two firings by the clock on the wall, in milliseconds; undefined when it fires only
 * once. Summer time is left out: what begins daily has 24 hours in every zone.
 * @throws  TrackerError `invalid`
 */
export function shortestGapMs(expression: string): number | undefined {
  const known = shortestGaps.get(expression)
  return (known ?? shortestGaps.set(expression, { gapMs: findShortestGapMs(expression) })).gapMs
}

function findShortestGapMs(expression: string): number | undefined {
  const cron = compile(expression, 'UTC')
  let shortest: number | undefined
  let last = nextOf(cron, referenceMs)
  for (let count = 1; count < firingsLookedAt && last !== undefined && shortest !== minuteMs; count++) {
    const next = nextOf(cron, last)
    if (next !== undefined) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, next - last)
    last = next
  }
  return shortest
}

/**
 * The longest time between two firings by the clock on the wall, in milliseconds, as far as a year shows; infinity when
 * it fires only once in it. Summer time is left out. Put together from minutes, hours and days: a year of single
 * firings would be half a million.
 * @throws  TrackerError `invalid`
 */
export function longestGapMs(expression: string): number {
  const [minute, hour, ...days] = expression.split(/ +/)
  const minutes = firingsOf(`${minute} 0 * * *`, hourMs)
  const hours = firingsOf(`0 ${hour} * * *`, dayMs)
  const dates = firingsOf(`0 0 ${days.join(' ')}`, yearMs)
  const withinDayMs = lengthOf(hours) + lengthOf(minutes)
  return Math.max(
    longestOf(minutes, 0),
    longestOf(hours, 0) - lengthOf(minutes),
    longestOf(dates, Number.POSITIVE_INFINITY) - withinDayMs,
  )
}

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** So long that the same day of two years is in it. */
const yearMs = 367 * dayMs

/** From the reference on, for so long. */
function firingsOf(expression: string, ms: number): number[] {
  const cron = compile(expression, 'UTC')
  const found: number[] = []
  let next = nextOf(cron, referenceMs - 1)
  while (next !== undefined && next < referenceMs + ms) {
    found.push(next)
    next = nextOf(cron, next)
  }
  return found
}

const lengthOf = (times: readonly number[]): number => (times.at(-1) ?? 0) - (times[0] ?? 0)

/** @param none what one time alone comes to */
const longestOf = (times: readonly number[], none: number): number =>
  times.length < 2 ? none : Math.max(...times.slice(1).map((time, n) => time - times[n]!))

/** Whether `Intl` knows the zone. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const hint = 'five fields: minute hour day month weekday, such as 0 6 * * 1-5'

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80))

const nextOf = (cron: Cron, afterMs: number): number | undefined => cron.nextRun(new Date(afterMs))?.getTime()

/** Neither a zone nor an expression has a line break. */
const keyOf = (expression: string, timezone: string): string => `${timezone}\n${expression}`

function compile(expression: string, timezone: string): Cron {
  const key = keyOf(expression, timezone)
  return compiled.get(key) ?? compiled.set(key, compileAnew(expression, timezone))
}

function compileAnew(expression: string, timezone: string): Cron {
  if (!isTimezone(timezone)) {
    throw new TrackerError('invalid', `no such time zone: ${quoted(timezone)}`, {
      hint: 'such as Europe/Vienna or UTC',
    })
  }
  if (!shape.test(expression)) {
    throw new TrackerError('invalid', `no cron expression: ${quoted(expression)}`, { hint })
  }
  // An offset is five times as fast as a zone.
  const where = timezone === 'UTC' ? { utcOffset: 0 } : { timezone }
  try {
    return new Cron(expression, { ...where, mode: '5-part', paused: true, fixedTimeRule: 'no-wildcard' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause)
    throw new TrackerError('invalid', `no cron expression: ${quoted(expression)} (${why.slice(0, 120)})`, {
      hint,
      cause,
    })
  }
}
