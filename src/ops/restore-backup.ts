/** What `restore` does: loaded when it is asked for. */

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { compact } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { backUp, inBackup, placePipeline } from '../store/backup.ts'
import type { Database } from '../store/database.ts'
import { countEntities } from '../store/entities.ts'
import type { Changes } from '../store/legal-rows.ts'
import { isThere } from '../store/new-file.ts'
import { isPostgresUrl } from '../store/postgres-url.ts'
import { type Counts, copyPipeline, totalOf } from '../store/transfer.ts'
import { withPlace } from './new-place.ts'
import type { Files, FilesContext } from './operation.ts'
import { carriedText, warnOfChanges } from './transfer-fields.ts'

export interface Restored {
  from: string
  to: string
  counts: Counts
  /** Where what was there is kept. */
  replaced: string | null
}

export async function restoreBackup(
  { file, replace }: { file: string; replace?: boolean | undefined },
  context: FilesContext,
): Promise<Restored> {
  const { files, now, dryRun } = context
  const from = files.resolve(file)
  const { url, exists } = files.location
  const asked = { from, replace: replace ?? false }
  // The backup is looked at before there is anything at the place.
  const work = (source: Database): Promise<Restored> =>
    exists
      ? withPlace(files, url, dryRun, (target, to) => into(target, source, { ...asked, to }, context))
      : toNewPlace(source, from, context)
  return inBackup(from, now, work, workshopOf(files))
}

async function toNewPlace(
  source: Database,
  from: string,
  { files, dryRun }: FilesContext,
): Promise<Restored> {
  const { url } = files.location
  const carried = await source.read(countEntities)
  if (!dryRun) {
    files.prepare()
    await placePipeline(source, url)
  }
  return { from, to: url, counts: carried, replaced: null }
}

async function into(
  target: Database,
  source: Database,
  { from, to, replace }: { from: string; to: string; replace: boolean },
  { files, now, dryRun, warn }: FilesContext,
): Promise<Restored> {
  const there: Counts = await target.read(countEntities)
  const isEmpty = totalOf(there) === 0
  if (!isEmpty && !replace) {
    throw new TrackerError('conflict', `there is a pipeline at ${to}: ${carriedText(there)}`, {
      hint: 'restore to another place with --db FILE, or say --replace: what is there is backed up first',
    })
  }
  let replaced: string | null = null
  // Where PostgreSQL does the transaction again, somebody may have written in between: that is kept too.
  const first = async (): Promise<void> => {
    replaced = keptName(target, files.resolve('.'), now)
    await backUp(target, replaced, { now, dryRun })
  }
  const options = {
    replace: !isEmpty,
    first: isEmpty ? undefined : first,
    dryRun,
    progress: files.progress,
    changed: (changes: Changes) => warnOfChanges(changes, warn),
  }
  const carried = await copyPipeline(source, target, options)
  return { from, to, counts: carried, replaced }
}

/** `pipeline.db.before-restore-20260205T074615Z.db` beside the file; of a server in the current folder. */
function keptName({ engine, location }: Database, folder: string, now: string): string {
  const start = engine === 'sqlite' ? location : join(folder, 'pipeline')
  const names = ['', '-2', '-3', '-4'].map((more) => `${start}.before-restore-${compact(now)}${more}.db`)
  return names.find((name) => !isThere(name)) ?? names[0]!
}

/** Where a copy of the backup may stand, which itself may lie where nothing can be written: beside the place to fill. */
function workshopOf({ location: { url }, resolve }: Files): string {
  if (isPostgresUrl(url)) return resolve('pipeline.db')
  let folder = dirname(url)
  while (!existsSync(folder)) folder = dirname(folder)
  return join(folder, basename(url))
}
