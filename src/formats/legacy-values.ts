/** Values of the predecessor's columns, taken by what they mean: SQLite keeps any type in any column. */

import { type Actor, parseActor } from '../domain/actor.ts'
import { readTime } from '../domain/entity.ts'
import { type Instant, readInstant, toInstant } from '../domain/instant.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import { TrackerError } from '../errors.ts'
import { isWhole } from './legacy-json.ts'
import { normalised } from './legacy-words.ts'

/** The text of a column; null where it holds none or is not there. */
export function textOf(row: LegacyRow, column: string): string | null {
  const value = row[column]
  return value === null || value === undefined ? null : String(value)
}

/** The same; null for an empty one, too. */
export const textOrNull = (row: LegacyRow, column: string): string | null => textOf(row, column) || null

/** The whole number of a column, also where it stands as text; null for anything else. */
export function wholeOf(row: LegacyRow, column: string): number | null {
  const value = row[column]
  const isDigits = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
  const number = isDigits ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

/** A column as its owner wrote it, a whole number as one; null for none. */
export const writtenOf = (row: LegacyRow, column: string): string | number | null =>
  wholeOf(row, column) ?? textOrNull(row, column)

/** A word of one of the predecessor's lists, as they are compared; null for none. */
export const wordOf = (row: LegacyRow, column: string): string | null =>
  normalised(textOf(row, column) ?? '') || null

/** What a row that is lost said: `builder, info: words: more words`. */
export function textsOf(row: LegacyRow, about: string[], words: string[]): string {
  const given = (columns: string[]): string[] =>
    columns.map((column) => textOrNull(row, column)).filter((text) => text !== null)
  const [head, ...said] = [given(about).join(', '), ...given(words)]
  return [...(head ? [head] : []), ...said].join(': ')
}

/** Unix times before 1973 would be small numbers that mean something else. */
const firstUnixSecond = 1e8
const firstUnixMs = 1e11

/**
 * An instant, as SQLite's functions or its callers wrote it: `2026-02-05 07:46:15` (UTC), ISO-8601, or Unix time in
 * seconds or milliseconds.
 * @returns null for anything else, and outside the years 1 to 9999, which PostgreSQL or the order as text refuse
 */
export function instantOf(value: string | number | null | undefined): Instant | null {
  const text = String(value ?? '').trim()
  const at = /^\d{9,13}(\.\d+)?$/.test(text) ? ofUnixTime(Number(text)) : ofText(text)
  return readTime(at)
}

function ofText(text: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\d/.test(text) || !isDay(text)) return null
  // As nearly all are written; in our notation most need not be parsed.
  if (text.length === 19 && text[10] === ' ') return readInstant(`${text.replace(' ', 'T')}.000Z`)
  const zoned = text.replace(/ ?(UTC|GMT)$/i, 'Z').replace(/(:\d\d(?:\.\d+)?) ?([+-]\d\d)$/, '$1$2:00')
  return readInstant(zoned)
}

/** Is there such a day? JavaScript takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const day = Number(text.slice(8, 10))
  if (day <= 28) return true
  const ms = Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, day)
  return new Date(ms).getUTCDate() === day
}

function ofUnixTime(number: number): Instant | null {
  if (number < firstUnixSecond) return null
  return toInstant(number < firstUnixMs ? number * 1000 : number)
}

/** Deeper than this nothing was meant, and writing it back would exhaust the stack. */
const deepest = 200

/** JSON, encoded once or twice; undefined for what is none. */
export const jsonOf = (text: string): unknown => readJson(text).value

/** The same, and whether it holds all that its text says. */
export function readJson(text: string): { value: unknown; isWhole: boolean } {
  const value = decoded(text)
  const inner = typeof value === 'string' ? decoded(value) : undefined
  if (inner !== undefined) return { value: inner, isWhole: isWhole(value as string, inner) }
  return { value, isWhole: value !== undefined && isWhole(text, value) }
}

function decoded(text: string): unknown {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Brackets inside of strings count, too: that errs on the safe side. */
function isTooDeep(text: string): boolean {
  if (text.length <= deepest) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    if (depth > deepest) return true
  }
  return false
}

/** `agent:builder-1` for `builder-1`; null for a name that can't be an actor's. */
export function actorOf(kind: 'human' | 'agent', name: string | null): Actor | null {
  const plain = name?.trim()
  // Most rows name nobody, and an error costs more than all else of a row.
  if (!plain) return null
  try {
    return parseActor(`${kind}:${plain}`)
  } catch (error) {
    if (error instanceof TrackerError) return null
    throw error
  }
}

/** A label of where an entry came from: `main`, `subagent`; null for what is no word. */
export const labelOf = (text: string | null): string | null =>
  text !== null && /^[\w.-]{1,40}$/.test(text) ? text : null

/** Both engines refuse NUL in text. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '')

/** The values that there are, as JSON; null for none. */
export function detailOf(values: Record<string, unknown>): string | null {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept))
}
