/** The raw input of an operation, out of a request: path, query and body say one thing together. */

import { type Failure, TrackerError } from '../../errors.ts'
import { fieldsOf } from '../../ops/input.ts'
import type { AnyOperation } from '../../ops/operation.ts'
import { coerce } from './coerce.ts'

export interface Parts {
  params: Record<string, string>
  /** As it stands in the URL, behind the `?`. */
  query: string
  body: Record<string, unknown> | undefined
}

/**
 * @returns fields with the types of the schema where the texts allow it; unknown ones stay, to be refused
 * @throws  TrackerError `invalid` when a field is given twice with other values
 */
export function rawInput(op: AnyOperation, { params, query, body }: Parts): Record<string, unknown> {
  const fields = fieldsOf(op)
  const typed = (name: string, texts: string[]): unknown =>
    coerce(Object.hasOwn(fields, name) ? fields[name] : undefined, texts)
  const merged = new Map<string, unknown>()
  const failures: Failure[] = []
  const add = (name: string, value: unknown): void => {
    if (merged.has(name) && !same(merged.get(name), value)) {
      failures.push({ field: name, message: 'is given twice, with other values' })
    } else merged.set(name, value)
  }
  for (const [name, text] of Object.entries(params)) add(name, typed(name, [text]))
  for (const [name, texts] of readQuery(query)) add(name, typed(name, texts))
  for (const [name, value] of Object.entries(body ?? {})) add(name, value)
  if (failures.length > 0) {
    throw new TrackerError('invalid', `${failures[0]!.field} is given twice, with other values`, {
      hint: 'say it once: in the path, the query or the body',
      failures,
    })
  }
  // Not by assignment: `__proto__` is a name like any other here.
  return Object.fromEntries(merged)
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** @throws TrackerError `invalid` for what is no percent-encoded UTF-8 */
export function readQuery(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const [name = '', ...rest] = pair.split('=')
    const key = decode(name)
    const texts = found.get(key)
    const text = decode(rest.join('='))
    if (texts) texts.push(text)
    else found.set(key, [text])
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new TrackerError('invalid', 'the query is not valid: a % must begin an encoded byte of UTF-8', {
      hint: 'write a % itself as %25',
    })
  }
}
