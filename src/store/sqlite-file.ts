/** SQLite files as files: a snapshot of one while others write to it, and what is wrong with one. */

import { chmodSync, existsSync, statSync } from 'node:fs'
import { TrackerError } from '../errors.ts'
import { besideWith, isThere, place, requireFree } from './new-file.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { type Connection, connect } from './sqlite-driver.ts'
import { explainSqlite, isBusy, isNoDatabase, isUnwritten } from './sqlite-errors.ts'

const busyTimeoutMs = 10_000

/**
 * A whole and sound copy of a file at `target`, of one state, while others go on writing. Everything in the file is
 * in it, other programs' tables too. On any failure nothing stands at `target`.
 * @param examine what else has to be right of the copy before it gets its name
 * @throws TrackerError `conflict` when there is something at `target`, `unavailable` (locked, damaged, disk full)
 */
export async function snapshotFile(
  source: string,
  target: string,
  examine?: (copy: string) => Promise<void>,
): Promise<void> {
  requireFree(target)
  requireNoJournal(target)
  try {
    await besideWith(target, async (part) => {
      await onFile(source, (channel) => vacuumInto(channel, part, target))
      requireSound(part)
      await examine?.(part)
      // Read by whoever may read the source, and written by its owner, also where that is a read-only backup.
      chmodSync(part, modeOf(source))
      place(part, target)
    })
  } catch (error) {
    throw explainSqlite(error, target)
  }
}

/** What a copy of a file may be read and written by. */
export const modeOf = (file: string): number => (statSync(file).mode & 0o066) | 0o600

async function vacuumInto(channel: SqliteChannel, part: string, target: string): Promise<void> {
  try {
    await channel.patiently(() => channel.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`))
  } catch (error) {
    // The channel speaks of the file that it reads.
    throw isUnwritten(error) ? explainSqlite((error as Error).cause, target) : error
  }
}

/** Runs `work` on a connection that only reads, and closes it. */
async function onFile<T>(file: string, work: (channel: SqliteChannel) => Promise<T>): Promise<T> {
  const channel = new SqliteChannel(file, busyTimeoutMs, open(file))
  try {
    return await work(channel)
  } finally {
    channel.close()
  }
}

function open(file: string): Connection {
  if (!existsSync(file)) throw new TrackerError('not-found', `there is no file ${file}`)
  try {
    return connect(file, { readOnly: true })
  } catch (error) {
    throw explainSqlite(error, file)
  }
}

/**
 * Not by its first bytes: to close a file that SQLite has open too would take SQLite's locks away.
 * @throws TrackerError `not-found`; `invalid` for a folder, or what is no SQLite file
 */
export function requireFile(file: string): void {
  const hint = 'name a file that pipeline backup wrote'
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new TrackerError('invalid', `${file} is a folder`, { hint })
  const connection = open(file)
  try {
    connection.prepare('PRAGMA schema_version').get()
  } catch (error) {
    if (!isNoDatabase(error)) throw explainSqlite(error, file)
    throw new TrackerError('invalid', `${file} is not a SQLite database, or its first page is damaged`, {
      hint,
    })
  } finally {
    connection.close()
  }
}

/** @throws TrackerError `unavailable`, with what SQLite found */
export function requireSound(file: string): void {
  const connection = open(file)
  try {
    const rows = connection.prepare('PRAGMA integrity_check(5)').all() as { integrity_check: string }[]
    const faults = rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
    if (faults.length === 0) return
    throw new TrackerError('unavailable', `${file} is damaged: ${faults.join('; ')}`, {
      hint: 'use an older backup, and keep this file: some of it may be read still',
    })
  } catch (error) {
    throw explainSqlite(error, file)
  } finally {
    connection.close()
  }
}

/**
 * SQLite would take the journal of a file that is gone for that of the new one, and spoil both.
 * @throws TrackerError `conflict`
 */
function requireNoJournal(target: string): void {
  const journal = [`${target}-wal`, `${target}-journal`].find(isThere)
  if (journal === undefined) return
  throw new TrackerError('conflict', `${journal} is left of a database that is gone`, {
    hint: 'move it elsewhere, it may hold the last changes; or choose another name',
  })
}

/**
 * Undoes what a transaction that failed left half done: SQLite does so when the file is read next.
 * @returns false where that fails too: whoever opens it next does it
 */
export function playBack(file: string): boolean {
  if (!existsSync(`${file}-journal`)) return true
  try {
    const connection = connect(file)
    try {
      connection.exec('SELECT count(*) FROM sqlite_schema')
      return true
    } finally {
      connection.close()
    }
  } catch (error) {
    // With somebody else at work it is not ours, or they undo it.
    return isBusy(error)
  }
}

/** Readers and writers then do not wait for each other; a file keeps that for good. */
export function useJournal(file: string): void {
  const connection = connect(file)
  try {
    connection.exec('PRAGMA journal_mode = WAL')
  } finally {
    connection.close()
  }
}
