/** Cursors of lists: opaque to the outside, refused when they are of another list. */

import { TrackerError } from '../errors.ts'

type Key = (string | number)[]

/** @param list what the cursor belongs to: `-priority` */
export const writeCursor = (list: string, key: Key): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url')

/** @throws TrackerError `invalid` */
export function readCursor(list: string, length: number, cursor: string): Key {
  const value = decode(cursor)
  const [name, ...key] = Array.isArray(value) ? value : []
  const legal = key.length === length && key.every((part) => typeof part === 'string' || Number.isFinite(part))
  if (name !== list || !legal) {
    throw new TrackerError('invalid', 'the cursor is not one of this list', { hint: 'start without --cursor' })
  }
  return key as Key
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
