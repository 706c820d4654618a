/**
 * Brings a database to the schema this version knows. Each migration is one transaction together with its
 * record, and the record is written first: of two processes that start at once one does the work, the other
 * waits at the record and finds it done.
 */

import sql, { raw } from 'sql-template-tag'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries, Row } from './database.ts'
import type { Migration } from './migrations/index.ts'
import { isMadeByAnother, isMissingTable } from './violations.ts'

export interface MigrateOptions {
  /** Becomes `applied_at`. */
  now: Instant
  /** False: throw `not-found` where there is no pipeline yet, and leave no trace. */
  create: boolean
  /** False: throw where the schema is an older one, and leave it so. Default true. */
  migrate?: boolean
  /** Oldest first. */
  migrations: readonly Migration[]
}

/** `ours` has the record of its schema beside it: both come in one transaction. */
export type Owner = 'ours' | 'predecessor' | 'foreign'

/** What an engine lends to its opening. */
export interface Opening {
  database: Database
  /** One query outside a transaction: the cheapest there is. */
  peek(statement: ReturnType<typeof sql>): Promise<Row | undefined>
  /** Whose table `pipeline` is, in one look and without changing anything. */
  ownerOfPipeline(): Promise<Owner | undefined>
  /** What has to be once before there are tables: a schema, a journal mode. */
  prepare(): Promise<void>
}

/**
 * One query where the schema is current.
 * @throws TrackerError `not-found` (no pipeline, not to be created), `invalid` (the predecessor's, or newer)
 */
export async function bringUp(opening: Opening, options: MigrateOptions): Promise<void> {
  const { database } = opening
  const known = options.migrations.at(-1)?.id ?? 0
  let found = await schemaVersion(opening)
  if (found === undefined) {
    const owner = await opening.ownerOfPipeline()
    if (owner && owner !== 'ours') throw notOurs(database, owner)
    // Another process has made it since.
    if (owner) found = await schemaVersion(opening)
  }
  // Perhaps another process is just making it: what it has made comes together with its record.
  if (found === 0 && (await hasItems(opening))) {
    found = await schemaVersion(opening)
    if (found === 0) throw recordGone(database.location)
  }
  if (found !== undefined && found > known) throw tooNew(database, found, known)
  if (found === known) return
  if (!found && !options.create) throw noPipeline(database.location)
  if (found && options.migrate === false) throw behind(database, found, known)
  try {
    await opening.prepare()
    await createRecord(database)
    for (const migration of options.migrations) {
      if (migration.id > (found ?? 0)) await apply(database, migration, options.now)
    }
  } catch (error) {
    throw found && error instanceof TrackerError && error.kind === 'unavailable'
      ? notBroughtUp(database, found, known, error)
      : error
  }
}

const older = 'an older schema'

export const isBehind = (error: unknown): boolean => error instanceof TrackerError && error.cause === older

const behind = ({ location }: Database, found: number, known: number): TrackerError =>
  new TrackerError('conflict', `${location} has schema ${found}; this version reads ${known}`, {
    hint: 'bring it up first: pipeline init; it was only read, and nothing was changed',
    cause: older,
  })

function notBroughtUp(
  { location }: Database,
  found: number,
  known: number,
  error: TrackerError,
): TrackerError {
  const why = error.message.replace(`${location} `, 'it ')
  return new TrackerError(
    error.kind,
    `${location} has schema ${found}, and this version has to bring it up to ${known} first: ${why}`,
    { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error },
  )
}

/** The newest migration's id, 0 for none, undefined where there is not even the table. */
async function schemaVersion({ peek }: Opening): Promise<number | undefined> {
  try {
    const row = await peek(sql`SELECT max(id) AS id FROM pipeline_migrations`)
    return Number(row?.id ?? 0)
  } catch (error) {
    if (isMissingTable(error)) return undefined
    throw error
  }
}

async function hasItems({ peek }: Opening): Promise<boolean> {
  try {
    await peek(sql`SELECT id FROM pipeline LIMIT 1`)
    return true
  } catch (error) {
    if (isMissingTable(error)) return false
    throw error
  }
}

/** In PostgreSQL, IF NOT EXISTS can lose a race against itself: then the table is there. */
async function createRecord(database: Database): Promise<void> {
  const create = () => database.write(createMigrationTable)
  await create().catch((error: unknown) => {
    if (!isMadeByAnother(error)) throw error
    return create()
  })
}

export const createMigrationTable = (queries: Queries): Promise<number> =>
  queries.run(sql`
    CREATE TABLE IF NOT EXISTS pipeline_migrations (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL,
      applied_at ${raw(queries.engine === 'sqlite' ? 'TEXT' : 'TIMESTAMPTZ')} NOT NULL
    )`)

const apply = (database: Database, migration: Migration, now: Instant): Promise<void> =>
  database.write((queries) => record(queries, migration, now))

/** A migration and its record, unless it is recorded already. */
export async function record(queries: Queries, migration: Migration, now: Instant): Promise<void> {
  const recorded = await queries.run(sql`
    INSERT INTO pipeline_migrations (id, name, applied_at) VALUES (${migration.id}, ${migration.name}, ${now})
    ON CONFLICT DO NOTHING`)
  if (recorded === 0) return
  for (const statement of migration.statements(queries.engine)) await queries.run(raw(statement))
}

export const noPipeline = (location: string): TrackerError =>
  new TrackerError('not-found', `there is no pipeline yet at ${location}`, {
    hint: 'the first write makes one: pipeline create "…"',
  })

const recordGone = (location: string): TrackerError =>
  new TrackerError('invalid', `${location} holds a pipeline, but the record of its schema is empty`, {
    hint: 'nothing was changed; put the rows of pipeline_migrations back from a backup',
  })

const tooNew = ({ location }: Database, found: number, known: number): TrackerError =>
  new TrackerError(
    'invalid',
    `${location} was written by a newer Throughline (schema ${found}; this one knows ${known})`,
    { hint: 'update Throughline: npm install throughline@latest' },
  )

const notOurs = ({ engine, location }: Database, owner: Owner): TrackerError =>
  owner === 'predecessor'
    ? new TrackerError('invalid', `${location} is a database of the predecessor`, {
        hint: `it is left as it is; bring it over with: pipeline upgrade ${location}`,
      })
    : new TrackerError('invalid', `${location} has a table "pipeline" that is not Throughline's`, {
        hint:
          engine === 'sqlite'
            ? 'nothing was changed; name another file with --db'
            : 'use a schema of its own: add ?schema=throughline to the URL',
      })
