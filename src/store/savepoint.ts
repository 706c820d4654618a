/** A part of a transaction that can fail by itself. */

import sql from 'sql-template-tag'
import type { Queries } from './database.ts'

/** What `work` stored is taken back when it rejects; the transaction goes on. */
export async function inSavepoint<T>(q: Queries, work: () => Promise<T>): Promise<T> {
  await q.run(sql`SAVEPOINT pipeline_part`)
  try {
    const outcome = await work()
    await q.run(sql`RELEASE SAVEPOINT pipeline_part`)
    return outcome
  } catch (error) {
    await q.run(sql`ROLLBACK TO SAVEPOINT pipeline_part`)
    await q.run(sql`RELEASE SAVEPOINT pipeline_part`)
    throw error
  }
}
