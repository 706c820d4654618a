/** `backup` and `restore`: a backup is a SQLite file, whatever it was taken from and wherever it comes to. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { project } from '../helpers/cli.ts'
import { engines, openTest, type TestEngine } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'
import { exported, filesIn, freshFolder, namesIn } from '../helpers/files.ts'
import { richPipeline } from '../helpers/rich-pipeline.ts'

const [sqlite] = engines as [TestEngine, TestEngine]

/** A pipeline at a place of its own, as a command finds it there. */
async function stocked({ freshUrl }: TestEngine, stock: (database: Database) => unknown = richPipeline) {
  const [url, folder] = [await freshUrl(), await freshFolder()]
  const database = await openTest(url)
  await stock(database)
  const env = environmentOf(database, { files: filesIn(folder, { location: { url, exists: true } }) })
  return { url, folder, env, text: await exported(database) }
}

const oneItem = (database: Database) => environmentOf(database).ask('item.create', { title: 'mine' })

/** Somebody who restores to that place. */
async function restorer(folder: string, url: string, exists: boolean): Promise<TestEnvironment> {
  return environmentOf(await sqlite.freshDatabase(), {
    files: filesIn(folder, { location: { url, exists } }),
  })
}

const at = async (url: string): Promise<string> => {
  const database = await openTest(url, { create: false })
  const text = await exported(database)
  await database.close()
  return text
}

/** As another program has it in the same file. */
function withMemory(file: string): void {
  const connection = connect(file)
  connection.exec("CREATE TABLE memory (content TEXT); INSERT INTO memory VALUES ('kept')")
  connection.close()
}

function memoryIn(file: string): unknown[] {
  const connection = connect(file, { readOnly: true })
  try {
    return connection.prepare('SELECT content FROM memory').all()
  } finally {
    connection.close()
  }
}

const ways = engines.flatMap((from) =>
  engines.map((to) => ({ from: from.engine, to: to.engine, source: from, target: to })),
)

