/** How many items a stage and type holds. */

import sql from 'sql-template-tag'
import type { Queries } from './database.ts'

export interface Count {
  /** As stored: the owner's own SQL may have left any word. */
  stage: string
  type: string
  n: number
}

/** What is kept where that is right, else counted. */
export async function countByStage(q: Queries): Promise<Count[]> {
  return (await keptCounts(q)) ?? counted(q)
}

/** Are the kept counts those of the rows? */
export async function areCountsRight(q: Queries): Promise<boolean> {
  if (q.engine === 'postgres') return true
  const text = (counts: Count[]): string =>
    counts
      .filter(({ n }) => n !== 0)
      .map(({ stage, type, n }) => `${stage} ${type} ${n}`)
      .sort()
      .join()
  return text((await keptCounts(q)) ?? []) === text(await counted(q))
}

export async function recount(q: Queries): Promise<void> {
  if (q.engine === 'postgres') return
  await q.run(sql`DELETE FROM pipeline_counts`)
  await q.run(sql`INSERT INTO pipeline_counts (stage, type, n)
    SELECT stage, type, count(*) FROM pipeline GROUP BY stage, type`)
}

const counted = (q: Queries): Promise<Count[]> =>
  q.all(sql`SELECT stage, type, count(*) AS n FROM pipeline GROUP BY stage, type`)

/**
 * SQLite keeps them by triggers. A REPLACE of the owner's own SQL takes a row away without one: then the sum is not
 * the number of rows, which SQLite tells without looking at them.
 */
async function keptCounts(q: Queries): Promise<Count[] | undefined> {
  if (q.engine === 'postgres') return undefined
  const rows = await q.all<Count>(sql`SELECT stage, type, n FROM pipeline_counts WHERE n <> 0
    UNION ALL SELECT '', '', -count(*) FROM pipeline`)
  const sum = rows.reduce((total, { n }) => total + n, 0)
  return sum === 0 ? rows.slice(0, -1) : undefined
}
