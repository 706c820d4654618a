/** Statements of long work, which lets others in now and then: a signal is only heard between two of them. */

import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'

/** Statements from one pause to the next: some milliseconds. */
const between = 500

/**
 * @param signal  ends the work at its next statement
 * @throws TrackerError `unavailable` then
 */
export function interruptible(q: Queries, signal: AbortSignal | undefined): Queries {
  let done = 0
  const pause = async (): Promise<void> => {
    if (++done % between === 0) await new Promise((next) => setImmediate(next))
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
  }
}
