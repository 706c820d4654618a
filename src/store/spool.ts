/** Rows of ours that wait to be written: in a table of this connection alone, which SQLite keeps in a file of its own. */

import sql from 'sql-template-tag'
import { type AnyEntity, kinds } from '../domain/entity.ts'
import type { MadeRow } from '../domain/legacy-rows.ts'
import { TrackerError } from '../errors.ts'
import type { Queries, Row } from './database.ts'
import { isUnwritten } from './sqlite-errors.ts'
import type { Source } from './transfer.ts'

export const openSpool = (q: Queries): Promise<number> =>
  q.run(sql`CREATE TEMP TABLE spooled (seq INTEGER PRIMARY KEY, kind TEXT, key, rank INTEGER, row TEXT)`)

export async function spool(q: Queries, made: readonly MadeRow[]): Promise<void> {
  try {
    await insert(q, made)
  } catch (error) {
    if (!isUnwritten(error)) throw error
    throw new TrackerError('unavailable', 'the disk of the temporary files is full', {
      hint: 'free some space there, or name another folder with TMPDIR; nothing was changed',
      cause: error,
    })
  }
}

async function insert(q: Queries, made: readonly MadeRow[]): Promise<void> {
  for (const { kind, key, rank, row } of made) {
    await q.run(
      sql`INSERT INTO spooled (kind, key, rank, row) VALUES (${kind}, ${key}, ${rank}, ${JSON.stringify(row)})`,
    )
  }
}

/** Rows handed on at once. */
const pageSize = 250

/** All of them, a kind after the other, each in its order; an entry's id is its place. */
export async function* spooled(q: Queries): Source {
  await q.run(sql`CREATE INDEX temp.spooled_order ON spooled (kind, key, rank, seq)`)
  for (const kind of kinds) {
    let last: Row | undefined
    for (let read = 0; ; read += pageSize) {
      const beyond = last ? sql`AND (key, rank, seq) > (${last.key!}, ${last.rank!}, ${last.seq!})` : sql``
      const rows = await q.all<Row>(sql`SELECT key, rank, seq, row FROM spooled WHERE kind = ${kind} ${beyond}
        ORDER BY key, rank, seq LIMIT ${pageSize}`)
      const made = rows.map(({ row }): AnyEntity => JSON.parse(String(row)))
      if (kind === 'entry') yield { kind, rows: made.map((row, place) => ({ id: read + place + 1, ...row })) }
      else if (made.length > 0) yield { kind, rows: made }
      if (rows.length < pageSize) break
      last = rows.at(-1)
    }
  }
}

/** How many there are. */
export async function countSpooled(q: Queries): Promise<number> {
  return (await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM spooled`))!.n
}
