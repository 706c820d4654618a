/** SQLite files as files: a snapshot of one while others write to it, what is wrong with one, and its place. */

import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { TrackerError } from '../errors.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { type Connection, connect } from './sqlite-driver.ts'
import { explainSqlite } from './sqlite-errors.ts'

const busyTimeoutMs = 10_000

/**
 * A whole and sound copy of a file at `target`, of one state, while others go on writing. Everything in the file is
 * in it, other programs' tables too. On any failure nothing stands at `target`.
 * @throws TrackerError `conflict` when there is something at `target`, `unavailable` (locked, damaged, disk full)
 */
export async function snapshotFile(source: string, target: string): Promise<void> {
  requireFree(target)
  const part = `${target}.part`
  try {
    rmSync(part, { force: true })
    await onFile(source, async (channel) => {
      await channel.patiently(() => channel.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`))
    })
    requireSound(part)
    toDisk(part)
    place(part, target)
  } catch (error) {
    throw explainSqlite(error, target)
  } finally {
    rmSync(part, { force: true })
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

/** @throws TrackerError `conflict` */
export function requireFree(target: string): void {
  if (!existsSync(target)) return
  throw new TrackerError('conflict', `there is something at ${target} already`, {
    hint: 'choose another name; nothing is overwritten',
  })
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

function toDisk(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Never over something that has come there meanwhile, where the file system can tell. */
function place(part: string, target: string): void {
  try {
    linkSync(part, target)
  } catch {
    // It is taken, or there are no links here.
    requireFree(target)
    renameSync(part, target)
  }
  try {
    toDisk(dirname(target))
  } catch {
    // Not every system opens a folder; the file itself is on the disk.
  }
}
