/** Statements of long work, which lets others in now and then: a signal is only heard between two of them. */

import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'

/** Statements from one pause to the next: some milliseconds. */
const untilPause = 500
/** Statements from one sweep to the next. */
const untilSweep = 20_000

export interface Interruptions {
  /** Ends the work at its next statement. */
  signal?: AbortSignal | undefined
  /** Called now and then: gives back memory that is not needed any more. */
  sweep?: (() => void) | undefined
}

/** @throws TrackerError `unavailable` from the statement that comes after the signal */
export function interruptible(q: Queries, { signal, sweep }: Interruptions): Queries {
  let done = 0
  const pause = async (): Promise<void> => {
    done++
    if (done % untilPause === 0) await new Promise((next) => setImmediate(next))
    if (done % untilSweep === 0) sweep?.()
    if (!signal?.aborted) return
    throw new TrackerError('unavailable', 'stopped by a signal', { hint: 'nothing was changed' })
  }
  return {
    engine: q.engine,
    all: async (statement) => {
      await pause()
      return q.all(statement)
    },
    get: async (statement) => {
      await pause()
      return q.get(statement)
    },
    run: async (statement) => {
      await pause()
      return q.run(statement)
    },
    insert: async (statement) => {
      await pause()
      return q.insert(statement)
    },
  }
}
