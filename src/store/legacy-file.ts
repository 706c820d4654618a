/** A file of the predecessor: what is in it and around it, whether it can be upgraded, and its rows, page by page. */

import { isUtf8 } from 'node:buffer'
import sql, { join, raw, type Sql } from 'sql-template-tag'
import type { BrokenObject, LegacyFacts, LegacyRow, LegacyStep } from '../domain/legacy-rows.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'
import { wordsIn } from './doctor.ts'
import { columnNames } from './entities.ts'
import { migrations } from './migrations/index.ts'

/** Ours when the upgrade is done; all other tables stay as they are. */
export const replaced = ['pipeline_notes', 'pipeline_tasks', 'pipeline'] as const
const replacedList = raw(replaced.map((name) => `'${name}'`).join(', '))

const untouched = 'nothing was changed'

/**
 * Looks at the schema alone.
 * @returns undefined where the file is a pipeline of ours already
 * @throws  TrackerError `invalid` (no database of the predecessor, or one that would not work afterwards), `conflict`
 *          (another program has something under a name of ours)
 */
export async function examine(q: Queries, file: string): Promise<LegacyFacts | undefined> {
  if (await isOurs(q, file)) return undefined
  await requirePredecessor(q, file)
  await requireFreeNames(q, file)
  await requireNoReferences(q, file)
  const columns = {
    pipeline: await columnsOf(q, 'pipeline'),
    pipeline_notes: await columnsOf(q, 'pipeline_notes'),
    pipeline_tasks: await columnsOf(q, 'pipeline_tasks'),
  }
  return { columns, sequence: await sequenceOf(q), broken: await brokenBy(q, columns.pipeline) }
}

async function isOurs(q: Queries, file: string): Promise<boolean> {
  const record = await find(q, 'pipeline_migrations')
  if (!record) return false
  const columns = await columnsOf(q, 'pipeline_migrations')
  if (record.type === 'table' && ['id', 'name', 'applied_at'].every((name) => columns.includes(name)))
    return true
  throw taken(file, 'pipeline_migrations')
}

const taken = (file: string, name: string): TrackerError =>
  new TrackerError('conflict', `a name that is needed is taken in ${file}: ${name} already exists`, {
    hint: `rename what is there; ${untouched}`,
  })

async function requirePredecessor(q: Queries, file: string): Promise<void> {
  const pipeline = await find(q, 'pipeline')
  if (!pipeline) {
    throw new TrackerError('invalid', `${file} is no database of the predecessor: it has no table pipeline`, {
      hint: `name its file; ${untouched}`,
    })
  }
  const columns = await columnsOf(q, 'pipeline')
  if (!['id', 'title', 'stage'].every((name) => columns.includes(name))) {
    throw new TrackerError(
      'invalid',
      'the table pipeline is not the predecessor’s: it lacks id, title or stage',
      { hint: untouched },
    )
  }
  for (const name of replaced) {
    if ((await find(q, name))?.type !== 'view') continue
    throw new TrackerError('invalid', `${name} in ${file} is a view, and a table is to be upgraded`, {
      hint: `make a table of it, or drop it; ${untouched}`,
    })
  }
}

const made = /\bCREATE (?:UNIQUE |VIRTUAL )?(?:TABLE|INDEX|TRIGGER) (?:IF NOT EXISTS )?(\w+)/g

/** Names of everything that the migrations make. */
function ourNames(): string[] {
  const texts = migrations.flatMap((migration) => migration.statements('sqlite'))
  const names = texts.flatMap((text) => [...text.matchAll(made)].map(([, name]) => name!))
  const hidden = ['data', 'idx', 'content', 'docsize', 'config'].map((part) => `pipeline_search_${part}`)
  return [...names, ...hidden].filter((name) => name !== 'pipeline')
}

async function requireFreeNames(q: Queries, file: string): Promise<void> {
  const inTheWay = await q.get<{ name: string }>(sql`
    SELECT name FROM sqlite_schema
    WHERE lower(name) IN (${join(ourNames())}) AND NOT (type IN ('index', 'trigger') AND lower(tbl_name) IN (${replacedList}))
    ORDER BY name`)
  if (inTheWay) throw taken(file, inTheWay.name)
}

/** With a reference to a table that is gone, SQLite would refuse to delete an item. */
async function requireNoReferences(q: Queries, file: string): Promise<void> {
  const found = await q.all<{ child: string; parent: string; to: string | null }>(sql`
    SELECT t.name AS child, f."table" AS parent, f."to" AS "to"
    FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
    WHERE t.type = 'table' AND lower(t.name) NOT IN (${replacedList}) AND lower(f."table") IN (${replacedList})
    ORDER BY t.name, f.id`)
  const lost = found.filter(
    ({ parent, to }) => parent.toLowerCase() !== 'pipeline' || (to !== null && to.toLowerCase() !== 'id'),
  )
  if (lost.length === 0) return
  const names = [
    ...new Set(lost.map(({ child, parent, to }) => `${child} → ${parent}${to === null ? '' : `(${to})`}`)),
  ]
  throw new TrackerError(
    'invalid',
    `tables of other programs in ${file} have foreign keys to what the upgrade replaces: ${names.join(', ')}`,
    {
      hint: `make those tables anew without these foreign keys (their columns and rows may stay), then upgrade; ${untouched}`,
    },
  )
}

