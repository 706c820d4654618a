/** What opening and reading ask of SQLite, statement by statement: no work at start-up, and no race. */

import sql from 'sql-template-tag'
import { expect, test, vi } from 'vitest'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Connection } from '../../src/store/sqlite-driver.ts'
import { freshFile, madeAt } from '../helpers/engines.ts'
import { tables } from './fixtures/tables.ts'

const { asked, hook } = vi.hoisted(() => ({
  asked: [] as string[],
  hook: { before: (_count: number) => {} },
}))

const note = (text: string): void => {
  asked.push(text)
  hook.before(asked.length)
}

vi.mock('../../src/store/sqlite-driver.ts', async (original) => {
  const driver = await original<typeof import('../../src/store/sqlite-driver.ts')>()
  const connect = (...given: Parameters<typeof driver.connect>): Connection => {
    const connection = driver.connect(...given)
    return {
      get isTransaction() {
        return connection.isTransaction
      },
      prepare: (text) => {
        note(text)
        return connection.prepare(text)
      },
      exec: (text) => {
        note(text)
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

/** A pipeline as another process makes it, at once; @returns false where a lock keeps it out. */
async function maker(file: string): Promise<() => boolean> {
  const { connect } = await vi.importActual<typeof import('../../src/store/sqlite-driver.ts')>(
    '../../src/store/sqlite-driver.ts',
  )
  return () => {
    const connection = connect(file)
    try {
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec('BEGIN IMMEDIATE')
      connection.exec(
        'CREATE TABLE IF NOT EXISTS pipeline_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)',
      )
      const last = connection.prepare('SELECT max(id) AS id FROM pipeline_migrations').get() as { id: number }
      for (const { id, name, statements } of migrations) {
        if (id <= last.id) continue
        connection.exec(`INSERT INTO pipeline_migrations VALUES (${id}, '${name}', '${madeAt}')`)
        for (const statement of statements('sqlite')) connection.exec(statement)
      }
      connection.exec('COMMIT')
      return true
    } catch (error) {
      if (error instanceof Error && /locked/.test(error.message)) return false
      throw error
    } finally {
      connection.close()
    }
  }
}

test('whichever statement of an opening another process makes the pipeline before, both have one', async () => {
  const options = { now: madeAt, migrations }
  const kept: number[] = []
  for (let at = 1, ended = false; !ended; at++) {
    const file = await freshFile()
    const make = await maker(file)
    asked.length = 0
    ended = true
    hook.before = (count) => {
      if (count !== at) return
      ended = false
      if (make()) kept.push(at)
    }
    const db = await openSqlite(file, options)
    hook.before = () => {}
    expect(await db.read((q) => q.all(sql`SELECT id FROM pipeline`))).toEqual([])
    await db.close()
  }
  expect(kept.length).toBeGreaterThan(5)
})
