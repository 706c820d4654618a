/** Everything that a pipeline holds, to compare before and after. */

import sql, { raw } from 'sql-template-tag'
import type { Queries } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/open.ts'
import { madeAt } from './engines.ts'

export type Dump = Record<string, Record<string, unknown>[]>

/** @returns the rows of every table, by the table's name, in an order that does not change */
export async function dump(url: string): Promise<Dump> {
  const database = await openDatabase(url, { now: madeAt, create: false })
  try {
    return await database.read(async (q) => {
      const all: Dump = {}
      for (const name of await tables(q)) all[name] = await rows(q, name)
      return all
    })
  } finally {
    await database.close()
  }
}

async function tables(q: Queries): Promise<string[]> {
  const found =
    q.engine === 'sqlite'
      ? sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`
      : sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`
  return (await q.all<{ name: string }>(found)).map((row) => row.name)
}

async function rows(q: Queries, table: string): Promise<Record<string, unknown>[]> {
  const found = await q.all<Record<string, unknown>>(sql`SELECT * FROM ${raw(`"${table}"`)}`)
  const keys = new Map(found.map((row) => [row, JSON.stringify(row)]))
  return found.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1))
}
