/** What may be bound to a statement: checked alike for both engines, so that neither guesses. */

import { TrackerError } from '../errors.ts'
import type { Value } from './database.ts'

/**
 * @returns the values to bind: booleans as 0 and 1
 * @throws  TrackerError `invalid` for text with a NUL, `internal` for what no column can hold
 */
export const bindable = (values: readonly unknown[]): Value[] => values.map(bindableValue)

function bindableValue(value: unknown): Value {
  if (value === null) return null
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TrackerError('invalid', 'text must not contain NUL')
    return value
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new TrackerError(
    'internal',
    `a statement was given ${typeof value === 'number' ? value : typeof value}`,
  )
}
