/** What only a file can do: be somebody else's, damaged, read-only, locked, full. */

import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite.ts'
import { type Connection, connect } from '../../src/store/sqlite-driver.ts'
import { atEnd, freshFile, madeAt } from '../helpers/engines.ts'
import { runScript } from '../helpers/script.ts'
import { tables } from './fixtures/tables.ts'

async function open(file: string, options: Partial<SqliteOptions> = {}): Promise<Database> {
  const db = await openSqlite(file, { now: madeAt, migrations: tables, ...options })
  atEnd(() => db.close())
  return db
}

/** Another program's connection. */
function other(file: string): Connection {
  const connection = connect(file)
  atEnd(async () => connection.close())
  return connection
}

const add = (db: Database, name: string) =>
  db.write((q) => q.run(sql`INSERT INTO pipeline_things (name) VALUES (${name})`))
const count = (db: Database) =>
  db.read(async (q) => (await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM pipeline_things`))?.n)

/**
 * A current database with some rows, made by another process: @photostructure/sqlite keeps a closed file open
 * until its statements are collected.
 */
async function made(rows = 3): Promise<string> {
  const file = await freshFile()
  const { code } = await runScript(join(import.meta.dirname, 'fixtures/write.ts'), {
    args: [file, `${rows}`],
  })
  expect(code).toBe(0)
  expect(Object.keys(bytes(file))).toEqual(['pipeline.db'])
  return file
}

/** Every file in the folder with its bytes. */
const bytes = (file: string) =>
  Object.fromEntries(
    readdirSync(dirname(file)).map((name) => [
      name,
      readFileSync(join(dirname(file), name)).toString('base64'),
    ]),
  )

describe("the predecessor's file", () => {
  const predecessor = `
    CREATE TABLE pipeline (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, stage TEXT);
    CREATE TABLE activity (id INTEGER PRIMARY KEY, action TEXT);
    PRAGMA user_version = 7; INSERT INTO pipeline (title) VALUES ('kept')`
  const refusal = (file: string) => ({
    kind: 'invalid',
    message: `${file} is a database of the predecessor`,
    hint: expect.stringContaining(`pipeline upgrade ${file}`),
  })

  test.each([{ create: true }, { create: false }])(
    'is named and stays as it is, with %j',
    async (options) => {
      const file = await freshFile()
      const maker = connect(file)
      maker.exec(predecessor)
      maker.close()
      const before = bytes(file)
      await expect(open(file, options)).rejects.toMatchObject(refusal(file))
      expect(bytes(file)).toEqual(before)
    },
  )

  test('stays as it is also with a journal that a killed process left beside it', async () => {
    const file = await freshFile()
    const maker = other(file)
    maker.exec(`PRAGMA journal_mode = WAL; ${predecessor}`)
    const copy = await freshFile()
    for (const end of ['', '-wal']) writeFileSync(`${copy}${end}`, readFileSync(`${file}${end}`))
    const before = bytes(copy)
    await expect(open(copy)).rejects.toMatchObject(refusal(copy))
    // The -shm file is an index of the journal, made anew by whoever reads.
    const { 'pipeline.db-shm': _index, ...after } = bytes(copy)
    expect(after).toEqual(before)
  })
})

test("a file with other tools' tables gets ours beside them, and keeps what is theirs", async () => {
  const file = await freshFile()
  const tool = other(file)
  tool.exec("PRAGMA user_version = 7; CREATE TABLE memory (text TEXT); INSERT INTO memory VALUES ('kept')")
  const db = await open(file)
  await add(db, 'a')
  expect(tool.prepare('PRAGMA user_version').get()).toEqual({ user_version: 7 })
  expect(tool.prepare('SELECT * FROM memory').all()).toEqual([{ text: 'kept' }])
})

test('an empty file is a new one', async () => {
  const file = await freshFile()
  writeFileSync(file, '')
  await expect(open(file, { create: false })).rejects.toMatchObject({ kind: 'not-found' })
  expect(bytes(file)).toEqual({ 'pipeline.db': '' })
  await add(await open(file), 'a')
})

test('a read where there is no file makes none', async () => {
  const file = await freshFile()
  await expect(open(file, { create: false })).rejects.toMatchObject({ kind: 'not-found' })
  expect(bytes(file)).toEqual({})
})

test('a database in memory is empty and works', async () => {
  const db = await open(':memory:')
  await add(db, 'a')
  expect(await count(db)).toBe(1)
})

describe('a file that is not right', () => {
  test.each(['{"not": "a database"}', 'x'.repeat(5000)])('no database: %.20s', async (content) => {
    const file = await freshFile()
    writeFileSync(file, content)
    await expect(open(file)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('is not a SQLite database'),
      hint: expect.stringContaining(`pipeline doctor --db ${file}`),
    })
    expect(readFileSync(file, 'utf8')).toBe(content)
  })

  test.each([
    ['overwritten in the middle', (file: string) => overwrite(file, 4096)],
    ['cut off', (file: string) => truncateSync(file, 9000)],
  ])('%s: damaged, and not made worse', async (_how, damage) => {
    const file = await made(200)
    damage(file)
    const before = readFileSync(file)
    const reading = async () => {
      const db = await open(file)
      return db.read((q) => q.all(sql`SELECT * FROM pipeline_things`))
    }
    await expect(reading()).rejects.toMatchObject({
      kind: 'unavailable',
      message: `${file} is damaged`,
      hint: expect.stringContaining('pipeline doctor'),
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  const overwrite = (file: string, from: number) => {
    const content = readFileSync(file)
    writeFileSync(file, content.fill(0xa5, from))
  }

  test('a folder, and a folder that is not there', async () => {
    const file = await freshFile()
    for (const path of [dirname(file), join(dirname(file), 'none/pipeline.db')]) {
      await expect(open(path)).rejects.toMatchObject({
        kind: 'unavailable',
        message: `${path} cannot be opened`,
        hint: expect.stringContaining('a file in a folder that is there'),
      })
    }
  })

  test('a full disk: said so, and nothing stored', async () => {
    const file = await made()
    const db = await open(file)
    const filling = db.write(async (q) => {
      await q.get(raw('PRAGMA max_page_count = 12'))
      for (let n = 0; n < 100; n++) {
        await q.run(sql`INSERT INTO pipeline_things (name) VALUES (${`${n}`.repeat(1000)})`)
      }
    })
    await expect(filling).rejects.toMatchObject({
      kind: 'unavailable',
      message: `${file} could not be written: the disk is full`,
    })
    expect(await count(db)).toBe(3)
  })

  test('a number beyond 2^53, which only another program writes, does not break a read', async () => {
    const file = await made(0)
    const db = await open(file)
    other(file).exec('INSERT INTO pipeline_things (id, whole) VALUES (1, 9007199254740993), (2, 3)')
    const all = sql`SELECT id, whole FROM pipeline_things ORDER BY id`
    const rows = [
      { id: 1, whole: 9007199254740992 },
      { id: 2, whole: 3 },
    ]
    expect(await db.read((q) => q.all(all))).toEqual(rows)
    expect(await db.read((q) => q.get(all))).toEqual(rows[0])
  })
})

describe('permission', () => {
  // Root may write everywhere, so the reader is somebody else.
  const uid = process.getuid?.() === 0 ? 65534 : undefined
  const script = join(import.meta.dirname, 'fixtures/read.ts')
  const readAsOther = async (file: string) =>
    JSON.parse((await runScript(script, { args: [file], ...(uid && { uid }) })).stdout)
  const readOnly = (file: string) => ({
    kind: 'unavailable',
    message: `${file} is read-only for this user`,
    hint: expect.stringContaining('folder'),
  })

  test('a folder that may not be written: reads work, a write says why not', async () => {
    const file = await made()
    await chmod(file, 0o444)
    await chmod(dirname(file), 0o555)
    const before = bytes(file)
    const result = await readAsOther(file)
    await chmod(dirname(file), 0o755)
    expect(result).toEqual({ read: [3, 3], write: readOnly(file), stamp: 'undefined' })
    expect(bytes(file)).toEqual(before)
  })

  test('a folder that may not be written, while another process writes: reads see what it stored', async () => {
    const file = await made()
    const db = await open(file)
    await add(db, 'just now')
    for (const end of ['', '-wal', '-shm']) await chmod(`${file}${end}`, 0o444)
    await chmod(dirname(file), 0o555)
    const result = await readAsOther(file)
    await chmod(dirname(file), 0o755)
    expect(result).toMatchObject({ read: [4, 4], write: readOnly(file) })
  })

  test('a file that may not be read', async () => {
    const file = await made()
    await chmod(file, 0)
    await chmod(dirname(file), 0o755)
    expect(await readAsOther(file)).toMatchObject({
      refused: { kind: 'unavailable', message: `${file} cannot be opened` },
    })
  })
})

describe('a lock of another program', () => {
  const locked = (file: string) => ({
    kind: 'unavailable',
    message: `${file} is locked by another process`,
    hint: expect.stringContaining('try again'),
  })

  test('that is held too long: the write is refused, reads work', async () => {
    const file = await made()
    const db = await open(file, { busyTimeoutMs: 50 })
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    await expect(add(db, 'a')).rejects.toMatchObject(locked(file))
    expect(await count(db)).toBe(3)
    tool.exec('COMMIT')
    expect(await add(db, 'a')).toBe(1)
  })

  test('that is let go: the write waits for it, and the process is not blocked meanwhile', async () => {
    const file = await made()
    const db = await open(file)
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    const adding = add(db, 'a')
    await new Promise((done) => setImmediate(done))
    tool.exec('COMMIT')
    expect(await adding).toBe(1)
  })

  test('that a write waits for keeps no read waiting', async () => {
    const file = await made()
    const db = await open(file)
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    const adding = add(db, 'a')
    for (let n = 0; n < 3; n++) expect(await count(db)).toBe(3)
    await expect(db.read((q) => q.run(sql`DELETE FROM pipeline_things`))).rejects.toThrow()
    tool.exec('COMMIT')
    expect(await adding).toBe(1)
    expect(await count(db)).toBe(4)
  })

  test('that is held too long is waited for once: writes behind the first are refused with it', async () => {
    const file = await made()
    const db = await open(file, { busyTimeoutMs: 50 })
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    const refused: unknown[] = []
    const writes = [1, 2, 3].map((n) => add(db, `${n}`).catch((error) => refused.push(error)))
    await writes[0]
    for (let n = 0; n < 5; n++) await new Promise((done) => setImmediate(done))
    expect(refused).toMatchObject([locked(file), locked(file), locked(file)])
    tool.exec('COMMIT')
    expect(await add(db, 'a')).toBe(1)
    expect(await count(db)).toBe(4)
  })

  test('that is let go: whoever came late has its own time still', async () => {
    const file = await made()
    const db = await open(file, { busyTimeoutMs: 60 })
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    const from = performance.now()
    const first = add(db, 'first').catch(() => tool.exec('COMMIT'))
    while (performance.now() - from < 40) await new Promise((done) => setImmediate(done))
    const late = add(db, 'late')
    await first
    expect(await late).toBe(1)
  })

  test('that keeps out readers too: reading and opening wait, then are refused', async () => {
    const file = await made()
    const tool = other(file)
    // A mode that is entered before the first read can't be left.
    tool.exec(
      'SELECT count(*) FROM pipeline_counters; PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; DELETE FROM pipeline_counters; COMMIT',
    )
    await expect(open(file, { busyTimeoutMs: 50 })).rejects.toMatchObject(locked(file))
    const opening = open(file)
    await new Promise((done) => setImmediate(done))
    tool.exec('PRAGMA locking_mode = NORMAL; SELECT count(*) FROM pipeline_counters')
    expect(await count(await opening)).toBe(3)
  })

  test('a file that does without a write-ahead log: a commit waits for readers', async () => {
    const file = await made()
    const tool = other(file)
    tool.exec('PRAGMA journal_mode = DELETE; BEGIN; SELECT count(*) FROM pipeline_things')
    tool.prepare('SELECT count(*) FROM pipeline_things').get()
    const db = await open(file, { busyTimeoutMs: 50 })
    await expect(add(db, 'a')).rejects.toMatchObject(locked(file))
    const patient = await open(file)
    const adding = add(patient, 'a')
    await new Promise((done) => setImmediate(done))
    tool.exec('COMMIT')
    expect(await adding).toBe(1)
    expect(await count(db)).toBe(4)
  })
})

test('a file that was closed is whole by itself: a copy of it alone has everything', async () => {
  const file = await freshFile()
  const db = await open(file)
  for (let n = 0; n < 3; n++) await add(db, `${n}`)
  await db.close()
  const copy = await freshFile()
  writeFileSync(copy, readFileSync(file))
  expect(await count(await open(copy))).toBe(3)
})

test.each([
  ['normal', 1],
  ['full', 2],
] as const)('durability %s is set for what is written', async (durability, level) => {
  const db = await open(await freshFile(), { durability })
  await add(db, 'a')
  const get = (text: string) => db.read((q) => q.get(raw(`PRAGMA ${text}`)))
  expect(await get('synchronous')).toEqual({ synchronous: level })
  expect(await get('journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(await get('foreign_keys')).toEqual({ foreign_keys: 1 })
})