describe.each(ways)('a backup of $from, restored to $to', ({ source, target }) => {
  test('is the same pipeline, healthy and searchable; the backup stays byte for byte', async () => {
    const { folder, env, text } = await stocked(source)
    const backup = join(folder, 'b.db')
    expect(await env.ask('database.backup', { file: 'b.db' })).toEqual({
      file: backup,
      items: 7,
      checked: true,
    })
    const bytes = readFileSync(backup)
    const url = await target.freshUrl()
    const restoring = await restorer(folder, url, target.engine === 'postgres')
    const answer = await restoring.ask('database.restore', { file: 'b.db' })
    expect(answer).toMatchObject({ from: backup, counts: { item: 7, entry: 26 }, replaced: null })
    expect(answer.to).toBe(url.replace(':test@', '@'))
    expect(readFileSync(backup).equals(bytes)).toBe(true)
    expect(await namesIn(folder)).toEqual(['b.db'])
    const there = environmentOf(await openTest(url, { create: false }))
    expect(await exported(there.database)).toBe(text)
    expect((await there.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
    expect((await there.ask('item.search', { words: 'heron' })).items).toMatchObject([{ id: 4 }])
    expect(await there.ask('item.create', { title: 'next' })).toMatchObject({ id: 10 })
    expect((await there.ask('item.show', { id: 7 })).health?.approved).toBe(true)
  })
})

describe.each(engines)('restoring to $engine', (engine) => {
  /** A backup with one item, and a full pipeline at the place. */
  async function full() {
    const { url, folder, env, text } = await stocked(engine)
    const other = environmentOf(await sqlite.freshDatabase(), { files: filesIn(folder) })
    await other.ask('item.create', { title: 'from the backup' })
    await other.ask('database.backup', { file: 'b.db' })
    return { url, folder, env, text, backup: await exported(other.database) }
  }

  /** As exports say it, but for the highest ids, which a replaced pipeline keeps. */
  const rows = (text: string) => text.split('\n').slice(1)

  test('an empty pipeline is filled, and nothing is kept', async () => {
    const { folder, backup } = await full()
    const url = await engine.freshUrl()
    await (await openTest(url)).close()
    const restoring = await restorer(folder, url, true)
    expect(await restoring.ask('database.restore', { file: 'b.db' })).toMatchObject({ replaced: null })
    expect(await at(url)).toBe(backup)
  })

  test('a full one is left as it is without replace, also by a dry run with it', async () => {
    const { url, folder, env, text } = await full()
    await expect(env.ask('database.restore', { file: 'b.db' })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/^there is a pipeline at .*: 7 items with 26 log entries$/),
    })
    env.dryRun = true
    const answer = await env.ask('database.restore', { file: 'b.db', replace: true })
    expect(answer).toMatchObject({ counts: { item: 1 }, replaced: expect.stringContaining('before-restore') })
    expect(existsSync(answer.replaced!)).toBe(false)
    expect(await at(url)).toBe(text)
    expect(await namesIn(folder)).toEqual(['b.db'])
  })

  test('replaced, what was there is kept in a sound backup, that brings it back in turn', async () => {
    const { url, env, text, backup } = await full()
    const { replaced, counts } = await env.ask('database.restore', { file: 'b.db', replace: true })
    expect(counts.item).toBe(1)
    expect(rows(await at(url))).toEqual(rows(backup))
    expect(await at(replaced!)).toBe(text)
    // At the same instant: its name is another one.
    const again = await env.ask('database.restore', { file: replaced!, replace: true })
    expect(again.replaced).not.toBe(replaced)
    expect(await at(url)).toBe(text)
    expect(rows(await at(again.replaced!))).toEqual(rows(backup))
    expect((await env.ask('doctor', {})).healthy).toBe(true)
    expect(await env.ask('item.create', { title: 'next' })).toMatchObject({ id: 10 })
  })

  const spoilt: [string, (file: string) => unknown, string, RegExp][] = [
    ['that is not there', () => undefined, 'not-found', /^there is no file .*x\.db$/],
    ['that is empty', (file) => writeFileSync(file, ''), 'invalid', /^there is no pipeline in .*x\.db$/],
    [
      'that is a text',
      (file) => writeFileSync(file, 'words '.repeat(999)),
      'invalid',
      /x\.db is not a SQLite database/,
    ],
    [
      'of an export',
      async (file) => writeFileSync(file, await exported(await sqlite.freshDatabase())),
      'invalid',
      /x\.db is not a SQLite/,
    ],
    ['that is a folder', (file) => mkdirSync(file), 'invalid', /x\.db is a folder$/],
    ['that is damaged', damaged, 'unavailable', /x\.db is damaged/],
    ['of another program', withMemory, 'invalid', /^there is no pipeline in .*x\.db$/],
    ['of the predecessor', predecessor, 'invalid', /x\.db is a database of the predecessor$/],
    ['of a newer version', newer, 'invalid', /x\.db was written by a newer Throughline/],
  ]

  test.each(spoilt)('a file %s is refused, and changes nothing', async (_, make, kind, message) => {
    const { url, folder, env, text } = await stocked(engine, oneItem)
    const file = join(folder, 'x.db')
    await make(file)
    const content = () =>
      statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined
    const bytes = content()
    const names = async () => (await namesIn(folder)).filter((name) => !/-(wal|shm)$/.test(name))
    const before = await names()
    const refused = { kind, message: expect.stringMatching(message) }
    await expect(env.ask('database.restore', { file, replace: true })).rejects.toMatchObject(refused)
    expect(await at(url)).toBe(text)
    const nowhere = await engine.freshUrl()
    const restoring = await restorer(folder, nowhere, engine.engine === 'postgres')
    await expect(restoring.ask('database.restore', { file })).rejects.toMatchObject(refused)
    await expect(openTest(nowhere, { create: false })).rejects.toMatchObject({ kind: 'not-found' })
    expect(content()).toEqual(bytes)
    expect(await names()).toEqual(before)
  })
})

async function damaged(file: string): Promise<void> {
  const { env } = await stocked(sqlite, oneItem)
  await env.ask('database.backup', { file })
  const bytes = readFileSync(file)
  bytes.fill(0x55, 4096 * 2)
  writeFileSync(file, bytes)
}

function predecessor(file: string): void {
  const connection = connect(file)
  connection.exec(readFileSync(join(project, 'test/fixtures/legacy-v2.sql'), 'utf8'))
  connection.close()
}

async function newer(file: string): Promise<void> {
  await (await openTest(file)).close()
  const connection = connect(file)
  connection.exec("INSERT INTO pipeline_migrations VALUES (9999, 'later', '2030-01-01T00:00:00.000Z')")
  connection.close()
}

