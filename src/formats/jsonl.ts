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
  keyOf,
  kinds,
} from '../domain/entity.ts'
import { readInstant } from '../domain/instant.ts'
import { nearest } from '../domain/nearest.ts'
import { TrackerError } from '../errors.ts'

export interface Header {
  counts: Record<Kind, number>
  lastIds: Record<Counted, number>
}

/** Of the format of the lines, not of the product. */
const format = 1

export const headerLine = ({ counts, lastIds }: Header): string =>
  `${JSON.stringify({ throughline: 'pipeline', format, counts, lastIds })}\n`

export const entityLine = (kind: Kind, row: AnyEntity): string => {
  if (kind !== 'check') return `${JSON.stringify({ kind, ...row })}\n`
  const { approvedCommand: _, ...rest } = row
  return `${JSON.stringify({ kind, ...rest })}\n`
}

/** Rows handed on at once. */
const pageSize = 1000

/** @throws TrackerError `invalid`, with the number of the line */
export function parseHeader(text: string): Header {
  const line = text.slice(0, text.indexOf('\n') + 1 || text.length)
  const found = objectOf(line, 1)
  if (found.throughline !== 'pipeline') {
    throw new TrackerError('invalid', 'this is no export of a pipeline: its first line is no header', {
      hint: 'make one with: pipeline export FILE',
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
    lastIds: numbersOf(found.lastIds, counted, 'lastIds'),
  }
}

function numbersOf<N extends string>(value: unknown, names: readonly N[], what: string): Record<N, number> {
  const given = (value ?? {}) as Record<string, unknown>
  for (const name of names) {
    if (!isCount(given[name])) throw wrong(1, `${what}.${name} of the header is no whole number`)
  }
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Record<N, number>
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/**
 * The rows behind the header, some of one kind at a time.
 * @throws TrackerError `invalid`, with the number of the line; also when rows are missing at the end
 */
export function* parseRows(text: string, { counts }: Header): Generator<{ kind: Kind; rows: AnyEntity[] }> {
  const found = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>
  let page: { kind: Kind; rows: AnyEntity[] } = { kind: 'project', rows: [] }
  let before: AnyEntity | undefined
  for (const [number, line] of lines(text)) {
    const { kind, row } = entityOf(objectOf(line, number), number)
    if (kinds.indexOf(kind) < kinds.indexOf(page.kind))
      throw wrong(number, `a ${kind} comes after a ${page.kind}`)
    if (before && kind === page.kind && !isAfter(kind, before, row))
      throw wrong(number, `this ${kind} is not after the one before it`)
    if (kind !== page.kind || page.rows.length === pageSize) {
      if (page.rows.length > 0) yield page
      page = { kind, rows: [] }
    }
    page.rows.push(row)
    before = row
    found[kind] += 1
  }
  if (page.rows.length > 0) yield page
  for (const kind of kinds) {
    if (found[kind] === counts[kind]) continue
    throw new TrackerError(
      'invalid',
      `the export is not whole: ${found[kind]} of ${counts[kind]} (${kind})`,
      {
        hint: 'nothing was stored; take another copy of the file',
      },
    )
  }
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

/** By numbers; texts have an order of their own in each engine's file, so only equal ones are told. */
function isAfter(kind: Kind, before: AnyEntity, row: AnyEntity): boolean {
  for (const field of keyOf[kind]) {
    const [one, two] = [before[field], row[field]]
    if (one === two) continue
    return typeof two !== 'number' || two > Number(one)
  }
  return false
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
    const value = field === 'approvedCommand' ? null : given[field]
    if (!fits(type, value))
      throw wrong(number, `${kind}.${field} must be ${meaning[type]}; got ${short(value)}`)
    row[field] = value as string | number | null
  }
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(fields[kind], field)) throw wrong(number, `${kind} has no field ${short(field)}`)
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
  return type.startsWith('time') ? readInstant(value) === value : !value.includes('\0')
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const wrong = (line: number, why: string): TrackerError =>
  new TrackerError('invalid', `line ${line}: ${why}`, { failures: [{ field: `line ${line}`, message: why }] })
