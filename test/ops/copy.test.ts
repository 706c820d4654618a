import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { engines, openTest, type TestEngine } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'
import { exported, filesIn, freshFolder, imported, namesIn } from '../helpers/files.ts'
import { richPipeline } from '../helpers/rich-pipeline.ts'

const [sqlite] = engines as [TestEngine, TestEngine]

const oneItem = (database: Database) => environmentOf(database).ask('item.create', { title: 'one' })

/** A pipeline as a command finds it: written and closed before, and opened to be read. */
async function sourceOn(
  { engine, freshUrl }: TestEngine,
  stock: (database: Database) => unknown = richPipeline,
) {
  const url = await freshUrl()
  const database = await openTest(url)
  await stock(database)
  await database.close()
  const bytes = () => (engine === 'sqlite' ? readFileSync(url) : Buffer.from(''))
  const folder = await freshFolder()
  const env = environmentOf(await openTest(url), { files: filesIn(folder) })
  return { url, bytes, folder, env, text: await exported(env.database) }
}

const ways = engines.flatMap((from) =>
  engines.map((to) => ({ from: from.engine, to: to.engine, source: from, target: to })),
)

describe.each(ways)('a copy from $from to $to', ({ source, target }) => {
  test('is the same pipeline, healthy and searchable, and the source is byte for byte what it was', async () => {
    const { env, bytes, text } = await sourceOn(source)
    const before = bytes()
    const to = await target.freshUrl()
    const answer = await env.ask('database.copy', { to })
    expect(answer.counts).toMatchObject({ item: 7, entry: 26, run: 5, incident: 1 })
    expect(bytes().equals(before)).toBe(true)
    const there = environmentOf(await openTest(to, { create: false }))
    expect(await exported(there.database)).toBe(text)
    expect((await there.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
    expect((await there.ask('item.search', { words: 'heron' })).items).toMatchObject([{ id: 4 }])
    expect(await there.ask('item.create', { title: 'next' })).toMatchObject({ id: 10 })
  })

  test('is refused where there is something already, which stays', async () => {
    const { env } = await sourceOn(source, oneItem)
    const to = await target.freshUrl()
    const there = environmentOf(await openTest(to))
    await there.ask('item.create', { title: 'mine' })
    const before = await exported(there.database)
    await expect(env.ask('database.copy', { to })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await exported(there.database)).toBe(before)
  })

  test('is not made by a dry run, which says what would be copied and where to', async () => {
    const { env, folder } = await sourceOn(source, oneItem)
    env.dryRun = true
    const to = await target.freshUrl()
    const answer = await env.ask('database.copy', { to })
    expect(answer).toMatchObject({ counts: { item: 1 } })
    expect(answer.to).toContain(basename(new URL(to, 'file://').pathname))
    await expect(openTest(to, { create: false })).rejects.toMatchObject({ kind: 'not-found' })
    if (target.engine === 'sqlite') expect(await namesIn(dirname(to))).toEqual([])
    expect(await namesIn(folder)).toEqual([])
  })

  test('that fails leaves nothing at its place, nor beside it', async () => {
    const { env } = await sourceOn(source, oneItem)
    const to = await target.freshUrl()
    const files = filesIn('/', {
      progress: () => {
        throw new Error('in the middle')
      },
    })
    await expect(env.as('human:max', { files }).ask('database.copy', { to })).rejects.toThrow('in the middle')
    if (target.engine === 'sqlite') expect(await namesIn(dirname(to))).toEqual([])
    else expect(await exported(await openTest(to))).toContain('"item":0')
  })
})

/** A file of another program. */
async function withMemory(file: string) {
  const connection = connect(file)
  connection.exec("CREATE TABLE memory (content TEXT); INSERT INTO memory VALUES ('kept')")
  connection.close()
  const memory = () => {
    const again = connect(file, { readOnly: true })
    const rows = again.prepare('SELECT content FROM memory').all()
    again.close()
    return rows
  }
  return { bytes: () => readFileSync(file), memory }
}

describe('values that only SQLite’s own shell writes', () => {
  const spoil = (url: string) => {
    const shell = connect(url)
    shell.exec(`PRAGMA foreign_keys = OFF;
      UPDATE pipeline SET created_at = 'yesterday' WHERE id = 1;
      UPDATE pipeline SET description = 'cut' || char(0) || 'off' WHERE id = 3;
      UPDATE pipeline SET spec = CAST(x'61ff62' AS TEXT) WHERE id = 4;
      UPDATE pipeline SET branch = 'a \ufffd of its own' WHERE id = 5;
      INSERT INTO pipeline_labels (item_id, label) VALUES (99, 'of no item')`)
    shell.close()
  }
  const told = [
    expect.stringMatching(/item 1: createdAt is no time: "yesterday"$/),
    expect.stringMatching(/item 3: description has NUL; it ends there$/),
    expect.stringMatching(/item 4: spec is not UTF-8; what is none became U\+FFFD$/),
    expect.stringMatching(
      /label 99\/of no item: itemId leads to item 99, which is not there; the row is left out$/,
    ),
  ]

  async function spoilt() {
    const { url, folder } = await sourceOn(sqlite)
    spoil(url)
    const location = { url, exists: true }
    return environmentOf(await openTest(url), { files: filesIn(folder, { location }) })
  }

  test.each(engines)('are named by a copy to $engine, which takes the nearest', async ({ freshUrl }) => {
    const env = await spoilt()
    const to = await freshUrl()
    const { warnings } = await env.answer('database.copy', { to })
    expect(warnings).toEqual(told)
    const there = environmentOf(await openTest(to))
    expect(await there.ask('item.show', { id: 3 })).toMatchObject({ description: 'cut' })
    expect((await there.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
  })

  test('are named by an export, which imports', async () => {
    const env = await spoilt()
    const { warnings } = await env.answer('database.export', { file: 'e.jsonl' })
    expect(warnings).toEqual(told)
    const text = await exported(env.database)
    const other = await sqlite.freshDatabase()
    await imported(other, text)
    expect(await exported(other)).toBe(text)
  })

  test('do not hinder a restore over a pipeline', async () => {
    const env = await spoilt()
    await env.ask('database.backup', { file: 'b.db' })
    const { data, warnings } = await env.answer('database.restore', { file: 'b.db', replace: true })
    expect(data.replaced).toContain('before-restore')
    expect(warnings).toEqual(told)
    expect((await env.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
  })

  test('are named by doctor', async () => {
    const { findings } = await (await spoilt()).ask('doctor', {})
    const { detail } = findings.find(({ name }) => name === 'values')!
    for (const each of [
      'item 1: createdAt is no time',
      'item 3: description has NUL',
      'item 4: spec is not UTF-8',
    ])
      expect(detail).toContain(each)
  })
})

describe('a copy to a file', () => {
  test('goes beside what other programs have there, and a dry run only looks', async () => {
    const { env, folder, text } = await sourceOn(sqlite)
    const theirs = await withMemory(join(folder, 'shared.db'))
    const before = theirs.bytes()
    env.dryRun = true
    await env.ask('database.copy', { to: 'shared.db' })
    expect(theirs.bytes().equals(before)).toBe(true)
    env.dryRun = false
    await env.ask('database.copy', { to: 'shared.db' })
    expect(theirs.memory()).toEqual([{ content: 'kept' }])
    expect(await exported(await openTest(join(folder, 'shared.db'), { create: false }))).toBe(text)
  })

  test('of two at once there is one, whole, and the other is told', async () => {
    const { env, folder, text } = await sourceOn(sqlite)
    const ended = await Promise.allSettled([1, 2].map(() => env.ask('database.copy', { to: 'new.db' })))
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(ended.find((each) => each.status === 'rejected')?.reason).toMatchObject({ kind: 'conflict' })
    expect(await exported(await openTest(join(folder, 'new.db'), { create: false }))).toBe(text)
    expect((await namesIn(folder)).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(['new.db'])
  })

  test.each([
    ['a folder that is not there', 'none/new.db', 'invalid', /there is no folder .*none$/],
    ['a server of another kind', 'mysql://root@localhost/work', 'invalid', /^not a database: mysql:/],
    ['a text', 'notes.txt', 'unavailable', /notes\.txt is not a SQLite database/],
  ])('in %s is refused', async (_, to, kind, message) => {
    const { env, folder } = await sourceOn(sqlite)
    writeFileSync(join(folder, 'notes.txt'), 'words '.repeat(1000))
    await expect(env.ask('database.copy', { to })).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
    })
    expect(await namesIn(folder)).toEqual(['notes.txt'])
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('words '.repeat(1000))
  })

  test('says nothing of a password', async () => {
    const [, postgres] = engines as [TestEngine, TestEngine]
    const { env } = await sourceOn(sqlite)
    const to = await postgres.freshUrl()
    for (const dryRun of [true, false]) {
      env.dryRun = dryRun
      const answer = await env.ask('database.copy', { to })
      expect(answer.to).toBe(to.replace(':test@', '@'))
    }
  })
})
