/** A database of the predecessor becomes one of ours: in one transaction, with a backup beside it. */

import { existsSync, statSync } from 'node:fs'
import sql, { join, raw, type Sql } from 'sql-template-tag'
import { type AnyEntity, type Batch, type Counted, kinds } from '../domain/entity.ts'
import { compact, type Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Queries, Row } from './database.ts'
import { columnNames } from './entities.ts'
import { createMigrationTable, record } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { connect } from './sqlite-driver.ts'
import { explainSqlite } from './sqlite-errors.ts'
import { snapshotFile } from './sqlite-file.ts'
import { fill, type Source } from './transfer.ts'

/** What the file holds of the predecessor's. */
export interface LegacySource {
  /** Columns of `pipeline`, as the file has them. */
  columns: string[]
  pipeline: Row[]
  notes: Row[]
  tasks: Row[]
  activity: Row[]
  projects: Row[]
  /** The highest id that `pipeline` ever gave; 0 where nothing says so. */
  sequence: number
  /** Triggers on tables that are replaced: they go with them. */
  triggers: string[]
}

export interface Converted {
  batch: Batch
  lastIds: Partial<Record<Counted, number>>
}

export interface UpgradeOptions<C extends Converted> {
  now: Instant
  convert(source: LegacySource): C
  dryRun: boolean
  /** Default 10 000. */
  busyTimeoutMs?: number
}

export interface Upgraded<C extends Converted> {
  converted: C
  /** The backup beside the file; null where nothing was written. */
  backup: string | null
}

/**
 * @returns what `convert` made of it; undefined where the file is a pipeline of ours already
 * @throws TrackerError `not-found`, `invalid` (no database of the predecessor), `conflict` (a table of another
 *         program has a name of ours), `unavailable` (locked, damaged, disk full); the file is as it was then
 */
export async function upgradeFile<C extends Converted>(
  file: string,
  options: UpgradeOptions<C>,
): Promise<Upgraded<C> | undefined> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new TrackerError('not-found', `there is no file ${file}`)
  }
  const channel = connectTo(file, options)
  try {
    // References of the predecessor lead nowhere here and there; what is written is checked at the end.
    await channel.patiently(() => channel.exec('PRAGMA foreign_keys = OFF'))
    await channel.patiently(() => channel.exec(options.dryRun ? 'BEGIN' : 'BEGIN IMMEDIATE'))
    const done = await channel.finish((q) => upgraded(q, file, options), options.dryRun)
    if (done?.backup) await keepJournal(channel)
    return done
  } catch (error) {
    throw explainSqlite(error, file)
  } finally {
    channel.close()
  }
}

