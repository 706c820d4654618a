/** Tokens with which jobs report in, as hashes, and what they reported. Times are integer milliseconds. */

import sql from 'sql-template-tag'
import type { Queries } from './database.ts'

/** Since when an item has a token; undefined: it has none. */
export async function tokenSinceMs(q: Queries, itemId: number): Promise<number | undefined> {
  const row = await q.get<{ created_ms: number }>(
    sql`SELECT created_ms FROM pipeline_heartbeats WHERE item_id = ${itemId}`,
  )
  return row?.created_ms
}

/** In place of the one that there was. */
export const setToken = (q: Queries, itemId: number, tokenHash: string, createdMs: number): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_heartbeats (item_id, token_hash, created_ms)
    VALUES (${itemId}, ${tokenHash}, ${createdMs})
    ON CONFLICT (item_id) DO UPDATE SET token_hash = excluded.token_hash, created_ms = excluded.created_ms`)

export async function itemOfToken(q: Queries, tokenHash: string): Promise<number | undefined> {
  const row = await q.get<{ item_id: number }>(
    sql`SELECT item_id FROM pipeline_heartbeats WHERE token_hash = ${tokenHash}`,
  )
  return row?.item_id
}

/** A job began: its end is due then. Any lease is void, since whoever holds it knows nothing of this. */
export const markBegun = (q: Queries, itemId: number, begunMs: number, nextRunMs: number | null) =>
  q.run(sql`UPDATE pipeline_checks SET begun_ms = ${begunMs}, next_run_ms = ${nextRunMs}, epoch = epoch + 1,
    lease_owner = NULL, lease_until_ms = NULL WHERE item_id = ${itemId}`)

/** A job ended, well or not; any lease is void. */
export const markEnded = (q: Queries, itemId: number, pingedMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_checks SET begun_ms = NULL, pinged_ms = ${pingedMs}, epoch = epoch + 1,
    lease_owner = NULL, lease_until_ms = NULL WHERE item_id = ${itemId}`)
