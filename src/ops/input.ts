/** Raw input to typed values, or one error that names every wrong field in plain words. */

import * as z from 'zod/mini'
import { nearest } from '../domain/nearest.ts'
import { type Failure, TrackerError } from '../errors.ts'
import type { AnyOperation } from './operation.ts'

// No code is generated at run time, and the start-up is shorter.
z.config({ jitless: true })

type Issue = z.core.$ZodIssue

/** @throws TrackerError `invalid`, with one failure a field */
export function parseInput(op: AnyOperation, raw: unknown): unknown {
  refuseUnstorable(raw, [])
  const parsed = op.input().safeParse(raw)
  if (parsed.success) return parsed.data
  const failures = parsed.error.issues.flatMap((issue: Issue) => explain(issue, raw, fieldsOf(op)))
  throw new TrackerError('invalid', failures[0]?.message ?? 'the input is not valid', { failures })
}

export const fieldsOf = (op: AnyOperation): Record<string, z.ZodMiniType> =>
  (op.input() as unknown as { shape: Record<string, z.ZodMiniType> }).shape

/** Levels of an input: what is deeper would overflow the stack somewhere below. */
const deepest = 100

/** `__proto__` is no field; NUL is refused on both engines, and so is half of a surrogate pair: it would be stored as another character. */
function refuseUnstorable(value: unknown, path: string[]): void {
  if (typeof value === 'string') {
    const wrong = value.includes('\0') ? 'NUL' : halfPair.test(value) ? 'half of a surrogate pair' : undefined
    if (wrong === undefined) return
    const field = path.join('.')
    throw new TrackerError('invalid', `${field || 'the text'} must not contain ${wrong}`, {
      failures: [{ field, message: `must not contain ${wrong}` }],
    })
  }
  if (value === null || typeof value !== 'object') return
  if (path.length >= deepest) throw new TrackerError('invalid', `${path[0]} is nested too deeply`)
  for (const [key, inner] of Object.entries(value)) {
    // Within a field parsing would drop it in silence.
    if (key === '__proto__' && path.length > 0)
      throw new TrackerError('invalid', 'unknown field "__proto__"', {
        failures: [{ field: [...path, key].join('.'), message: 'unknown field' }],
      })
    refuseUnstorable(inner, [...path, key])
  }
}

const halfPair = /[\ud800-\udfff]/u

function explain(issue: Issue, raw: unknown, shape: Record<string, unknown>): Failure[] {
  const field = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const guess = nearest(key, Object.keys(shape))
      const name = JSON.stringify(key.slice(0, 40))
      return { field: key, message: `unknown field ${name}${guess ? `; did you mean ${guess}?` : ''}` }
    })
  }
  const value = at(raw, issue.path)
  return [{ field, message: `${field || 'the input'} ${because(issue, value)}` }]
}

function because(issue: Issue, value: unknown): string {
  if (value === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const guess = typeof value === 'string' ? nearest(value, allowed) : undefined
      return `must be one of ${allowed.join(', ')}; got ${shown(value)}${guess ? `; did you mean ${guess}?` : ''}`
    }
    case 'too_big':
      return `must be at most ${bound(issue.maximum, issue.origin)}${got(value)}`
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty'
      return `must be at least ${bound(issue.minimum, issue.origin, issue.inclusive)}${got(value)}`
    case 'custom':
      if (typeof issue.params?.maximum === 'number')
        return `must be at most ${issue.params.maximum} characters; got ${[...String(value)].length}`
      return otherwise(issue, value)
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}; got ${shown(value)}`
    default:
      return otherwise(issue, value)
  }
}

const otherwise = ({ message }: Issue, value: unknown): string =>
  `is not valid${message && message !== 'Invalid input' ? `: ${message}` : ''}; got ${shown(value)}`

const units: Record<string, string> = { string: ' characters', array: ' entries' }
const bound = (limit: number | bigint, origin: string, inclusive = true): string =>
  `${inclusive ? limit : Number(limit) + 1}${units[origin] ?? ''}`

const got = (value: unknown): string =>
  typeof value === 'string' ? `; got ${value.length}` : typeof value === 'number' ? `; got ${value}` : ''

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function at(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
