/** The index of the full-text search: FTS5 on SQLite, a tsvector on PostgreSQL, fed by one tokeniser. */

import sql, { join, type Sql } from 'sql-template-tag'
import type { Item } from '../domain/item.ts'
import { tokens } from '../domain/search.ts'
import type { Queries } from './database.ts'

const itemRow = (id: number): number => id * 2
const noteRow = (id: number): number => id * 2 + 1

type Texts = Pick<Item, 'title' | 'description' | 'spec'>

const wordsOf = (item: Texts): string[] => tokens([item.title, item.description, item.spec].join('\n'))

/** The text of a new item. */
export const indexItem = (q: Queries, id: number, item: Texts): Promise<void> =>
  insert(q, itemRow(id), wordsOf(item))

export async function reindexItem(q: Queries, id: number, item: Texts): Promise<void> {
  await unindexItem(q, id)
  await insert(q, itemRow(id), wordsOf(item))
}

export async function unindexItem(q: Queries, id: number): Promise<void> {
  await writeHeld(q)
  await q.run(
    q.engine === 'sqlite'
      ? sql`DELETE FROM pipeline_search WHERE rowid = ${itemRow(id)}`
      : sql`DELETE FROM pipeline_search WHERE id = ${itemRow(id)}`,
  )
}

export const indexNote = (q: Queries, entryId: number, note: string): Promise<void> =>
  insert(q, noteRow(entryId), tokens(note))

/** A row of the index: the words with a space between. */
type IndexRow = [row: number, words: string]

async function insert(q: Queries, row: number, words: string[]): Promise<void> {
  const waiting = held.get(q)
  if (waiting) waiting.push([row, words.join(' ')])
  else await insertRows(q, [[row, words.join(' ')]])
}

async function insertRows(q: Queries, rows: readonly IndexRow[]): Promise<void> {
  if (q.engine === 'sqlite') {
    for (const [row, words] of rows)
      await q.run(sql`INSERT INTO pipeline_search (rowid, tokens) VALUES (${row}, ${words})`)
    return
  }
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const values = rows
      .slice(from, from + rowsAtOnce)
      .map(
        ([row, words]) =>
          sql`(${row}, COALESCE(array_to_tsvector(string_to_array(NULLIF(${words}, ''), ' ')), ''))`,
      )
    await q.run(sql`INSERT INTO pipeline_search (id, tokens) VALUES ${join(values)}`)
  }
}

/** Of one statement of PostgreSQL. */
const rowsAtOnce = 500

/** New rows that wait, by the transaction that holds them back. */
const held = new WeakMap<Queries, IndexRow[]>()

/**
 * Writes the new rows of the index together when `work` is done. SQLite writes its index out before every statement
 * that it could have to take back: after each of ten thousand items that takes longer than the items. Whoever reads
 * the index meanwhile asks for `writeHeld` first. Not for work of which a part is taken back.
 */
export async function indexedTogether<T>(q: Queries, work: () => Promise<T>): Promise<T> {
  held.set(q, [])
  try {
    const outcome = await work()
    await writeHeld(q)
    return outcome
  } finally {
    held.delete(q)
  }
}

export async function writeHeld(q: Queries): Promise<void> {
  const waiting = held.get(q)
  if (waiting && waiting.length > 0) await insertRows(q, waiting.splice(0))
}

/**
 * A condition on `pipeline.id`: every word is found, at the start of a word, in the item's text or in a note.
 * @param words from `queryTokens`; letters and digits only
 */
export const foundIn = (q: Queries, words: string[]): Sql =>
  join(
    words.map((word) => sql`id IN (${q.engine === 'sqlite' ? sqliteHits(word) : postgresHits(word)})`),
    ' AND ',
  )

const sqliteHits = (word: string): Sql => sql`
  SELECT CASE WHEN s.rowid % 2 = 0 THEN s.rowid / 2
    ELSE (SELECT a.item_id FROM pipeline_activity a WHERE a.id = s.rowid / 2) END
  FROM pipeline_search s WHERE s.pipeline_search MATCH ${`"${word}" *`}`

const postgresHits = (word: string): Sql => sql`
  SELECT CASE WHEN s.id % 2 = 0 THEN s.id / 2
    ELSE (SELECT a.item_id FROM pipeline_activity a WHERE a.id = s.id / 2) END
  FROM pipeline_search s WHERE s.tokens @@ CAST(${`'${word}':*`} AS tsquery)`

/** How many items and notes have no row in the index, and how many rows have neither. For `doctor`. */
export async function searchDrift(q: Queries): Promise<{ missing: number; orphaned: number }> {
  const id = q.engine === 'sqlite' ? sql`rowid` : sql`id`
  const counted = await q.get<{ missing: number; orphaned: number }>(sql`
    SELECT
      (SELECT count(*) FROM pipeline WHERE id * 2 NOT IN (SELECT ${id} FROM pipeline_search))
      + (SELECT count(*) FROM pipeline_activity WHERE note IS NOT NULL AND note <> ''
          AND id * 2 + 1 NOT IN (SELECT ${id} FROM pipeline_search)) AS missing,
      (SELECT count(*) FROM pipeline_search WHERE ${id} % 2 = 0
          AND ${id} / 2 NOT IN (SELECT p.id FROM pipeline p)) AS orphaned`)
  return { missing: counted!.missing, orphaned: counted!.orphaned }
}

/** Writes the whole index anew, in batches that the caller's transaction holds together. */
export async function rebuildSearch(q: Queries): Promise<number> {
  await writeHeld(q)
  await q.run(sql`DELETE FROM pipeline_search`)
  let written = 0
  let after = 0
  for (;;) {
    const rows = await q.all<{
      id: number
      title: string
      description: string | null
      spec: string | null
    }>(sql`
      SELECT id, title, description, spec FROM pipeline WHERE id > ${after} ORDER BY id LIMIT 500`)
    for (const row of rows) await indexItem(q, row.id, row)
    written += rows.length
    if (rows.length < 500) break
    after = rows.at(-1)!.id
  }
  after = 0
  for (;;) {
    const rows = await q.all<{ id: number; note: string }>(sql`
      SELECT id, note FROM pipeline_activity WHERE id > ${after} AND note IS NOT NULL AND note <> ''
      ORDER BY id LIMIT 500`)
    for (const row of rows) await indexNote(q, row.id, row.note)
    written += rows.length
    if (rows.length < 500) return written
    after = rows.at(-1)!.id
  }
}
