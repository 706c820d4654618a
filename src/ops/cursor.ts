/** Cursors of lists: opaque to the outside, refused when they are of another list. */

import { wrongCursor } from '../domain/cursor.ts'
import type { Stage } from '../domain/stage.ts'
import type { Key } from '../store/lists.ts'

/** A column of the board, as a list. */
export const columnList = (stage: Stage): string => `board-${stage}`

/** @param list what the cursor belongs to: `-priority` */
export const writeCursor = (list: string, key: Key): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url')

/**
 * @param types of the key's values
 * @throws TrackerError `invalid`
 */
export function readCursor(list: string, types: ('string' | 'number')[], cursor: string): Key {
  const value = decode(cursor)
  const [name, ...key] = Array.isArray(value) ? value : []
  const legal = key.length === types.length && key.every((part, n) => fits(types[n]!, part))
  if (name !== list || !legal) throw wrongCursor()
  return key as Key
}

/** A text is a time, as an engine gives it; SQLite may hold another word there, of the owner's own SQL. */
const fits = (type: 'string' | 'number', part: unknown): boolean =>
  type === 'number' ? Number.isSafeInteger(part) : typeof part === 'string' && part.length <= 100

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
