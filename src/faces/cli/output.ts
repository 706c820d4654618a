/** What is printed: data on standard output, talk on standard error. */

import { harmless, harmlessJson } from '../../domain/text.ts'
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
const obeyed = new RegExp('[\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]', 'g')

export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(obeyed, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** @param fields names with commas between; '' for all */
export function answerJson({ data, warnings }: Answer<unknown>, fields: string): string {
  const picked = fields === '' ? data : pick(data, fields.split(','))
  return jsonText({ schemaVersion: 1, data: picked, ...(warnings.length > 0 ? { warnings } : {}) })
}

/** Fields of the data; of each entry, where the data is a list. */
function pick(data: unknown, names: string[]): unknown {
  const list = data as { items?: unknown[]; entries?: unknown[]; runs?: unknown[] }
  for (const key of ['items', 'entries'] as const) {
    const rows = list[key]
    if (Array.isArray(rows))
      return { ...list, [key]: rows.map((row) => pickFrom(row as Record<string, unknown>, names)) }
  }
  return pickFrom(data as Record<string, unknown>, names)
}

function pickFrom(row: Record<string, unknown>, names: string[]): Record<string, unknown> {
  const unknown = names.find((name) => !Object.hasOwn(row, name))
  if (unknown !== undefined) {
    throw new TrackerError('invalid', `there is no field ${JSON.stringify(unknown)}`, {
      hint: `fields: ${Object.keys(row).join(', ')}`,
    })
  }
  return Object.fromEntries(names.map((name) => [name, row[name]]))
}

/** Text for a person; `--quiet` leaves of a change only the id. */
export function answerText(op: AnyOperation, data: unknown, style: Style, quiet: boolean): string {
  if (quiet && op.kind !== 'read') {
    const { id } = data as { id?: unknown }
    return op.kind === 'write' && typeof id === 'number' ? String(id) : ''
  }
  return op.toText(harmlessJson(data), style)
}

export const asTrackerError = (error: unknown): TrackerError =>
  error instanceof TrackerError
    ? error
    : new TrackerError('internal', error instanceof Error ? error.message : String(error), {
        hint: 'this is a fault of Throughline; nothing was changed by this command',
        cause: error,
      })

export function errorJson(error: TrackerError): string {
  const { kind: code, message, hint, failures } = error
  return jsonText({ schemaVersion: 1, error: { code, message, ...(hint ? { hint } : {}), failures } })
}

export function errorText(error: TrackerError, style: Style): string {
  const lines = [`${style.red('error:')} ${harmless(error.message)}`]
  if (error.failures.length > 1 || (error.failures[0] && error.failures[0].message !== error.message)) {
    for (const { field, message } of error.failures) {
      const named = field && !message.startsWith(field) ? `${field}: ` : ''
      lines.push(`  - ${harmless(named + message)}`)
    }
  }
  if (error.hint) lines.push(`${style.dim('hint:')} ${harmless(error.hint)}`)
  return lines.join('\n')
}
