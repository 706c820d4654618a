/** A database that work is to fill: made where there is none, and gone again when the work fails. */

import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { TrackerError } from '../errors.ts'
import type { Database } from '../store/database.ts'
import type { Files } from './operation.ts'

/**
 * @param place a path, or a URL of PostgreSQL
 * @throws TrackerError `unavailable` for a folder that is not there; what `work` throws
 */
export async function withNewPlace<T>(
  files: Files,
  place: string,
  dryRun: boolean,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const url = files.resolve(place)
  const isFile = url === place ? !/^[a-z]+:\/\//i.test(url) : true
  if (isFile && !existsSync(dirname(url))) {
    throw new TrackerError('unavailable', `there is no folder ${dirname(url)}`, {
      hint: 'make it, or name another place',
    })
  }
  const isNew = isFile && !existsSync(url)
  const database = await files.open(dryRun && isNew ? ':memory:' : url, true)
  let done = false
  try {
    const outcome = await work(database)
    done = true
    return outcome
  } finally {
    await database.close()
    if (isNew && !done) for (const end of ['', '-wal', '-shm']) rmSync(`${url}${end}`, { force: true })
  }
}
