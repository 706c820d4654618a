/** Instants are UTC, ISO-8601 with milliseconds and `Z`: they sort as text. */

import { TrackerError } from '../errors.ts'

/** `2026-02-05T07:46:15.000Z` */
export type Instant = string

const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** `20260205T074615Z`: for the names of files. */
export const compact = (at: Instant): string => at.replace(/\.\d+Z$/, 'Z').replace(/[-:]/g, '')

/** @param ms milliseconds since 1970-01-01 UTC */
export const toInstant = (ms: number): Instant => new Date(ms).toISOString()

/** The same of what the owner's own SQL may have written; null beyond the years 1970 to 9999. */
export const toInstantOrNull = (ms: number | null): Instant | null =>
  ms === null || !(ms >= 0 && ms <= lastMs) ? null : toInstant(ms)

/** Milliseconds since 1970-01-01 UTC. */
export const toMs = (at: Instant): number => Date.parse(at)

/** Null for what is no time between 1970 and 9999: the owner's own SQL wrote it. */
export const instantOr = (ms: number): Instant | null => (ms >= 0 && ms <= lastMs ? toInstant(ms) : null)

const firstMs = Date.parse('0001-01-01T00:00:00.000Z')
const lastMs = Date.parse('9999-12-31T23:59:59.999Z')

/** Is there such a day? `Date.parse` takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00.000Z`)
  return !Number.isNaN(ms) && toInstant(ms).startsWith(text)
}

/** @throws TrackerError `invalid` when `text` is no ISO-8601 instant with a zone */
export function parseInstant(text: string): Instant {
  const ms = shape.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN
  // Both engines know the years 1 to 9999, and text sorts by time in them.
  if (!(ms >= firstMs && ms <= lastMs)) {
    throw new TrackerError('invalid', `not an instant: ${JSON.stringify(text.slice(0, 40))}`, {
      hint: 'write it as 2026-02-05T07:46:15Z',
    })
  }
  return toInstant(ms)
}

/** Certainly an instant in our notation: taken as it is, since a list reads hundreds. The month's last days are parsed. */
const ours = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** What a column holds, as an instant; undefined for what is none (a row written by the owner's own SQL). */
export function readInstant(text: unknown): Instant | null {
  if (typeof text !== 'string') return null
  if (ours.test(text)) return text
  const zoned = /[Zz]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`
  const ms = Date.parse(zoned)
  return Number.isNaN(ms) ? null : toInstant(ms)
}
