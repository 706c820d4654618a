/** A dry run: everything is done and decided, and then taken back. */

import type { Database, Queries } from './database.ts'

class Rehearsed extends Error {
  constructor(readonly outcome: unknown) {
    super('rolled back on purpose')
  }
}

/** One transaction; with `dryRun` its outcome is given, and nothing is stored. */
export async function rehearsed<T>(
  dryRun: boolean,
  database: Database,
  work: (q: Queries) => Promise<T>,
): Promise<T> {
  try {
    return await database.write(async (q) => {
      const outcome = await work(q)
      if (dryRun) throw new Rehearsed(outcome)
      return outcome
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.outcome as T
    throw error
  }
}
