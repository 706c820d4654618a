/** What `doctor` asks an engine. Read-only. */

import sql, { raw, type Sql } from 'sql-template-tag'
import { stages, types } from '../domain/stage.ts'
import { faultsOf } from './damage.ts'
import type { Queries } from './database.ts'

/** The file that is asked; null for a server, or where there is none. */
export async function fileOf(q: Queries): Promise<string | null> {
  if (q.engine === 'postgres') return null
  const row = await q.get<{ file: string | null }>(
    sql`SELECT file FROM pragma_database_list WHERE name = 'main'`,
  )
  return row?.file || null
}

/** Faults that the engine finds in its own file; empty when sound. */
export const integrityFaults = async (q: Queries): Promise<string[]> =>
  q.engine === 'postgres' ? [] : faultsOf(await fileOf(q), (text) => q.all(raw(text)))

/** References that point nowhere; empty when sound. PostgreSQL never lets one in. */
export async function danglingReferences(q: Queries): Promise<string[]> {
  if (q.engine === 'postgres') return []
  const rows = await q.all<{ table: string; rowid: number; parent: string }>(sql`PRAGMA foreign_key_check`)
  const ours = rows.filter((row) => row.table === 'pipeline' || row.table.startsWith('pipeline_'))
  return ours
    .slice(0, 20)
    .map((row) => `${row.table} row ${row.rowid} points to a missing row of ${row.parent}`)
}

/** Items with a value that the product would not have written: the owner's own SQL did. At most 20 of each kind. */
export async function oddItems(q: Queries): Promise<{ id: number; what: string }[]> {
  const list = (words: readonly string[]) => raw(words.map((word) => `'${word}'`).join(', '))
  const found: { id: number; what: string }[] = []
  const ask = async (what: string, condition: Sql): Promise<void> => {
    const rows = await q.all<{ id: number }>(
      sql`SELECT id FROM pipeline WHERE ${condition} ORDER BY id LIMIT 20`,
    )
    found.push(...rows.map(({ id }) => ({ id, what })))
  }
  await ask('has an unknown stage (shown as idea)', sql`stage NOT IN (${list(stages)})`)
  await ask('has an unknown type (shown as feature)', sql`type NOT IN (${list(types)})`)
  await ask('has a priority that is not 1 to 4', sql`priority NOT BETWEEN 1 AND 4`)
  await ask('has an id that is none', sql`id < 1`)
  if (q.engine === 'sqlite') {
    const time = '____-__-__%'
    await ask('was created at a time that is none', sql`created_at NOT LIKE ${time}`)
  }
  await ask(
    'is above itself in the tree',
    sql`id IN (
    WITH RECURSIVE up (start, id, depth) AS (
      SELECT id, parent_id, 1 FROM pipeline WHERE parent_id IS NOT NULL
      UNION ALL
      SELECT up.start, p.parent_id, up.depth + 1 FROM up JOIN pipeline p ON p.id = up.id
      WHERE p.parent_id IS NOT NULL AND up.depth < 100 AND up.id <> up.start)
    SELECT start FROM up WHERE start = id)`,
  )
  return found
}

/** Every word of a text in SQL, in lower case; those of its comments and strings too. */
export const wordsIn = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\w$]+/g) ?? [])

/** What other programs left in the file that names tables of the predecessor: each use of it fails. */
export async function brokenObjects(q: Queries): Promise<string[]> {
  if (q.engine === 'postgres') return []
  const gone = ['pipeline_notes', 'pipeline_tasks']
  const rows = await q.all<{ type: string; name: string; sql: string | null }>(sql`
    SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY type, name`)
  const there = await q.all<{ name: string }>(sql`SELECT lower(name) AS name FROM sqlite_schema`)
  const names = new Set(there.map(({ name }) => name))
  return rows.flatMap(({ type, name, sql: text }) => {
    const words = wordsIn(text ?? '')
    const missing = gone.filter((table) => words.has(table) && !names.has(table))
    return missing.length === 0 ? [] : [`the ${type} ${name} names ${missing.join(', ')}`]
  })
}

/** Tables and columns that are not there as the schema has them. */
export async function missingColumns(q: Queries): Promise<string[]> {
  const rows =
    q.engine === 'sqlite'
      ? await q.all<{ name: string }>(sql`SELECT t.name || '.' || c.name AS name
          FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name LIKE 'pipeline%'`)
      : await q.all<{ name: string }>(sql`SELECT table_name || '.' || column_name AS name
          FROM information_schema.columns WHERE table_schema = current_schema()`)
  const { columnNames } = await import('./entities.ts')
  const found = new Set(rows.map(({ name }) => name))
  return columnNames().filter((name) => !found.has(name))
}

/** Health checks as stored, to be parsed by whoever asks. */
export const storedChecks = (q: Queries): Promise<{ id: number; health_check: string }[]> =>
  q.all(sql`SELECT id, health_check FROM pipeline WHERE health_check IS NOT NULL ORDER BY id`)

export interface Sizes {
  bytes: number
  items: number
  entries: number
  runs: number
  projects: number
}

export async function sizes(q: Queries): Promise<Sizes> {
  const bytes =
    q.engine === 'sqlite'
      ? sql`(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())`
      : sql`(SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname LIKE 'pipeline%')`
  const row = await q.get<Sizes & { bytes: number | string | null }>(sql`SELECT ${bytes} AS bytes,
    (SELECT count(*) FROM pipeline) AS items, (SELECT count(*) FROM pipeline_activity) AS entries,
    (SELECT count(*) FROM pipeline_runs) AS runs, (SELECT count(*) FROM pipeline_projects) AS projects`)
  return { ...row!, bytes: Number(row!.bytes ?? 0) }
}

export interface HistorySizes {
  runs: number
  hours: number
  days: number
  states: number
}

/** Rows of what was watched. */
export async function historySizes(q: Queries): Promise<HistorySizes> {
  const row = await q.get<HistorySizes>(sql`SELECT (SELECT count(*) FROM pipeline_runs) AS runs,
    (SELECT count(*) FROM pipeline_hours) AS hours, (SELECT count(*) FROM pipeline_days) AS days,
    (SELECT count(*) FROM pipeline_states) AS states`)
  return row!
}

export async function versions(q: Queries): Promise<{ engine: string; schema: number }> {
  const schema = await q.get<{ id: number | null }>(sql`SELECT max(id) AS id FROM pipeline_migrations`)
  const engine =
    q.engine === 'sqlite'
      ? await q.get<{ v: string }>(sql`SELECT 'SQLite ' || sqlite_version() AS v`)
      : await q.get<{ v: string }>(sql`SELECT 'PostgreSQL ' || current_setting('server_version') AS v`)
  return { engine: engine!.v, schema: schema?.id ?? 0 }
}
