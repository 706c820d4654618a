/** The append-only log. An entry may carry a note: notes are rows, never a column that is rewritten. */

import sql, { empty, join, type Sql } from 'sql-template-tag'
import { type Instant, readInstant } from '../domain/instant.ts'
import { type NoteType, noteTypes } from '../domain/item.ts'
import type { Queries, Row } from './database.ts'
import { indexNote } from './search.ts'

export interface NewEntry {
  at: Instant
  itemId: number | null
  actor: string
  source: string | null
  /** Past tense: `created`, `moved`, `noted`. */
  action: string
  detail?: Record<string, unknown> | null
  note?: string | null
  noteType?: NoteType | null
}

export interface Entry extends Required<NewEntry> {
  id: number
}

export async function appendEntry(q: Queries, entry: NewEntry): Promise<number> {
  const detail = entry.detail ? JSON.stringify(entry.detail) : null
  const id = await q.insert(sql`
    INSERT INTO pipeline_activity (at, item_id, actor, source, action, detail, note, note_type)
    VALUES (${entry.at}, ${entry.itemId}, ${entry.actor}, ${entry.source}, ${entry.action}, ${detail},
      ${entry.note ?? null}, ${entry.noteType ?? null})`)
  if (entry.note) await indexNote(q, id, entry.note)
  return id
}

export interface EntryFilter {
  itemId?: number | undefined
  actor?: string | undefined
  since?: Instant | undefined
  /** Only entries with an id below. */
  before?: number | undefined
  onlyNotes?: boolean
  action?: string
  limit: number
}

/** Newest first. */
export async function listEntries(q: Queries, filter: EntryFilter): Promise<Entry[]> {
  const conditions: Sql[] = [sql`1 = 1`]
  if (filter.itemId !== undefined) conditions.push(sql`item_id = ${filter.itemId}`)
  if (filter.actor !== undefined) conditions.push(sql`actor = ${filter.actor}`)
  if (filter.since !== undefined) conditions.push(sql`at >= ${filter.since}`)
  if (filter.before !== undefined) conditions.push(sql`id < ${filter.before}`)
  if (filter.action !== undefined) conditions.push(sql`action = ${filter.action}`)
  if (filter.onlyNotes) conditions.push(sql`note IS NOT NULL`)
  const rows = await q.all(sql`
    SELECT id, at, item_id, actor, source, action, detail, note, note_type FROM pipeline_activity
    WHERE ${join(conditions, ' AND ')} ORDER BY id DESC ${filter.limit ? sql`LIMIT ${filter.limit}` : empty}`)
  return rows.map(toEntry)
}

const toEntry = (row: Row): Entry => ({
  id: row.id as number,
  at: readInstant(row.at) ?? '1970-01-01T00:00:00.000Z',
  itemId: row.item_id as number | null,
  actor: String(row.actor),
  source: row.source as string | null,
  action: String(row.action),
  detail: detailOf(row.detail),
  note: row.note as string | null,
  noteType: noteTypes.find((type) => type === row.note_type) ?? null,
})

function detailOf(text: unknown): Record<string, unknown> | null {
  if (typeof text !== 'string') return null
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : { text }
  } catch {
    return { text }
  }
}

/** Characters of a note, and of the JSON of a detail, that are sent to those who follow the log. */
const followed = { note: 2_000, detail: 4_000 }

/** An entry as it is sent to those who follow: `cut` where its note is longer, or its detail left out. */
export interface FollowedEntry extends Entry {
  cut?: true
}

/**
 * What a reader has not seen, lowest id first: one statement.
 * @param after the highest id seen, and the ranges of ids below that have not appeared
 */
export async function entriesAfter(
  q: Queries,
  after: { last: number; gaps: readonly { from: number; to: number }[] },
  limit: number,
): Promise<FollowedEntry[]> {
  const { note, detail } = followed
  const columns = sql`id, at, item_id, actor, source, action,
    CASE WHEN length(detail) <= ${detail} THEN detail END AS detail, substr(note, 1, ${note}) AS note, note_type,
    CASE WHEN length(note) > ${note} OR length(detail) > ${detail} THEN 1 ELSE 0 END AS cut`
  const parts = [
    sql`SELECT ${columns} FROM pipeline_activity WHERE id > ${after.last}`,
    ...after.gaps.map(
      ({ from, to }) => sql`SELECT ${columns} FROM pipeline_activity WHERE id BETWEEN ${from} AND ${to}`,
    ),
  ]
  const rows = await q.all(sql`${join(parts, ' UNION ALL ')} ORDER BY id LIMIT ${limit}`)
  return rows.map((row) => (row.cut ? { ...toEntry(row), cut: true } : toEntry(row)))
}

/** The ids among the last `count` ones, lowest first: what is missing between them may yet appear. */
export async function lastEntryIds(q: Queries, count: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`SELECT id FROM pipeline_activity
    WHERE id > (SELECT max(id) FROM pipeline_activity) - ${count} ORDER BY id`)
  return rows.map(({ id }) => id)
}

/** Does anything in the log speak of the item? True for deleted items too. */
export const hasEntries = async (q: Queries, itemId: number): Promise<boolean> =>
  (await q.get(sql`SELECT 1 AS one FROM pipeline_activity WHERE item_id = ${itemId} LIMIT 1`)) !== undefined
