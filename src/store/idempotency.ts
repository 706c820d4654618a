/** Keys of changes that may be asked for again, and what was answered. Times are integer milliseconds. */

import sql, { empty, raw } from 'sql-template-tag'
import type { Queries } from './database.ts'

/**
 * Takes a key that is new, or was used before `oldMs`. Waits while another transaction holds it.
 * @returns false when it is in use
 */
export const claimKey = async (
  q: Queries,
  key: string,
  fingerprint: string,
  nowMs: number,
  oldMs: number,
): Promise<boolean> =>
  (await q.run(sql`INSERT INTO pipeline_idempotency (key, fingerprint, created_ms)
    VALUES (${key}, ${fingerprint}, ${nowMs})
    ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, created_ms = excluded.created_ms, answer = NULL
    WHERE pipeline_idempotency.created_ms <= ${oldMs}`)) > 0

/** @param answer JSON */
export const keepAnswer = (q: Queries, key: string, answer: string): Promise<number> =>
  q.run(sql`UPDATE pipeline_idempotency SET answer = ${answer} WHERE key = ${key}`)

export const findKey = (
  q: Queries,
  key: string,
): Promise<{ fingerprint: string; answer: string | null } | undefined> =>
  q.get(sql`SELECT fingerprint, answer FROM pipeline_idempotency WHERE key = ${key}`)

/** Takes away keys from before `oldMs`, `limit` at the most. */
export const pruneKeys = (q: Queries, oldMs: number, limit: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_idempotency WHERE key IN (
    SELECT key FROM pipeline_idempotency WHERE created_ms <= ${oldMs} ORDER BY created_ms LIMIT ${limit}
    ${q.engine === 'postgres' ? raw('FOR UPDATE SKIP LOCKED') : empty})`)
