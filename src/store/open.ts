/** The store's door: a URL or a path becomes a database with a current schema. */

import type { Instant } from '../domain/instant.ts'
import type { Database } from './database.ts'
import type { Migration } from './migrations/index.ts'
import { isPostgresUrl } from './postgres-url.ts'
import { openSqlite } from './sqlite.ts'

export interface OpenOptions {
  /** When a migration is recorded as applied. */
  now: Instant
  /** Default true. False, for reads: throw `not-found` where there is no pipeline, and leave no trace. */
  create?: boolean
  /** SQLite: `normal` survives a killed process, `full` a power cut too. */
  durability?: 'normal' | 'full'
  /** PostgreSQL: connections at most. */
  poolSize?: number
  /** How long to wait for the lock of another process or session. Default 10 000. */
  busyTimeoutMs?: number
  /** Instead of this version's own: for tests of opening itself. */
  migrations?: readonly Migration[]
}

/**
 * Where the schema is current this costs one query.
 * @param url  `postgres://…` (with `?schema=name` for a schema of its own), else a SQLite file or `:memory:`
 * @throws TrackerError `not-found`, `invalid` (the predecessor's, a newer one's), `unavailable`
 */
export async function openDatabase(url: string, options: OpenOptions): Promise<Database> {
  if (!isPostgresUrl(url)) return openSqlite(url, options)
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, options)
}
