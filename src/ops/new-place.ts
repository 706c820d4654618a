/** A database that work is to fill: one that is there, or a new file that appears when it is full. */

import { chmodSync } from 'node:fs'
import { TrackerError } from '../errors.ts'
import { placePipeline } from '../store/backup.ts'
import type { Database } from '../store/database.ts'
import { besideWith, isThere } from '../store/new-file.ts'
import { isPostgresUrl, parsePostgresUrl } from '../store/postgres-url.ts'
import type { Files } from './operation.ts'

/** @param shown the place without a password */
type Work<T> = (database: Database, shown: string) => Promise<T>

/**
 * @param place a path, or a URL of PostgreSQL
 * @param mode  of a new file; by default what new files have here
 * @param work  when it fails there is no new file
 * @throws TrackerError `invalid` for another URL, `unavailable` for a folder that is not there; what `work` throws
 */
export function withNewPlace<T>(
  files: Files,
  place: string,
  { dryRun, mode }: { dryRun: boolean; mode: number | undefined },
  work: Work<T>,
): Promise<T> {
  requireName(place)
  const url = files.resolve(place)
  if (!isFile(place) || isThere(url)) return withPlace(files, url, dryRun, work)
  return besideWith(url, (file) =>
    using(files.open(dryRun ? ':memory:' : file, true), async (database) => {
      if (!dryRun && mode !== undefined) chmodSync(file, mode)
      const outcome = await work(database, url)
      if (!dryRun) await placePipeline(database, url)
      return outcome
    }),
  )
}

/**
 * A file to write has a name.
 * @throws TrackerError `invalid`
 */
export function requireName(path: string): void {
  if (!/[/\\]$/.test(path)) return
  throw new TrackerError('invalid', `${path} names a folder, not a file`, {
    hint: `name the file in it: ${path}pipeline.db`,
  })
}

/** Opens what is there; a dry run sees an empty pipeline where there is none, and makes none. */
export function withPlace<T>(files: Files, url: string, dryRun: boolean, work: Work<T>): Promise<T> {
  const shown = isPostgresUrl(url) ? parsePostgresUrl(url).location : url
  const opening = files.open(url, !dryRun).catch((error: unknown) => {
    if (dryRun && error instanceof TrackerError && error.kind === 'not-found')
      return files.open(':memory:', true)
    throw error
  })
  return using(opening, (database) => work(database, shown))
}

async function using<T>(opening: Promise<Database>, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await opening
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** @throws TrackerError `invalid` */
function isFile(place: string): boolean {
  if (isPostgresUrl(place)) return false
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return true
  throw new TrackerError('invalid', `not a database: ${place.split('://')[0]}://…`, {
    hint: 'give the path of a file, or a postgres:// URL',
  })
}
