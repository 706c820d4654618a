/** No work at start-up: what opening and reading ask of SQLite, statement by statement. */

import sql from 'sql-template-tag'
import { expect, test, vi } from 'vitest'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Connection } from '../../src/store/sqlite-driver.ts'
import { freshFile, madeAt } from '../helpers/engines.ts'
import { tables } from './fixtures/tables.ts'

const asked = vi.hoisted((): string[] => [])

vi.mock('../../src/store/sqlite-driver.ts', async (original) => {
  const driver = await original<typeof import('../../src/store/sqlite-driver.ts')>()
  const connect = (...given: Parameters<typeof driver.connect>): Connection => {
    const connection = driver.connect(...given)
    return {
      get isTransaction() {
        return connection.isTransaction
      },
      prepare: (text) => {
        asked.push(text)
        return connection.prepare(text)
      },
      exec: (text) => {
        asked.push(text)
        connection.exec(text)
      },
      close: () => connection.close(),
    }
  }
  return { ...driver, connect }
})

test('opening a current database is one query, and a statement is prepared once', async () => {
  const file = await freshFile()
  const options = { now: madeAt, migrations: tables }
  await (await openSqlite(file, options)).close()
  asked.length = 0
  const db = await openSqlite(file, options)
  expect(asked).toEqual(['SELECT max(id) AS id FROM pipeline_migrations'])
  asked.length = 0
  const all = sql`SELECT * FROM pipeline_things`
  for (let n = 0; n < 2; n++) await db.read((q) => q.all(all))
  expect(asked).toEqual(['BEGIN', all.sql, 'COMMIT', 'BEGIN', 'COMMIT'])
  asked.length = 0
  for (let n = 0; n < 2; n++) await db.write(async () => undefined)
  expect(asked).toEqual([
    'PRAGMA synchronous = normal; PRAGMA temp_store = MEMORY',
    'BEGIN IMMEDIATE',
    'COMMIT',
    'BEGIN IMMEDIATE',
    'COMMIT',
  ])
  await db.close()
})
