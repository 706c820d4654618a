/** Snapshots of SQLite files, and new files altogether: whole under their name, or not there. */

import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { removeUnfinished, whenBegun, writeNew } from '../../src/store/new-file.ts'
import { type Connection, connect } from '../../src/store/sqlite-driver.ts'
import { requireSound, snapshotFile } from '../../src/store/sqlite-file.ts'
import { atEnd } from '../helpers/engines.ts'
import { freshFolder, namesIn } from '../helpers/files.ts'

function opened(file: string, text = ''): Connection {
  const connection = connect(file)
  atEnd(async () => connection.close())
  connection.exec(text)
  return connection
}

/** Things with an index, over some hundred pages. */
const things = `PRAGMA journal_mode = WAL; PRAGMA user_version = 7;
  CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, raw BLOB);
  CREATE INDEX by_name ON things (name);
  CREATE TRIGGER trim AFTER INSERT ON things BEGIN UPDATE things SET name = trim(name) WHERE id = NEW.id; END;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
  INSERT INTO things (name, raw) SELECT 'thing ' || i || hex(randomblob(300)), x'00ff' FROM n`

async function stocked() {
  const folder = await freshFolder()
  const source = join(folder, 'source.db')
  const connection = connect(source)
  connection.exec(things)
  connection.close()
  return { folder, source, target: join(folder, 'target.db') }
}

const names = (file: string): unknown[] =>
  (opened(file).prepare('SELECT name FROM things ORDER BY id').all() as { name: string }[]).map(
    ({ name }) => name,
  )

/** Zeros over a page in the middle, as a bad disk leaves them. */
function damage(file: string): void {
  const bytes = readFileSync(file)
  bytes.fill(0x55, 40 * 4096, 60 * 4096)
  writeFileSync(file, bytes)
}

describe('a snapshot', () => {
  test('has all that the file has, other programs’ tables, triggers and versions too', async () => {
    const { source, target } = await stocked()
    await snapshotFile(source, target)
    expect(names(target)).toEqual(names(source))
    const copy = opened(target, "INSERT INTO things (name) VALUES ('  spaces ')")
    expect(copy.prepare('SELECT name FROM things WHERE id = 501').get()).toMatchObject({ name: 'spaces' })
    expect(copy.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 7 })
    expect(copy.prepare('SELECT hex(raw) AS raw FROM things WHERE id = 1').get()).toMatchObject({
      raw: '00FF',
    })
  })

  test('has what is committed, in the journal still too, and nothing that is not', async () => {
    const { source, target } = await stocked()
    const writer = opened(
      source,
      "UPDATE things SET name = 'committed'; BEGIN IMMEDIATE; UPDATE things SET name = 'open'",
    )
    await snapshotFile(source, target)
    writer.exec('COMMIT')
    expect(new Set(names(target))).toEqual(new Set(['committed']))
    expect(new Set(names(source))).toEqual(new Set(['open']))
  })

  test('leaves the file that it is taken from as it is, and nothing beside the two', async () => {
    const { folder, source, target } = await stocked()
    const before = readFileSync(source)
    await snapshotFile(source, target)
    expect(readFileSync(source).equals(before)).toBe(true)
    expect((await namesIn(folder)).filter((name) => !/-(wal|shm)$/.test(name))).toEqual([
      'source.db',
      'target.db',
    ])
  })

  test('never takes the place of something, be it a link that leads nowhere', async () => {
    const { folder, source } = await stocked()
    writeFileSync(join(folder, 'mine'), 'mine')
    symlinkSync(join(folder, 'gone'), join(folder, 'link'))
    for (const name of ['mine', 'link'])
      await expect(snapshotFile(source, join(folder, name))).rejects.toMatchObject({
        kind: 'conflict',
        message: `there is something at ${join(folder, name)} already`,
      })
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine')
    expect(await namesIn(folder)).toEqual(expect.arrayContaining(['link', 'mine']))
    expect(await namesIn(folder)).not.toContain('gone')
  })

  test.each(['-wal', '-journal'])('does not stand beside a %s that an older file left', async (end) => {
    const { source, target } = await stocked()
    writeFileSync(`${target}${end}`, 'the last changes of a file that is gone')
    await expect(snapshotFile(source, target)).rejects.toMatchObject({
      kind: 'conflict',
      message: `${target}${end} is left of a database that is gone`,
      hint: expect.stringContaining('move it elsewhere'),
    })
    expect(readFileSync(`${target}${end}`, 'utf8')).toBe('the last changes of a file that is gone')
  })

  test('leaves files alone that have its name and more', async () => {
    const { folder, source, target } = await stocked()
    writeFileSync(`${target}.part`, 'a download')
    await snapshotFile(source, target)
    expect(readFileSync(`${target}.part`, 'utf8')).toBe('a download')
    expect(await namesIn(folder)).toEqual(expect.arrayContaining(['target.db', 'target.db.part']))
  })

  test.each<[string, (source: string) => void, RegExp]>([
    ['damaged', damage, /source\.db is damaged/],
    [
      'no database',
      (source) => writeFileSync(source, 'words '.repeat(1000)),
      /source\.db is not a SQLite database/,
    ],
  ])('of a file that is %s is none, and the error names that file', async (_, spoil, message) => {
    const { folder, source, target } = await stocked()
    spoil(source)
    await expect(snapshotFile(source, target)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(message),
    })
    expect((await namesIn(folder)).filter((name) => !name.startsWith('source'))).toEqual([])
  })

  test('of no file, or in no folder, is none', async () => {
    const { folder, source, target } = await stocked()
    await expect(snapshotFile(join(folder, 'none.db'), target)).rejects.toMatchObject({ kind: 'not-found' })
    await expect(snapshotFile(source, join(folder, 'none', 'target.db'))).rejects.toMatchObject({
      kind: 'invalid',
      message: `there is no folder ${join(folder, 'none')}`,
    })
    expect((await namesIn(folder)).filter((name) => !name.startsWith('source'))).toEqual([])
  })

  test('gets no name before it was examined', async () => {
    const { folder, source, target } = await stocked()
    const seen: unknown[][] = []
    const examined = snapshotFile(source, target, async (copy) => {
      seen.push(names(copy), await namesIn(folder))
      throw new Error('something is missing')
    })
    await expect(examined).rejects.toThrow('something is missing')
    expect(seen[0]).toHaveLength(500)
    expect(seen[1]).not.toContain('target.db')
    expect((await namesIn(folder)).filter((name) => !name.startsWith('source'))).toEqual([])
  })

  test.each([
    [0o600, 0o600],
    [0o644, 0o644],
    [0o444, 0o644],
  ])('of a file with mode %o has mode %o: nobody else sees more', async (mode, expected) => {
    const { source, target } = await stocked()
    chmodSync(source, mode)
    await snapshotFile(source, target)
    expect(statSync(target).mode & 0o777).toBe(expected)
  })

  test('has a quote in its name as it is', async () => {
    const { folder, source } = await stocked()
    const target = join(folder, "it's 100 %.db")
    await snapshotFile(source, target)
    expect(names(target)).toHaveLength(500)
  })
})

