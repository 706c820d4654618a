/** A database of the predecessor becomes one of ours: in one transaction, with a backup beside it. */

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import sql, { raw } from 'sql-template-tag'
import { compact, type Instant } from '../domain/instant.ts'
import type { LegacyConverter, LegacyFacts } from '../domain/legacy-rows.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'
import { columnNames } from './entities.ts'
import { type Interruptions, interruptible } from './interruptible.ts'
import { examine, pagesOf, replaced } from './legacy-file.ts'
import { createMigrationTable, record } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { countSpooled, openSpool, spool, spooled } from './spool.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { connect } from './sqlite-driver.ts'
import { explainSqlite, isDamaged } from './sqlite-errors.ts'
import { playBack, snapshotFile } from './sqlite-file.ts'
import { fill } from './transfer.ts'

export interface UpgradeOptions<R> extends Interruptions {
  now: Instant
  convert(facts: LegacyFacts): LegacyConverter<R>
  dryRun: boolean
  /** Default 10 000. */
  busyTimeoutMs?: number
}

export interface Upgraded<R> {
  report: R
  /** The backup beside the file; null where nothing was written. */
  backup: string | null
}

/**
 * @returns what `convert` says of it; undefined where the file is a pipeline of ours already
 * @throws TrackerError `not-found`, `invalid` (no database of the predecessor, or one that would not work afterwards),
 *         `conflict` (another program has something under a name of ours), `unavailable` (locked, damaged, disk full,
 *         stopped); the file is as it was then
 */
export async function upgradeFile<R>(
  file: string,
  options: UpgradeOptions<R>,
): Promise<Upgraded<R> | undefined> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new TrackerError('not-found', `there is no file ${file}`)
  }
  try {
    const report = await looked(file, options)
    if (report === undefined || options.dryRun) return report && { report: report.report!, backup: null }
    return await written(file, options)
  } catch (error) {
    throw explained(error, file)
  }
}

function explained(error: unknown, file: string): unknown {
  const known = explainSqlite(error, file)
  if (!(known instanceof TrackerError) || !isDamaged(known)) return known
  // Of what is not ours doctor has nothing to say.
  return new TrackerError(known.kind, known.message, {
    hint: `upgrade a backup of it, or what can be read still: sqlite3 ${file} .recover | sqlite3 NEW`,
    cause: known.cause,
  })
}

/** Says what is wrong with it before anything is made; of a dry run, also what would come of it. */
async function looked<R>(
  file: string,
  options: UpgradeOptions<R>,
): Promise<{ report: R | undefined } | undefined> {
  const channel = channelTo(file, options, true)
  try {
    await channel.patiently(() => channel.exec('BEGIN'))
    return await channel.finish(async (plain) => {
      const q = interruptible(plain, options)
      const facts = await examine(q, file)
      if (!facts) return undefined
      return {
        report: options.dryRun ? (await convertAll(q, options.convert(facts), discard)).report : undefined,
      }
    }, true)
  } finally {
    channel.close()
  }
}

async function discard(): Promise<void> {}

async function written<R>(file: string, options: UpgradeOptions<R>): Promise<Upgraded<R> | undefined> {
  const channel = channelTo(file, options, false)
  try {
    // References of the predecessor lead nowhere here and there; what is written is checked at the end.
    await channel.patiently(() => channel.exec('PRAGMA foreign_keys = OFF'))
    channel.exec(settings)
    // Whoever reads now would refuse the end of it.
    await channel.patiently(() => channel.exec('BEGIN EXCLUSIVE'))
    channel.exec('ROLLBACK')
    await channel.patiently(() => channel.exec('BEGIN IMMEDIATE'))
    const done = await channel.finish((q) => upgraded(interruptible(q, options), file, options), false)
    if (done) await keepJournal(channel)
    return done
  } catch (error) {
    channel.close()
    throw playBack(file) ? error : unfinished(error, file)
  } finally {
    channel.close()
  }
}

function unfinished(error: unknown, file: string): unknown {
  const known = explainSqlite(error, file)
  if (!(known instanceof TrackerError)) return known
  return new TrackerError(known.kind, known.message, {
    hint: `what was there is in ${file}-journal: keep both, and the next one that opens the file undoes the rest`,
    cause: known.cause,
  })
}