describe('a backup', () => {
  test('of an older schema is brought up on the way, and stays as it is itself', async () => {
    const folder = await freshFolder()
    const [file, url] = [join(folder, 'old.db'), join(folder, 'new.db')]
    await (await openTest(file, { migrations: migrations.slice(0, 1) })).close()
    const connection = connect(file)
    // All of it in the file: what is left in the journal would come there at any moment.
    connection.exec(
      "INSERT INTO pipeline (title, stage) VALUES ('old', 'qa'); PRAGMA wal_checkpoint(TRUNCATE)",
    )
    connection.close()
    const bytes = readFileSync(file)
    const fresh = await restorer(folder, url, false)
    expect(await fresh.ask('database.restore', { file })).toMatchObject({ counts: { item: 1 } })
    const { env } = await stocked(sqlite)
    await env.ask('database.restore', { file, replace: true })
    for (const database of [await openTest(url, { create: false }), env.database]) {
      const there = environmentOf(database)
      expect(await there.ask('item.list', {})).toMatchObject({ items: [{ title: 'old', stage: 'qa' }] })
      expect((await there.ask('doctor', {})).findings.find(({ name }) => name === 'counts')?.ok).toBe(true)
    }
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('has other programs’ tables too; over a pipeline only that is replaced', async () => {
    const { url, folder, env } = await stocked(sqlite)
    await env.ask('database.backup', { file: 'without.db' })
    withMemory(url)
    await env.ask('database.backup', { file: 'with.db' })
    const elsewhere = join(folder, 'new.db')
    await (await restorer(folder, elsewhere, false)).ask('database.restore', { file: 'with.db' })
    expect(memoryIn(elsewhere)).toEqual([{ content: 'kept' }])
    const { replaced } = await env.ask('database.restore', { file: 'without.db', replace: true })
    expect(memoryIn(url)).toEqual([{ content: 'kept' }])
    expect(memoryIn(replaced!)).toEqual([{ content: 'kept' }])
  })

  test('comes to a folder that is made for it, ready for readers and writers at once', async () => {
    const { folder, env } = await stocked(sqlite)
    await env.ask('database.backup', { file: 'b.db' })
    const url = join(folder, '.pipeline', 'pipeline.db')
    await (await restorer(folder, url, false)).ask('database.restore', { file: 'b.db' })
    const connection = connect(url, { readOnly: true })
    expect(connection.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    connection.close()
    expect(await namesIn(folder)).toEqual(['.pipeline', 'b.db'])
  })

  test('does not come beside the journal of a file that is gone', async () => {
    const { folder, env } = await stocked(sqlite)
    await env.ask('database.backup', { file: 'b.db' })
    const url = join(folder, 'gone.db')
    writeFileSync(`${url}-wal`, 'its last changes')
    await expect(
      (await restorer(folder, url, false)).ask('database.restore', { file: 'b.db' }),
    ).rejects.toMatchObject({
      kind: 'conflict',
      message: `${url}-wal is left of a database that is gone`,
    })
    expect(await namesIn(folder)).toEqual(['b.db', 'gone.db-wal'])
  })

  test.each(engines)(
    'of $engine is not made over something, in no folder, nor by a dry run',
    async (engine) => {
      const { folder, env } = await stocked(engine)
      writeFileSync(join(folder, 'mine'), 'mine')
      await expect(env.ask('database.backup', { file: 'mine' })).rejects.toMatchObject({ kind: 'conflict' })
      await expect(env.ask('database.backup', { file: 'none/b.db' })).rejects.toMatchObject({
        kind: 'invalid',
        message: `there is no folder ${join(folder, 'none')}`,
      })
      env.dryRun = true
      expect(await env.ask('database.backup', { file: 'b.db' })).toMatchObject({ items: 7, checked: false })
      for (const [file, message] of [
        ['-', /^a backup is a file of its own/],
        ['new/', /^new\/ names a folder/],
      ] as const)
        await expect(env.ask('database.backup', { file })).rejects.toMatchObject({
          kind: 'invalid',
          message: expect.stringMatching(message),
        })
      expect(await namesIn(folder)).toEqual(['mine'])
      expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine')
    },
  )
})
