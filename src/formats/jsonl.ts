/**
 * Our own export: JSON Lines, a header and then one line an entity, in an order that an import can follow. What an
 * owner approved stays with them: approvals are left out, since a file may come from anybody.
 */

import {
  type AnyEntity,
  type Counted,
  counted,
  type FieldType,
  fields,
  type Kind,
  kinds,
  readTime,
} from '../domain/entity.ts'
import { idMax, illegal } from '../domain/legal.ts'
import { nearest } from '../domain/nearest.ts'
import { TrackerError } from '../errors.ts'
import { whole, wrong } from './jsonl-whole.ts'

export interface Header {
  counts: Record<Kind, number>
  lastIds: Record<Counted, number>
}

/** Of the format of the lines, not of the product. */
const format = 1

export const headerLine = ({ counts, lastIds }: Header): string =>
  `${JSON.stringify({ throughline: 'pipeline', format, counts, lastIds })}\n`

/** The field of a check that no export has. */
const left = 'approvedCommand'

export const entityLine = (kind: Kind, row: AnyEntity): string => {
  if (kind !== 'check') return `${JSON.stringify({ kind, ...row })}\n`
  const { [left]: _, ...rest } = row
  return `${JSON.stringify({ kind, ...rest })}\n`
}

const exportHint = 'make one with: pipeline export FILE'

/** Rows handed on at once. */
const pageSize = 1000

/** @throws TrackerError `invalid`, with the number of the line */
export function parseHeader(file: string): Header {
  const text = file.replace(/^\ufeff/, '')
  if (text.trim() === '') throw new TrackerError('invalid', 'the file is empty', { hint: exportHint })
  const line = text.slice(0, text.indexOf('\n') + 1 || text.length)
  const found = objectOf(line, 1)
  if (found.throughline !== 'pipeline') {
    throw new TrackerError('invalid', 'this is no export of a pipeline: its first line is no header', {
      hint: exportHint,
    })
  }
  if (found.format !== format) {
    throw new TrackerError(
      'invalid',
      `the export has format ${short(found.format)}; this version reads ${format}`,
      {
        hint: 'update Throughline, or export again with this version',
      },
    )
  }
  return {
    counts: numbersOf(found.counts, kinds, 'counts'),
    lastIds: numbersOf(found.lastIds, counted, 'lastIds', idMax),
  }
}

function numbersOf<N extends string>(
  value: unknown,
  names: readonly N[],
  what: string,
  most = Number.MAX_SAFE_INTEGER,
): Record<N, number> {
  const given = (value ?? {}) as Record<string, unknown>
  for (const name of names) {
    if (!isCount(given[name])) throw wrong(1, `${what}.${name} of the header is no whole number`)
    if ((given[name] as number) > most)
      throw wrong(1, `${what}.${name} of the header must be at most ${most}; got ${given[name]}`)
  }
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Record<N, number>
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/**
 * The rows behind the header, some of one kind at a time.
 * @throws TrackerError `invalid`, with the number of the line; also when rows are missing at the end
 */
export function* parseRows(text: string, { counts }: Header): Generator<{ kind: Kind; rows: AnyEntity[] }> {
  const together = whole()
  let page: { kind: Kind; rows: AnyEntity[] } = { kind: 'project', rows: [] }
  for (const [number, line] of lines(text)) {
    const { kind, row } = entityOf(objectOf(line, number), number)
    together.add(kind, row, number)
    if (kind !== page.kind || page.rows.length === pageSize) {
      if (page.rows.length > 0) yield page
      page = { kind, rows: [] }
    }
    page.rows.push(row)
  }
  together.end(counts)
  if (page.rows.length > 0) yield page
}

/** Lines that hold something, behind the first, with their numbers. */
function* lines(text: string): Generator<[number: number, line: string]> {
  let at = text.indexOf('\n') + 1 || text.length
  for (let number = 2; at < text.length; number += 1) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? text.length : end)
    if (line.trim() !== '') yield [number, line]
    at = end === -1 ? text.length : end + 1
  }
}

function objectOf(line: string, number: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw wrong(number, `not JSON: ${(error as Error).message}`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrong(number, 'not an object')
  return value as Record<string, unknown>
}

function entityOf(
  { kind: word, ...given }: Record<string, unknown>,
  number: number,
): { kind: Kind; row: AnyEntity } {
  const kind = kinds.find((each) => each === word)
  if (!kind) {
    const guess = typeof word === 'string' ? nearest(word, kinds) : undefined
    throw wrong(number, `no kind ${short(word)}${guess ? `; did you mean ${guess}?` : ''}`)
  }
  const row: AnyEntity = {}
  for (const [field, type] of Object.entries(fields[kind]) as [string, FieldType][]) {
    const value = field === left ? null : given[field]
    if (!fits(type, value))
      throw wrong(number, `${kind}.${field} must be ${meaning[type]}; got ${short(value)}`)
    row[field] = value as string | number | null
  }
  for (const field of Object.keys(given)) {
    if (field === left || !Object.hasOwn(fields[kind], field))
      throw wrong(number, `${kind} has no field ${short(field)}`)
  }
  const refused = illegal(kind, row)
  if (refused) {
    const { field, must } = refused
    throw wrong(number, `${kind}.${field} must be ${must}; got ${short(row[field])}`)
  }
  return { kind, row }
}

const meaning: Record<FieldType, string> = {
  int: 'a whole number',
  'int?': 'a whole number or null',
  text: 'a text',
  'text?': 'a text or null',
  time: 'an instant such as 2026-02-05T07:46:15.000Z',
  'time?': 'an instant such as 2026-02-05T07:46:15.000Z, or null',
}

function fits(type: FieldType, value: unknown): boolean {
  if (value === null) return type.endsWith('?')
  if (type.startsWith('int')) return Number.isSafeInteger(value)
  if (typeof value !== 'string') return false
  return type.startsWith('time') ? readTime(value) === value : !unstorable.test(value)
}

/** NUL, and half of a pair of surrogates: no engine holds them. */
const unstorable = /\0|\p{Surrogate}/u

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