/** Triggers that go with their tables, and what names tables or columns that go. */
async function brokenBy(q: Queries, columns: readonly string[]): Promise<BrokenObject[]> {
  const kept = new Set(columnNames().filter((name) => name.startsWith('pipeline.')))
  const gone = columns.filter((name) => !kept.has(`pipeline.${name}`))
  const rows = await q.all<{ type: 'trigger' | 'view'; name: string; on: string; sql: string | null }>(sql`
    SELECT type, name, lower(tbl_name) AS "on", sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY rowid`)
  return rows.flatMap(({ type: what, name, on, sql: text }) => {
    if (what === 'trigger' && (replaced as readonly string[]).includes(on)) {
      return [{ what, name, why: 'its table was replaced' }]
    }
    const words = wordsIn(text ?? '')
    const named = [
      ...replaced.filter((table) => table !== 'pipeline' && words.has(table)),
      ...(words.has('pipeline')
        ? gone.filter((column) => words.has(column)).map((column) => `pipeline.${column}`)
        : []),
    ]
    if (named.length === 0) return []
    return [
      { what, name, why: `it names ${named.join(', ')}, which ${named.length === 1 ? 'is' : 'are'} gone` },
    ]
  })
}

async function sequenceOf(q: Queries): Promise<number> {
  if (!(await find(q, 'sqlite_sequence'))) return 0
  const row = await q.get<{ n: number | null }>(
    sql`SELECT min(max(seq), ${Number.MAX_SAFE_INTEGER}) AS n FROM sqlite_sequence WHERE lower(name) = 'pipeline'`,
  )
  return row?.n ?? 0
}

interface Found {
  name: string
  type: 'table' | 'view'
}

/** Names are the same in any case. */
const find = (q: Queries, name: string): Promise<Found | undefined> =>
  q.get(sql`SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = ${name}`)

async function columnsOf(q: Queries, table: string): Promise<string[]> {
  const rows = await q.all<{ name: string }>(sql`SELECT lower(name) AS name FROM pragma_table_info(${table})`)
  return rows.map(({ name }) => name)
}

/** Rows read at once: what is made of them is held, too. */
const pageSize = 250

/** In the order of writing; nothing of a table that is not there. */
export async function* pagesOf(
  q: Queries,
  { table, columns: wanted }: LegacyStep,
): AsyncGenerator<LegacyRow[]> {
  if (!(await find(q, table))) return
  const all = await columnsOf(q, table)
  const columns = all.filter((name) => wanted === undefined || wanted.includes(name))
  if (columns.length === 0) return
  const isUtf8 = (await q.get<{ encoding: string }>(raw('PRAGMA encoding')))?.encoding === 'UTF-8'
  for await (const part of partsOf(q, table, all)) {
    const rows = await q.all<LegacyRow>(sql`SELECT ${join(columns.map(exact))} FROM ${raw(table)} ${part}`)
    if (isUtf8) await markBroken(q, table, part, rows)
    yield rows
  }
}

/** What chooses the rows of each page. */
async function* partsOf(q: Queries, table: string, columns: readonly string[]): AsyncGenerator<Sql> {
  const rowid = await rowidOf(q, table, columns)
  if (rowid === undefined) {
    const order = columns.includes('id') ? sql`ORDER BY ${raw(table)}.id` : sql``
    const count = await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM ${raw(table)}`)
    for (let from = 0; from < count!.n; from += pageSize) yield sql`${order} LIMIT ${pageSize} OFFSET ${from}`
    return
  }
  const key = raw(rowid)
  let beyond: Sql = sql``
  for (;;) {
    // As text: a row's number may be one that JavaScript does not have.
    const page = await q.get<{ last: string | null }>(sql`SELECT CAST(max(n) AS TEXT) AS last
      FROM (SELECT ${key} AS n FROM ${raw(table)} ${beyond} ORDER BY ${key} LIMIT ${pageSize})`)
    if (page === undefined || page.last === null) return
    const within = beyond.sql === '' ? sql`WHERE` : sql`${beyond} AND`
    yield sql`${within} ${key} <= ${page.last} ORDER BY ${key}`
    beyond = sql`WHERE ${key} > ${page.last}`
  }
}

/** The name of a table's row number; undefined where it has none. */
async function rowidOf(q: Queries, table: string, columns: readonly string[]): Promise<string | undefined> {
  const found = await q.get<{ type: string; wr: number }>(
    sql`SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = ${table}`,
  )
  if (found?.type !== 'table' || found.wr !== 0) return undefined
  return ['rowid', '_rowid_', 'oid'].find((name) => !columns.includes(name))
}

const quoted = (column: string): string => `"${column.replaceAll('"', '""')}"`

/** A column; whole numbers that JavaScript does not have come as text. */
function exact(column: string): Sql {
  const name = quoted(column)
  const safe = Number.MAX_SAFE_INTEGER
  return raw(`CASE WHEN typeof(${name}) = 'integer' AND ${name} NOT BETWEEN -${safe} AND ${safe}
    THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`)
}

/** Text that is no UTF-8 becomes the bytes that it is: a driver puts the sign for what it can't read in their place. */
async function markBroken(q: Queries, table: string, part: Sql, rows: LegacyRow[]): Promise<void> {
  const suspect = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => isSuspect(row[name])))
  if (suspect.length === 0) return
  const bytes = await q.all<Record<string, Uint8Array>>(
    sql`SELECT ${join(suspect.map((name) => raw(`CAST(${quoted(name)} AS BLOB) AS ${quoted(name)}`)))} FROM ${raw(table)} ${part}`,
  )
  for (const [place, row] of rows.entries()) {
    for (const name of suspect) {
      const given = bytes[place]?.[name]
      if (isSuspect(row[name]) && given && !isUtf8(given)) row[name] = given as unknown as string
    }
  }
}

const isSuspect = (value: unknown): boolean => typeof value === 'string' && value.includes('\ufffd')