function connectTo(file: string, { dryRun, busyTimeoutMs }: UpgradeOptions<Converted>): SqliteChannel {
  try {
    // What a killed process left half done is undone by whoever reads it next, if it may write.
    const readOnly = dryRun && !existsSync(`${file}-journal`)
    return new SqliteChannel(file, busyTimeoutMs ?? 10_000, connect(file, { readOnly }))
  } catch (error) {
    throw explainSqlite(error, file)
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

async function upgraded<C extends Converted>(
  q: Queries,
  file: string,
  options: UpgradeOptions<C>,
): Promise<Upgraded<C> | undefined> {
  if (await hasTable(q, 'pipeline_migrations')) return undefined
  if (!(await hasTable(q, 'pipeline'))) {
    throw new TrackerError('invalid', `${file} is no database of the predecessor: it has no table pipeline`, {
      hint: 'name its file; nothing was changed',
    })
  }
  const converted = options.convert(await readLegacy(q))
  if (options.dryRun) return { converted, backup: null }
  // Of a file that is read-only SQLite says so at the first change: before there is a backup.
  await q.run(sql`UPDATE pipeline SET title = title WHERE 0`)
  // Nobody else writes from here on, so the backup is what is replaced.
  const backup = backupName(file, options.now)
  await snapshotFile(file, backup)
  await replaceTables(q, file, options.now)
  const { batch, lastIds } = converted
  const total = kinds.reduce((sum, kind) => sum + batch[kind].length, 0)
  await fill(q, rowsOf(batch), { last: lastIds, total })
  await requireReferences(q)
  return { converted, backup }
}

/** Beside the file, with a number where the name is taken: by an upgrade that was killed. */
function backupName(file: string, now: Instant): string {
  const stem = `${file}.before-upgrade-${compact(now)}`
  let name = `${stem}.db`
  for (let n = 2; existsSync(name); n++) name = `${stem}-${n}.db`
  return name
}

/** @throws TrackerError `conflict`: another program has something under a name of ours */
async function replaceTables(q: Queries, file: string, now: Instant): Promise<void> {
  for (const table of replaced) await q.run(sql`DROP TABLE IF EXISTS ${raw(table)}`)
  try {
    await createMigrationTable(q)
    for (const migration of migrations) await record(q, migration, now)
  } catch (cause) {
    if (!(cause instanceof Error && /already exists|already a table/.test(cause.message))) throw cause
    const message = `a name that is needed is taken in ${file}: ${cause.message}`
    throw new TrackerError('conflict', message, { hint: 'rename what is there; nothing was changed', cause })
  }
}

/** Rows handed on at once. */
const pageSize = 1000

/** The rows of a batch, which is empty then: of a large one nothing is kept longer than it is needed. */
async function* rowsOf(batch: Batch): Source {
  for (const kind of kinds) {
    const all: AnyEntity[] = batch[kind]
    while (all.length > 0) yield { kind, rows: all.splice(0, pageSize) }
  }
}

/** Ours now; all other tables stay as they are. */
const replaced = ['pipeline_notes', 'pipeline_tasks', 'pipeline']

async function readLegacy(q: Queries): Promise<LegacySource> {
  const names = await columnsOf(q, 'pipeline')
  if (!['id', 'title', 'stage'].every((name) => names.includes(name))) {
    throw new TrackerError(
      'invalid',
      'the table pipeline is not the predecessor’s: it lacks id, title or stage',
      {
        hint: 'nothing was changed',
      },
    )
  }
  const triggers = await q.all<{ name: string }>(sql`
    SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('pipeline', 'pipeline_notes', 'pipeline_tasks')`)
  return {
    columns: names,
    pipeline: await allOf(q, 'pipeline'),
    notes: await allOf(q, 'pipeline_notes'),
    tasks: await allOf(q, 'pipeline_tasks'),
    activity: await allOf(q, 'activity'),
    projects: await allOf(q, 'projects'),
    sequence: await sequenceOf(q),
    triggers: triggers.map(({ name }) => name),
  }
}

async function columnsOf(q: Queries, table: string): Promise<string[]> {
  const rows = await q.all<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`)
  return rows.map(({ name }) => name)
}

/** In the order of ids. */
async function allOf(q: Queries, table: string): Promise<Row[]> {
  if (!(await hasTable(q, table))) return []
  const columns = await columnsOf(q, table)
  const order = columns.includes('id') ? raw(`ORDER BY ${table}.id`) : sql``
  return q.all(sql`SELECT ${join(columns.map(exact))} FROM ${raw(table)} ${order}`)
}

/** A column; whole numbers that JavaScript does not have come as text. */
function exact(column: string): Sql {
  const name = `"${column.replaceAll('"', '""')}"`
  const safe = Number.MAX_SAFE_INTEGER
  return raw(`CASE WHEN typeof(${name}) = 'integer' AND ${name} NOT BETWEEN -${safe} AND ${safe}
    THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`)
}

async function sequenceOf(q: Queries): Promise<number> {
  if (!(await hasTable(q, 'sqlite_sequence'))) return 0
  const row = await q.get<{ n: number | null }>(
    sql`SELECT min(max(seq), ${Number.MAX_SAFE_INTEGER}) AS n FROM sqlite_sequence WHERE name = 'pipeline'`,
  )
  return row?.n ?? 0
}

const hasTable = async (q: Queries, name: string): Promise<boolean> =>
  (await q.get(sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ${name}`)) !== undefined

/** @throws TrackerError `internal`: what was written refers to what is not there */
async function requireReferences(q: Queries): Promise<void> {
  const ours = new Set(columnNames().map((name) => name.split('.')[0]!))
  for (const table of ours) {
    if (await q.get(sql`SELECT 1 FROM pragma_foreign_key_check(${table})`)) {
      throw new TrackerError('internal', 'the upgrade left references that lead nowhere')
    }
  }
}
