/** Values of the predecessor's columns, taken by what they mean: SQLite keeps any type in any column. */

import { type Actor, parseActor } from '../domain/actor.ts'
import { readTime } from '../domain/entity.ts'
import { type Instant, readInstant, toInstant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { LegacyRow } from './legacy-shape.ts'

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

/** A word of one of the predecessor's lists: `In Progress`, `in_progress` and `in-progress` are one; null for none. */
export function wordOf(row: LegacyRow, column: string): string | null {
  const text = textOf(row, column)?.trim().toLowerCase()
  return text ? text.replace(/[\s_]+/g, '-') : null
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
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null
  // As nearly all are written; in our notation most need not be parsed.
  const isUsual = text.length === 19 && text[10] === ' '
  return readInstant(isUsual ? `${text.replace(' ', 'T')}.000Z` : text)
}

function ofUnixTime(number: number): Instant | null {
  if (number < firstUnixSecond) return null
  return toInstant(number < firstUnixMs ? number * 1000 : number)
}

/** Deeper than this nothing was meant, and writing it back would exhaust the stack. */
const deepest = 200

/** JSON, encoded once or twice; undefined for what is none. */
export function jsonOf(text: string): unknown {
  const value = decoded(text)
  return typeof value === 'string' ? (decoded(value) ?? value) : value
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
