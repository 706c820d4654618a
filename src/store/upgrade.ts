/** A database of the predecessor becomes one of ours: in one transaction, with a backup beside it. */

import { existsSync } from 'node:fs'
import sql, { raw } from 'sql-template-tag'
import { type AnyEntity, type Batch, type Counted, kinds } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Queries, Row } from './database.ts'
import { createMigrationTable, record } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { connect } from './sqlite-driver.ts'
import { explainSqlite } from './sqlite-errors.ts'
import { snapshotFile, useJournal } from './sqlite-file.ts'
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
  /** Where the backup is to stand. */
  backup: string
  convert(source: LegacySource): C
  dryRun: boolean
  /** Default 10 000. */
  busyTimeoutMs?: number
}

/**
 * @returns what `convert` made of it; undefined where the file is a pipeline of ours already
 * @throws TrackerError `not-found`, `invalid` (no database of the predecessor), `conflict` (something stands at
 *         `backup`), `unavailable` (locked, damaged, disk full); the file is as it was then
 */
export async function upgradeFile<C extends Converted>(
  file: string,
  options: UpgradeOptions<C>,
): Promise<C | undefined> {
  if (!existsSync(file)) throw new TrackerError('not-found', `there is no file ${file}`)
  const channel = connectTo(file, options)
  try {
    // References of the predecessor lead nowhere here and there; what is written is checked at the end.
    await channel.patiently(() => channel.exec('PRAGMA foreign_keys = OFF'))
    await channel.patiently(() => channel.exec(options.dryRun ? 'BEGIN' : 'BEGIN IMMEDIATE'))
    const done = await channel.finish((q) => upgraded(q, file, options), false)
    if (done && !options.dryRun) useJournal(file)
    return done
  } catch (error) {
    throw explainSqlite(error, file)
  } finally {
    channel.close()
  }
}

function connectTo(file: string, { dryRun, busyTimeoutMs }: UpgradeOptions<Converted>): SqliteChannel {
  try {
    return new SqliteChannel(file, busyTimeoutMs ?? 10_000, connect(file, { readOnly: dryRun }))
  } catch (error) {
    throw explainSqlite(error, file)
  }
}

async function upgraded<C extends Converted>(
  q: Queries,
  file: string,
  options: UpgradeOptions<C>,
): Promise<C | undefined> {
  if (await hasTable(q, 'pipeline_migrations')) return undefined
  if (!(await hasTable(q, 'pipeline'))) {
    throw new TrackerError('invalid', `${file} is no database of the predecessor: it has no table pipeline`, {
      hint: 'name its file; nothing was changed',
    })
  }
  const converted = options.convert(await readLegacy(q))
  if (options.dryRun) return converted
  // Nobody else writes from here on, so the backup is what is replaced.
  await snapshotFile(file, options.backup)
  for (const table of replaced) await q.run(sql`DROP TABLE IF EXISTS ${raw(table)}`)
  await createMigrationTable(q)
  for (const migration of migrations) await record(q, migration, options.now)
  const { batch, lastIds } = converted
  const total = kinds.reduce((sum, kind) => sum + batch[kind].length, 0)
  await fill(q, rowsOf(batch), { last: lastIds, total })
  await requireReferences(q)
  return converted
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
  const columns = await q.all<{ name: string }>(sql`SELECT name FROM pragma_table_info('pipeline')`)
  const names = columns.map(({ name }) => name)
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

async function allOf(q: Queries, table: string): Promise<Row[]> {
  if (!(await hasTable(q, table))) return []
  return q.all(sql`SELECT * FROM ${raw(table)} ORDER BY rowid`)
}

async function sequenceOf(q: Queries): Promise<number> {
  if (!(await hasTable(q, 'sqlite_sequence'))) return 0
  const row = await q.get<{ n: number | null }>(
    sql`SELECT max(seq) AS n FROM sqlite_sequence WHERE name = 'pipeline'`,
  )
  return row?.n ?? 0
}

const hasTable = async (q: Queries, name: string): Promise<boolean> =>
  (await q.get(sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ${name}`)) !== undefined

/** @throws TrackerError `internal`: what was written refers to what is not there */
async function requireReferences(q: Queries): Promise<void> {
  const faults = await q.all<{ table: string }>(sql`PRAGMA foreign_key_check`)
  const ours = faults.filter(({ table }) => table === 'pipeline' || table.startsWith('pipeline_'))
  if (ours.length > 0) throw new TrackerError('internal', 'the upgrade left references that lead nowhere')
}
