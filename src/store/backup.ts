/** A backup is a SQLite file with a pipeline in it, whatever engine it came from. */

import { copyFileSync, existsSync } from 'node:fs'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database } from './database.ts'
import { countEntities } from './entities.ts'
import { besideWith, renamed, requireFree } from './new-file.ts'
import { openSqlite } from './sqlite.ts'
import { modeOf, playBack, requireFile, requireSound, snapshotFile, useJournal } from './sqlite-file.ts'
import { copyPipeline, type Progress } from './transfer.ts'

export interface BackupOptions {
  now: Instant
  dryRun?: boolean
  progress?: Progress | undefined
}

/**
 * Of SQLite the whole file, other programs' tables too; of PostgreSQL the pipeline.
 * @returns the number of items in the backup
 * @throws  TrackerError `conflict` when there is something at `target`, `unavailable` (damaged, disk full)
 */
export async function backUp(source: Database, target: string, options: BackupOptions): Promise<number> {
  requireFree(target)
  if (options.dryRun) return itemsIn(source)
  let items = 0
  const examine = async (copy: string): Promise<void> => {
    items = await within(await openSqlite(copy, { now: options.now, create: false }), itemsIn)
  }
  if (source.engine === 'sqlite') await snapshotFile(source.location, target, examine)
  else {
    await besideWith(target, async (file) => {
      const copy = await openSqlite(file, { now: options.now })
      await within(copy, () => copyPipeline(source, copy, { progress: options.progress }))
      await snapshotFile(file, target, examine)
    })
  }
  return items
}

const itemsIn = async (database: Database): Promise<number> => (await database.read(countEntities)).item

/** Closes it afterwards. */
async function within<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/**
 * Opens a backup as a pipeline of this version, in a copy: the backup itself stays as it is.
 * @throws TrackerError `not-found`, `unavailable` (damaged), `invalid` (no pipeline of ours, a newer one)
 */
export async function inBackup<T>(
  file: string,
  now: Instant,
  work: (database: Database) => Promise<T>,
  /** Where the copy may stand: a path in a folder that can be written to. */
  beside: string,
): Promise<T> {
  return besideWith(beside, async (copy) => {
    const whole = existsSync(`${file}-journal`) ? playedBack(file, `${copy}.whole`) : file
    try {
      requireFile(whole)
    } catch (error) {
      throw renamed(error, whole, file)
    }
    requireSound(whole)
    await snapshotFile(whole, copy)
    const database = await openSqlite(copy, { now, create: false }).catch((error: unknown) => {
      throw isNoPipeline(error) ? noBackup(file) : renamed(error, copy, file)
    })
    return within(database, work)
  })
}

/**
 * A copy of a file in which a transaction was left half done: undoing it would change the file itself.
 * @returns its path
 */
function playedBack(file: string, copy: string): string {
  for (const end of ['', '-wal', '-journal']) {
    if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  }
  playBack(copy)
  return copy
}

const isNoPipeline = (error: unknown): boolean => error instanceof TrackerError && error.kind === 'not-found'

const noBackup = (file: string): TrackerError =>
  new TrackerError('invalid', `there is no pipeline in ${file}`, {
    hint: 'name a file that pipeline backup wrote',
  })

/**
 * All that a SQLite database holds, at a new place, ready to be a pipeline.
 * @throws TrackerError as `snapshotFile`
 */
export const placePipeline = (database: Database, target: string): Promise<void> =>
  snapshotFile(database.location, target, async (copy) => useJournal(copy))

/** What a file with the content of a database may be read by; undefined for a server's, or none. */
export const modeFor = ({ engine, location }: Database): number | undefined =>
  engine === 'sqlite' && existsSync(location) ? modeOf(location) : undefined
