/** A backup is a SQLite file with a pipeline in it, whatever engine it came from. */

import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database } from './database.ts'
import { countEntities } from './entities.ts'
import { openSqlite } from './sqlite.ts'
import { requireFree, requireSound, snapshotFile, useJournal } from './sqlite-file.ts'
import { type Counts, copyPipeline, type Progress } from './transfer.ts'

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
  if (options.dryRun) return (await source.read(countEntities)).item
  if (source.engine === 'sqlite') await snapshotFile(source.location, target)
  else {
    await besideWith(target, async (file) => {
      const copy = await openSqlite(file, { now: options.now })
      try {
        await copyPipeline(source, copy, { progress: options.progress })
      } finally {
        await copy.close()
      }
      await snapshotFile(file, target)
    })
  }
  return inBackup(target, options.now, async (database) => (await database.read(countEntities)).item)
}

/**
 * Opens a backup as a pipeline of this version, in a copy: the backup itself stays as it is.
 * @throws TrackerError `not-found`, `unavailable` (damaged), `invalid` (no pipeline of ours, a newer one)
 */
export function inBackup<T>(
  file: string,
  now: Instant,
  work: (database: Database) => Promise<T>,
  /** Where the copy may stand; by default beside the backup. */
  beside = file,
): Promise<T> {
  return besideWith(beside, async (copy) => {
    requireSound(file)
    await snapshotFile(file, copy)
    const database = await openSqlite(copy, { now, create: false }).catch((error: unknown) => {
      throw named(error, file, copy)
    })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  })
}

/** The error speaks of the file that the user named. */
function named(error: unknown, file: string, copy: string): unknown {
  if (!(error instanceof TrackerError)) return error
  if (error.kind === 'not-found') {
    return new TrackerError('invalid', `there is no pipeline in ${file}`, {
      hint: 'name a file that pipeline backup wrote',
    })
  }
  const hint = error.hint?.replaceAll(copy, file)
  return new TrackerError(error.kind, error.message.replaceAll(copy, file), {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}

/** A name in a folder of its own beside `target`, that is gone afterwards with whatever stands there. */
async function besideWith<T>(target: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder(dirname(target))
  try {
    return await work(join(folder, 'pipeline.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function temporaryFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, '.pipeline-'))
  } catch (cause) {
    throw new TrackerError('unavailable', `can't write in ${parent}: ${(cause as Error).message}`, {
      hint: 'name a folder that is there, and that you may write to',
      cause,
    })
  }
}

/** A new file with what is in the backup, ready to be a pipeline. */
export async function placeBackup(file: string, target: string, now: Instant): Promise<Counts> {
  await snapshotFile(file, target)
  try {
    useJournal(target)
    const database = await openSqlite(target, { now, create: false }).catch((error: unknown) => {
      throw named(error, file, target)
    })
    try {
      return await database.read(countEntities)
    } finally {
      await database.close()
    }
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${target}${end}`, { force: true })
    throw error
  }
}
