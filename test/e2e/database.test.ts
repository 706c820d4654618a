import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, freshPlace, type Place, project, run, sure } from '../helpers/cli.ts'

/** The test's own hand on a file: what runs here, whichever driver that is. */
const { DatabaseSync } = createRequire(import.meta.url)(
  process.versions.node.startsWith('20.') ? '@photostructure/sqlite' : 'node:sqlite',
)

const nobody = 65534
const asRoot = process.getuid?.() === 0

const at = (place: Place, name: string): string => join(place.cwd, name)

function load(file: string, fixture: string): void {
  const database = new DatabaseSync(file)
  database.exec(readFileSync(join(project, 'test/fixtures', fixture), 'utf8'))
  database.close()
}

describe.each(['legacy-v2.sql', 'legacy-v3.sql'])("the predecessor's file, %s", (fixture) => {
  test.each([['list'], ['board'], ['create', 'New'], ['move', '12', 'qa'], ['doctor'], ['init']])(
    'is refused by %s, which names the upgrade, and stays as it is',
    async (...words) => {
      const place = await freshPlace()
      const file = at(place, 'legacy.db')
      load(file, fixture)
      const before = readFileSync(file)
      const ran = await cli(place)(['--db', file, ...words])
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toContain(`pipeline upgrade ${file}`)
      expect(readFileSync(file).equals(before)).toBe(true)
    },
  )
})

test('a file of other tools gets a pipeline beside their tables, which stay', async () => {
  const place = await freshPlace()
  const file = at(place, 'shared.db')
  const theirs = new DatabaseSync(file)
  theirs.exec(
    "CREATE TABLE memory (id INTEGER PRIMARY KEY, content TEXT); INSERT INTO memory VALUES (1, 'kept'); PRAGMA user_version = 7",
  )
  theirs.close()
  await sure(place)(['--db', file, 'create', 'Beside'])
  const again = new DatabaseSync(file)
  expect(again.prepare('SELECT content FROM memory').get()).toMatchObject({ content: 'kept' })
  expect(again.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 7 })
  again.close()
})

test('a file that is no database is refused, and stays as it is', async () => {
  const place = await freshPlace()
  const file = at(place, 'notes.txt')
  writeFileSync(file, 'not a database, but somebody needs it\n'.repeat(100))
  for (const words of [['list'], ['create', 'New']]) {
    const ran = await cli(place)(['--db', file, ...words])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^error: .*(not a SQLite database|damaged)/)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
  }
  const examined = await cli(place)(['--db', file, 'doctor'])
  expect(examined).toMatchObject({ code: 1, stderr: '' })
  expect(examined.stdout).toMatch(
    /^✖ integrity .*notes\.txt is damaged: page 1: its head is not that of a SQLite file/,
  )
  expect(readFileSync(file, 'utf8')).toBe('not a database, but somebody needs it\n'.repeat(100))
})

