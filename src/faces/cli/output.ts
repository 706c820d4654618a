/** What is printed: data on standard output, talk on standard error. */

import { didYouMean } from '../../domain/nearest.ts'
import { harmlessJson, oneLine } from '../../domain/text.ts'
import { type ErrorKind, TrackerError } from '../../errors.ts'
import type { Answer, AnyOperation } from '../../ops/operation.ts'
import type { Style } from '../../ops/style.ts'

export const exitCodes: Record<ErrorKind, number> = {
  internal: 1,
  unavailable: 1,
  invalid: 2,
  'not-found': 3,
  'not-permitted': 4,
  'gate-refused': 5,
  conflict: 6,
}

/** JSON has escapes for C0; the rest that a terminal may obey is escaped here. */
// biome-ignore lint/complexity/useRegexLiterals: the characters are easier to see in words
const obeyed = new RegExp('[\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]', 'g')

export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(obeyed, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** @param fields names with commas between; '' for all. Refused by `requireFields` where there are none such. */
export function answerJson(op: AnyOperation, { data, warnings }: Answer<unknown>, fields: string): string {
  const picked = fields === '' ? data : pick(data as Fields, fields.split(','), listOf(op))
  return jsonText({ schemaVersion: 1, data: picked, ...(warnings.length > 0 ? { warnings } : {}) })
}

type Fields = Record<string, unknown>

/** Fields of the data; of each of its entries, where the data is a list. */
function pick(data: Fields, names: string[], list: string | undefined): Fields {
  const of = (row: Fields): Fields => Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
  return list === undefined ? of(data) : { ...data, [list]: (data[list] as Fields[]).map(of) }
}

/**
 * Asked before anything is changed: a wrong field must not be found when it is stored already.
 * @throws TrackerError `invalid`, with the fields that there are
 */
export function requireFields(op: AnyOperation, fields: string): void {
  if (fields === '') return
  const list = listOf(op)
  const known = Object.keys(list === undefined ? shapeOf(op.output()) : entryShape(op, list))
  for (const name of fields.split(',')) {
    if (known.includes(name)) continue
    const guess = didYouMean(name, known)
    throw new TrackerError('invalid', `there is no field ${JSON.stringify(name.slice(0, 40))}${guess}`, {
      hint: `fields: ${known.join(', ')}`,
    })
  }
}

/** A schema, as zod keeps it. */
interface Schema {
  _zod: { def: { type: string; shape?: Record<string, Schema>; element?: Schema } }
}

const shapeOf = (schema: unknown): Record<string, Schema> => (schema as Schema)._zod.def.shape ?? {}
const entryShape = (op: AnyOperation, list: string): Record<string, Schema> =>
  shapeOf(shapeOf(op.output())[list]!._zod.def.element)

/** The field that holds the entries, where the answer is a list. An item has runs too, and is none. */
function listOf(op: AnyOperation): string | undefined {
  const shape = shapeOf(op.output())
  return ['items', 'entries', 'runs'].find(
    (name) => shape[name]?._zod.def.type === 'array' && shape.title === undefined,
  )
}

/** Text for a person; `--quiet` leaves of a change only the id. */
export async function answerText(
  op: AnyOperation,
  data: unknown,
  style: Style,
  quiet: boolean,
): Promise<string> {
  if (quiet && op.kind !== 'read') {
    const { id } = data as { id?: unknown }
    return op.kind === 'write' && typeof id === 'number' ? String(id) : ''
  }
  return op.toText(harmlessJson(data), style)
}

/** What could not be written was only read: there is nothing done that could be looked up. */
export function incomplete(error: unknown): unknown {
  if (!(error instanceof TrackerError) || error.kind !== 'unavailable') return error
  return new TrackerError(error.kind, error.message, {
    hint: 'the output is incomplete; nothing was changed',
    cause: error,
  })
}

export const asTrackerError = (error: unknown): TrackerError =>
  error instanceof TrackerError
    ? error
    : new TrackerError('internal', error instanceof Error ? error.message : String(error), {
        hint: 'this is a fault of Throughline; before you try again, see what is stored: pipeline log',
        cause: error,
      })

export function errorJson(error: TrackerError): string {
  const { kind: code, message, hint, failures } = error
  return jsonText({ schemaVersion: 1, error: { code, message, ...(hint ? { hint } : {}), failures } })
}

export function errorText(error: TrackerError, style: Style): string {
  const lines = [`${style.red('error:')} ${oneLine(error.message)}`]
  if (error.failures.length > 1 || (error.failures[0] && error.failures[0].message !== error.message)) {
    for (const { field, message } of error.failures) {
      const named = field && !message.startsWith(field) ? `${field}: ` : ''
      lines.push(`  - ${oneLine(named + message)}`)
    }
  }
  if (error.hint) lines.push(`${style.dim('hint:')} ${oneLine(error.hint)}`)
  return lines.join('\n')
}