test('a damaged file is not sound, and what SQLite found is told', async () => {
  const { source } = await stocked()
  expect(() => requireSound(source)).not.toThrow()
  damage(source)
  expect(() => requireSound(source)).toThrow(/is damaged/)
})

describe('a new file', () => {
  test('has all that was written, part by part', async () => {
    const file = join(await freshFolder(), 'new')
    const written = await writeNew(file, async (add) => {
      for (const part of ['one\n', 'two\n', 'né́\n']) add(part)
      return 3
    })
    expect(written).toBe(3)
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nné́\n')
  })

  test('is not there when the writing fails, nor half of it', async () => {
    const folder = await freshFolder()
    const writing = writeNew(join(folder, 'new'), async (add) => {
      add('half of ')
      throw new Error('the line went dead')
    })
    await expect(writing).rejects.toThrow('the line went dead')
    expect(await namesIn(folder)).toEqual([])
  })

  test('does not take the place of one that came meanwhile', async () => {
    const folder = await freshFolder()
    const file = join(folder, 'new')
    const writing = writeNew(file, async (add) => {
      add('ours')
      writeFileSync(file, 'theirs')
    })
    await expect(writing).rejects.toMatchObject({ kind: 'conflict' })
    expect(readFileSync(file, 'utf8')).toBe('theirs')
    expect(await namesIn(folder)).toEqual(['new'])
  })

  test('is made beside what a killed process left: that goes when it is a day old, and certainly ours', async () => {
    const folder = await freshFolder()
    const make = (name: string, part: string, days: number) => {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, part), 'x')
      const at = new Date(Date.now() - days * 86_400_000)
      utimesSync(join(folder, name), at, at)
    }
    make('.pipeline-abc123', 'pipeline.db', 2)
    make('.pipeline-abc124', 'pipeline.db-wal', 2)
    make('.pipeline-new000', 'pipeline.db', 0.5)
    make('.pipeline-abc125', 'letters.txt', 2)
    make('.pipeline-longer1', 'pipeline.db', 2)
    make('pipeline-abc126', 'pipeline.db', 2)
    await writeNew(join(folder, 'new'), async (add) => add('x'))
    expect(await namesIn(folder)).toEqual(
      ['.pipeline-abc125', '.pipeline-longer1', '.pipeline-new000', 'new', 'pipeline-abc126'].sort(),
    )
  })

  test('goes, half-made, when the process is told to end', async () => {
    const folder = await freshFolder()
    let begun = 0
    whenBegun(() => begun++)
    await writeNew(join(folder, 'new'), async (add) => {
      add('half of ')
      expect(await namesIn(folder)).toHaveLength(1)
      removeUnfinished()
      expect(await namesIn(folder)).toEqual([])
    }).catch(() => undefined)
    whenBegun(() => undefined)
    expect(begun).toBe(1)
  })
})
