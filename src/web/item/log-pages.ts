/** Pages of the log as one list, the newest first. Pure. */

import type { Entry } from '../events.ts'

export interface Log {
  entries: Entry[]
  /** Where the older ones begin. */
  next: string | null
}

/** The fresh page before what was known; where they do not meet, what was known is let go. */
export function joined(fresh: Log, known: Log | undefined): Log {
  const last = fresh.entries.at(-1)?.id
  if (!known || last === undefined || fresh.next === null) return fresh
  const meets = known.entries.some(({ id }) => id >= last)
  if (!meets) return fresh
  const older = known.entries.filter(({ id }) => id < last)
  return older.length === 0 ? fresh : { entries: [...fresh.entries, ...older], next: known.next }
}
