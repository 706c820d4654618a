/** Cron expressions of five fields, by croner; nothing here is scheduled and no clock is read. */

import { Cron } from 'croner'
import { TrackerError } from '../errors.ts'

/** A Thursday: where the search for the shortest gap begins, so that it does not depend on the day it is run. */
const referenceMs = Date.UTC(2026, 0, 1)

/** Five fields; no nicknames, no dates, no `?` (which has meant "the minute of the start" in croner). */
const shape = /^[\dA-Za-z*,/#+-]+(?: +[\dA-Za-z*,/#+-]+){4}$/

/** Beyond this many firings no new gap between minutes, hours or days turns up. */
const firingsLookedAt = 100

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
 * In the hour that is skipped for summer time it fires right after the gap; in the doubled hour once.
 * @throws  TrackerError `invalid`
 */
export const nextCron = (expression: string, timezone: string, afterMs: number): number | undefined =>
  nextOf(compile(expression, timezone), afterMs)

/**
 * The shortest time between two firings, in milliseconds; undefined when it fires only once.
 * @throws  TrackerError `invalid`
 */
export function shortestGapMs(expression: string, timezone: string): number | undefined {
  const cron = compile(expression, timezone)
  let shortest: number | undefined
  let last = nextOf(cron, referenceMs)
  for (let count = 1; count < firingsLookedAt && last !== undefined; count++) {
    const next = nextOf(cron, last)
    if (next !== undefined) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, next - last)
    last = next
  }
  return shortest
}

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

function compile(expression: string, timezone: string): Cron {
  if (!isTimezone(timezone)) {
    throw new TrackerError('invalid', `no such time zone: ${quoted(timezone)}`, {
      hint: 'such as Europe/Vienna or UTC',
    })
  }
  if (!shape.test(expression)) {
    throw new TrackerError('invalid', `no cron expression: ${quoted(expression)}`, { hint })
  }
  try {
    return new Cron(expression, { timezone, mode: '5-part', paused: true })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause)
    throw new TrackerError('invalid', `no cron expression: ${quoted(expression)} (${why.slice(0, 120)})`, {
      hint,
      cause,
    })
  }
}
