/** The store's door: a URL or a path becomes a database with a current schema. */

import { resolve } from 'node:path'
import type { Instant } from '../domain/instant.ts'
import type { Database } from './database.ts'
import { isBehind } from './migrate.ts'
import type { Migration } from './migrations/index.ts'
import { isPostgresUrl } from './postgres-url.ts'
import { openSqlite } from './sqlite.ts'

export interface OpenOptions {
  /** When a migration is recorded as applied. */
  now: Instant
  /** Default true. False, for reads: throw `not-found` where there is no pipeline, and leave no trace. */
  create?: boolean
  /**
   * Default true. False, for what is only read: an older schema stays as it is. Of a SQLite file a copy beside it is
   * brought up and opened, which goes when it is closed; of a server's it is refused (`conflict`).
   */
  migrate?: boolean
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
  if (!isPostgresUrl(url))
    return openSqlite(url, options).catch((error: unknown) => {
      if (isBehind(error)) return openCopy(url, options)
      throw error
    })
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, options)
}

async function openCopy(path: string, { migrate: _, ...options }: OpenOptions): Promise<Database> {
  const [{ partBeside, renamed }, { snapshotFile }] = await Promise.all([
    import('./new-file.ts'),
    import('./sqlite-file.ts'),
  ])
  const source = resolve(path)
  const { file, remove } = partBeside(source)
  try {
    await snapshotFile(source, file)
    const copy = await openSqlite(file, options)
    return {
      engine: copy.engine,
      location: copy.location,
      read: (work) => copy.read(work),
      write: (work) => copy.write(work),
      stamp: () => copy.stamp(),
      close: () => copy.close().finally(remove),
    }
  } catch (error) {
    remove()
    throw renamed(error, file, source)
  }
}
