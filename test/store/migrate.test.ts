import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { engines, madeAt, openTest } from '../helpers/engines.ts'
import { tables } from './fixtures/tables.ts'

const applied = (db: Database) =>
  db.read((q) => q.all(sql`SELECT id, name, applied_at FROM pipeline_migrations ORDER BY id`))

const third = { id: 3, name: 'more', statements: () => ['CREATE TABLE pipeline_more (id INTEGER)'] }
const broken = {
  id: 3,
  name: 'broken',
  statements: () => ['CREATE TABLE pipeline_half (id INTEGER)', 'CREATE TABLE pipeline_half (id INTEGER)'],
}

test('the list is in order and without gaps', () => {
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1))
})

describe.each(engines)('migrations on $engine', ({ engine, freshUrl, freshDatabase }) => {
  test("the product's own can be done", async () => {
    expect(await applied(await freshDatabase())).toHaveLength(migrations.length)
  })

  test('each is recorded once, with the instant that was handed in', async () => {
    const url = await freshUrl()
    await (await openTest(url, { migrations: tables })).close()
    const later = '2027-01-01T00:00:00.000Z'
    const db = await openTest(url, { migrations: [...tables, third], now: later })
    expect(await applied(db)).toEqual([
      { id: 1, name: 'things', applied_at: madeAt },
      { id: 2, name: 'counters', applied_at: madeAt },
      { id: 3, name: 'more', applied_at: later },
    ])
  })

  test('many openings at once, of nothing and of an older one, end with each recorded once', async () => {
    const url = await freshUrl()
    for (const list of [tables, [...tables, third]]) {
      const all = await Promise.all(Array.from({ length: 8 }, () => openTest(url, { migrations: list })))
      expect(await applied(all[0]!)).toHaveLength(list.length)
    }
  })

  test('one that fails leaves nothing of itself, and what was before', async () => {
    const url = await freshUrl()
    await expect(openTest(url, { migrations: [...tables, broken] })).rejects.toThrow('pipeline_half')
    const db = await openTest(url, { migrations: tables })
    expect(await applied(db)).toHaveLength(2)
    await db.write((q) => q.run(sql`CREATE TABLE pipeline_half (id INTEGER)`))
  })

  test('a database of a newer version is refused and stays as it is', async () => {
    const url = await freshUrl()
    await (await openTest(url, { migrations: [...tables, third] })).close()
    await expect(openTest(url, { migrations: tables })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('was written by a newer Throughline (schema 3; this one knows 2)'),
      hint: expect.stringContaining('update'),
    })
    expect(await applied(await openTest(url, { migrations: [...tables, third] }))).toHaveLength(3)
  })

  test('a read where there is no pipeline says so and makes nothing', async () => {
    const url = await freshUrl()
    const reading = () => openTest(url, { migrations: tables, create: false })
    for (let n = 0; n < 2; n++) await expect(reading()).rejects.toMatchObject({ kind: 'not-found' })
    await openTest(url, { migrations: tables })
    await reading()
  })

  test('a read brings an older one up to date', async () => {
    const url = await freshUrl()
    await openTest(url, { migrations: tables.slice(0, 1) })
    expect(await applied(await openTest(url, { migrations: tables, create: false }))).toHaveLength(2)
  })

  test("a table pipeline that is not Throughline's stops the opening", async () => {
    const url = await freshUrl()
    const other = await openTest(url, { migrations: tables })
    await other.write(async (q) => {
      await q.run(raw('DROP TABLE pipeline_migrations'))
      await q.run(raw('CREATE TABLE pipeline (id INTEGER, name TEXT)'))
    })
    for (const create of [true, false]) {
      await expect(openTest(url, { migrations: tables, create })).rejects.toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('not Throughline'),
        hint: expect.stringContaining(engine === 'sqlite' ? '--db' : '?schema='),
      })
    }
  })

  test('a pipeline whose record of migrations was emptied is not taken for a new one', async () => {
    const url = await freshUrl()
    const whole = await openTest(url)
    await whole.write(async (q) => {
      await q.run(sql`INSERT INTO pipeline (title) VALUES ('kept')`)
      await q.run(sql`DELETE FROM pipeline_migrations`)
    })
    for (const create of [true, false]) {
      await expect(openTest(url, { create })).rejects.toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('the record of its schema is empty'),
      })
    }
    expect(await whole.read((q) => q.all(sql`SELECT title FROM pipeline`))).toEqual([{ title: 'kept' }])
  })
})
