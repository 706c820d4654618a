import sql, { type Sql } from 'sql-template-tag'
import type { Queries } from './database.ts'

/** Ids as rows `(id)`, for a statement that is the same however many there are: it is prepared once. */
export const idRows = (q: Queries, ids: readonly number[]): Sql => {
  const json = JSON.stringify(ids)
  return q.engine === 'sqlite'
    ? sql`SELECT value AS id FROM json_each(${json})`
    : sql`SELECT CAST(value AS BIGINT) AS id FROM jsonb_array_elements_text(CAST(${json} AS jsonb))`
}