/**
 * New pages wait in memory until all is written, so that a process that is killed leaves the file as it was, byte by
 * byte; beyond that much SQLite moves them to the file early, and keeps what was there in its journal.
 */
const settings = 'PRAGMA cache_size = -24576; PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -2048'

function channelTo(
  file: string,
  { busyTimeoutMs }: Pick<UpgradeOptions<unknown>, 'busyTimeoutMs'>,
  looking: boolean,
): SqliteChannel {
  try {
    return new SqliteChannel(file, busyTimeoutMs ?? 10_000, looking ? lookAt(file) : connect(file))
  } catch (error) {
    throw explainSqlite(error, file)
  }
}

function lookAt(file: string): ReturnType<typeof connect> {
  // What a killed process left half done is undone by whoever reads it next, if it may write.
  if (existsSync(`${file}-journal`)) return connect(file)
  // Reading a log file needs an index beside it, which would stay. Where there is no log yet, nobody writes.
  const isAlone = isInWalMode(file) && !existsSync(`${file}-wal`)
  return connect(isAlone ? `${pathToFileURL(file).href}?immutable=1` : file, { readOnly: true })
}

/** By the file's header: asking SQLite would make the index. */
function isInWalMode(file: string): boolean {
  const header = Buffer.alloc(20)
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, 'r')
    return readSync(descriptor, header, 0, 20, 0) === 20 && header[18] === 2
  } catch {
    // What may not be read SQLite tells.
    return false
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Readers and writers then do not wait for each other; a file keeps that for good. */
async function keepJournal(channel: SqliteChannel): Promise<void> {
  try {
    await channel.patiently(() => channel.exec('PRAGMA journal_mode = WAL'))
  } catch {
    // Somebody reads on and on: the file is upgraded all the same, and works without.
  }
}

async function upgraded<R>(
  q: Queries,
  file: string,
  options: UpgradeOptions<R>,
): Promise<Upgraded<R> | undefined> {
  const facts = await examine(q, file)
  if (!facts) return undefined
  await openSpool(q)
  const { report, lastIds } = await convertAll(q, options.convert(facts), (made) => spool(q, made))
  // Of a file that is read-only SQLite says so at the first change: before there is a backup.
  await q.run(sql`UPDATE pipeline SET title = title WHERE 0`)
  // Nobody else writes from here on, so the backup is what is replaced.
  const backup = backupName(file, options.now)
  await snapshotFile(file, backup)
  await replaceTables(q, options.now)
  await fill(q, spooled(q), { last: lastIds, total: await countSpooled(q) })
  await requireReferences(q)
  return { report, backup }
}

/** A page after the other: what was made of one goes to `keep` before the next is read. */
async function convertAll<R>(
  q: Queries,
  converter: LegacyConverter<R>,
  keep: (made: ReturnType<LegacyConverter<R>['made']>) => Promise<void>,
): Promise<ReturnType<LegacyConverter<R>['end']>> {
  for (const step of converter.steps) {
    for await (const rows of pagesOf(q, step)) {
      step.take(rows)
      await keep(converter.made())
    }
  }
  const end = converter.end()
  await keep(converter.made())
  return end
}

/** Beside the file, with a number where the name is taken: by an upgrade that was killed. */
function backupName(file: string, now: Instant): string {
  const stem = `${file}.before-upgrade-${compact(now)}`
  let name = `${stem}.db`
  for (let n = 2; existsSync(name); n++) name = `${stem}-${n}.db`
  return name
}

async function replaceTables(q: Queries, now: Instant): Promise<void> {
  for (const table of replaced) await q.run(sql`DROP TABLE IF EXISTS ${raw(table)}`)
  await createMigrationTable(q)
  for (const migration of migrations) await record(q, migration, now)
}

/** @throws TrackerError `internal`: what was written refers to what is not there */
async function requireReferences(q: Queries): Promise<void> {
  const ours = new Set(columnNames().map((name) => name.split('.')[0]!))
  for (const table of ours) {
    if (await q.get(sql`SELECT 1 FROM pragma_foreign_key_check(${table})`)) {
      throw new TrackerError('internal', 'the upgrade left references that lead nowhere')
    }
  }
}