test('a newer schema is refused with a way on', async () => {
  const place = await freshPlace()
  const file = at(place, 'newer.db')
  await sure(place)(['--db', file, 'init'])
  const database = new DatabaseSync(file)
  database.exec(
    "INSERT INTO pipeline_migrations (id, name, applied_at) VALUES (9999, 'later', '2030-01-01T00:00:00.000Z')",
  )
  database.close()
  const ran = await cli(place)(['--db', file, 'list'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toContain('newer')
})

test('doctor finds a damaged page, changes nothing and suggests nothing that destroys', async () => {
  const place = await freshPlace()
  const file = at(place, 'damaged.db')
  await sure(place)(['--db', file, 'demo'])
  const bytes = statSync(file).size
  const handle = openSync(file, 'r+')
  for (let page = 3; page * 4096 < bytes - 4096; page += 1)
    writeSync(handle, 'damage'.repeat(80), page * 4096)
  closeSync(handle)
  const before = readFileSync(file)
  const ran = await cli(place)(['--db', file, 'doctor'])
  expect(ran.code).toBe(1)
  expect(ran.stdout + ran.stderr).toMatch(/damaged|malformed|corrupt|integrity/)
  expect(ran.stdout + ran.stderr).not.toMatch(/\b(delete|rm|drop|remove)\b/)
  expect(readFileSync(file).equals(before)).toBe(true)
})

test.runIf(asRoot)(
  'a folder that may only be read can be read, and a write says why it can not',
  async () => {
    const place = await freshPlace()
    const folder = at(place, 'shelf')
    mkdirSync(folder)
    const file = join(folder, 'pipeline.db')
    await sure(place)(['--db', file, 'create', 'On the shelf'])
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    chmodSync(join(place.cwd, '..'), 0o755)
    const read = await cli(place)(['--db', file, 'list'], { uid: nobody })
    expect(read.stderr).toBe('')
    expect(read.stdout).toContain('On the shelf')
    const write = await cli(place)(['--db', file, '--as', 'agent:a', 'create', 'More'], { uid: nobody })
    expect(write).toMatchObject({ code: 1, stdout: '' })
    expect(write.stderr).toMatch(/^error: .*(read-only|read only|can't|cannot)/i)
    chmodSync(folder, 0o755)
  },
)

test('a full disk is told, and what was stored before is there', async () => {
  const place = await freshPlace()
  const file = at(place, 'full.db')
  await sure(place)(['--db', file, 'create', 'Before'])
  const kib = Math.ceil(statSync(file).size / 1024) + 8
  const text = 'x'.repeat(400_000)
  writeFileSync(at(place, 'spec.md'), text)
  const line = `ulimit -f ${kib}; trap '' XFSZ; exec "$@"`
  const words = [
    process.execPath,
    join(project, 'tools/db.js'),
    'pipeline',
    '--db',
    file,
    'create',
    'Too much',
    '--spec',
    'spec.md',
  ]
  const ran = await run(place, ['bash', '-c', line, 'bash', ...words])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(/^error: /)
  expect(ran.stdout).toBe('')
  const list = await sure(place)(['--db', file, 'list', '--json'])
  expect(list.json().items.map((item: { title: string }) => item.title)).toEqual(['Before'])
  expect((await cli(place)(['--db', file, 'doctor'])).code).toBe(0)
})

test('a lock that another process holds for a while is waited for', async () => {
  const place = await freshPlace()
  const file = at(place, 'locked.db')
  await sure(place)(['--db', file, 'create', 'First'])
  const holder = new DatabaseSync(file)
  holder.exec('BEGIN IMMEDIATE')
  const waiting = cli(place)(['--db', file, 'create', 'Second', '--json'])
  const reads = await cli(place)(['--db', file, 'list'])
  expect(reads).toMatchObject({ code: 0, stderr: '' })
  holder.exec('COMMIT')
  holder.close()
  expect((await waiting).json().id).toBe(2)
})

test('two processes that make one database at the same time both succeed', async () => {
  const place = await freshPlace()
  const file = at(place, 'both.db')
  const made = await Promise.all(
    [1, 2, 3, 4].map((n) => cli(place)(['--db', file, 'create', `Item ${n}`, '--quiet'])),
  )
  expect(made.map((ran) => ran.code)).toEqual([0, 0, 0, 0])
  expect(made.map((ran) => ran.stdout.trim()).sort()).toEqual(['1', '2', '3', '4'])
})

test('without a built dist the door says how to build it', async () => {
  const place = await freshPlace()
  const tools = at(place, 'tools')
  mkdirSync(tools)
  writeFileSync(join(tools, 'db.cjs'), readFileSync(join(project, 'tools/db.js')))
  const ran = await run(place, [process.execPath, join(tools, 'db.cjs'), 'pipeline', 'list'])
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toContain('npm ci')
})

test.each([
  ['a spoilt header', (bytes: Buffer) => bytes.fill('garbage ', 0, 100)],
  ['half of it gone', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2 / 4096) * 4096 + 100)],
])('a pipeline with %s is told as damaged by every command, and is not touched', async (_, spoil) => {
  const place = await freshPlace()
  const file = at(place, 'spoilt.db')
  await sure(place)(['--db', file, 'demo'])
  const spoilt = spoil(readFileSync(file))
  writeFileSync(file, spoilt)
  for (const words of [['board'], ['create', 'New'], ['move', '1', 'live'], ['doctor']]) {
    const ran = await cli(place)(['--db', file, ...words])
    expect({ words, code: ran.code }).toEqual({ words, code: 1 })
    expect(ran.stdout + ran.stderr).toMatch(/damaged|malformed|not a database/)
    expect(ran.stderr).not.toMatch(/\n\s+at |fault of Throughline/)
  }
  expect(readFileSync(file).equals(spoilt)).toBe(true)
})

test('an empty file is no pipeline yet, and a folder is none at all', async () => {
  const place = await freshPlace()
  const file = at(place, 'empty.db')
  writeFileSync(file, '')
  const read = await cli(place)(['--db', file, 'list'])
  expect(read).toMatchObject({ code: 0, stderr: expect.stringMatching(/^there is no pipeline yet/) })
  expect(statSync(file).size).toBe(0)
  await sure(place)(['--db', file, 'create', 'First'])
  for (const words of [['list'], ['create', 'New']]) {
    const ran = await cli(place)(['--db', place.cwd, ...words])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^error: .* (cannot be opened|is a folder)/)
  }
})

test('a PostgreSQL that is not there is told without its password', async () => {
  const place = await freshPlace()
  for (const words of [['list'], ['create', 'New'], ['doctor'], ['list', '--json']]) {
    const ran = await cli(place)(['--db', 'postgres://max:secret@127.0.0.1:1/x', ...words])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('127.0.0.1')
    expect(ran.stderr).not.toContain('secret')
  }
})
