/** The upgrade of a file as the store does it: all of it or nothing, whoever is in the way. */

import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { LegacyFacts, LegacyRow, LegacyStep, MadeRow } from '../../src/domain/legacy-rows.ts'
import { type LegacyReport, legacyConverter } from '../../src/formats/legacy.ts'
import { type Connection, connect } from '../../src/store/sqlite-driver.ts'
import { type UpgradeOptions, upgradeFile } from '../../src/store/upgrade.ts'
import { backupsOf, contentOf, legacyFile, thousand } from '../e2e/legacy-file.ts'
import { freshPlace } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'

const before = vi.hoisted(() => ({ exec: (_text: string): void => {} }))

vi.mock('../../src/store/sqlite-driver.ts', async (original) => {
  const driver = await original<typeof import('../../src/store/sqlite-driver.ts')>()
  const connect = (...given: Parameters<typeof driver.connect>): Connection => {
    const connection = driver.connect(...given)
    return {
      get isTransaction() {
        return connection.isTransaction
      },
      prepare: (text) => connection.prepare(text),
      exec: (text) => {
        before.exec(text)
        connection.exec(text)
      },
      close: () => connection.close(),
    }
  }
  return { ...driver, connect }
})

const now = '2026-03-01T12:00:00.000Z'
type Convert = UpgradeOptions<LegacyReport>['convert']

const plain: Convert = (facts) => legacyConverter(facts, now)

const upgrade = (file: string, options: Partial<UpgradeOptions<LegacyReport>> = {}) =>
  upgradeFile(file, { now, dryRun: false, busyTimeoutMs: 50, convert: plain, ...options })

const freshLegacy = async (change = ''): Promise<string> => legacyFile(await freshPlace(), 'V2', change)

/** Another program's connection. */
function other(file: string): Connection {
  const connection = connect(file)
  atEnd(async () => connection.close())
  return connection
}

const hint = expect.stringContaining('try again')
const locked = (file: string) => ({ message: `${file} is locked by another process`, hint })

interface Seen {
  facts: LegacyFacts
  rows: Record<LegacyStep['table'], LegacyRow[]>
}

/** What the conversion is handed: of a table that is read twice, what came last. */
async function seenIn(file: string): Promise<Seen> {
  let facts: LegacyFacts | undefined
  const rows = {
    pipeline: [],
    pipeline_notes: [],
    pipeline_tasks: [],
    activity: [],
    projects: [],
  } as Seen['rows']
  const watched = (step: LegacyStep): LegacyStep => ({
    ...step,
    take(page) {
      if (!step.columns) rows[step.table].push(...page)
      step.take(page)
    },
  })
  const convert: Convert = (given) => {
    facts = given
    const converter = plain(given)
    return { ...converter, steps: converter.steps.map(watched) }
  }
  await upgrade(file, { convert, dryRun: true })
  return { facts: facts!, rows }
}

const label = (itemId: number, key = itemId): MadeRow => ({
  kind: 'label',
  key,
  rank: 0,
  row: { itemId, label: 'x' },
})
/** A conversion with something wrong in it. */
const withMore =
  (...more: MadeRow[]): Convert =>
  (facts) => {
    const converter = plain(facts)
    const left = [...more]
    return { ...converter, made: () => [...converter.made(), ...left.splice(0)] }
  }
const ofNothing = withMore(label(99_999))

describe('what fails leaves the file as it was, and the next one succeeds', () => {
  test.each<[string, Convert]>([
    [
      'a conversion that throws',
      () => {
        throw new Error('no')
      },
    ],
    ['a label of an item that is not there', ofNothing],
    ['the same row twice', withMore(label(6), label(6))],
    ['rows that come back as other ones', withMore(label(7, 6), label(6, 7))],
  ])('%s', async (_what, convert) => {
    const file = await freshLegacy()
    const content = contentOf(file)
    await expect(upgrade(file, { convert })).rejects.toThrow()
    expect(contentOf(file)).toEqual(content)
    expect((await upgrade(file))?.report.items).toBe(10)
    expect(contentOf(file).rows.pipeline).toHaveLength(14)
  })
})

describe('another program', () => {
  test('that writes for too long: refused, nothing is changed, and it works afterwards', async () => {
    const file = await freshLegacy()
    const content = contentOf(file)
    const tool = other(file)
    tool.exec('BEGIN IMMEDIATE')
    await expect(upgrade(file)).rejects.toMatchObject(locked(file))
    expect(backupsOf(file)).toEqual([])
    tool.exec("INSERT INTO memory (content) VALUES ('meanwhile'); COMMIT")
    await upgrade(file)
    const memory = contentOf(file).rows.memory
    expect(memory).toEqual([...content.rows.memory!, expect.objectContaining({ content: 'meanwhile' })])
  })

  test('that writes for a moment is waited for, also by a dry run where it keeps readers out', async () => {
    for (const dryRun of [true, false]) {
      const file = await freshLegacy()
      const tool = other(file)
      tool.exec('BEGIN EXCLUSIVE')
      const upgrading = upgrade(file, { dryRun, busyTimeoutMs: 10_000 })
      await new Promise((done) => setImmediate(done))
      tool.exec('COMMIT')
      expect((await upgrading)?.backup).toBe(dryRun ? null : backupsOf(file)[0])
    }
  })

  test('that reads for too long: refused, nothing is changed', async () => {
    const file = await freshLegacy()
    const content = contentOf(file)
    const tool = other(file)
    tool.exec('BEGIN; SELECT * FROM memory')
    const reading = tool.prepare('SELECT count(*) FROM memory')
    reading.get()
    await expect(upgrade(file)).rejects.toMatchObject(locked(file))
    tool.exec('COMMIT')
    expect(contentOf(file)).toEqual(content)
  })

  test('that begins to read when all is stored: the file is upgraded, and the answer says so', async () => {
    const file = await freshLegacy()
    const tool = other(file)
    before.exec = (text) => {
      if (!text.includes('journal_mode')) return
      before.exec = () => {}
      tool.exec('BEGIN')
      tool.prepare('SELECT count(*) FROM memory').get()
    }
    expect((await upgrade(file))?.report.items).toBe(10)
    tool.exec('COMMIT')
    expect(contentOf(file).rows.pipeline).toHaveLength(14)
  })
})

test('a transaction that another program was killed in is undone, by a dry run too', async () => {
  const file = await freshLegacy(thousand)
  const content = contentOf(file)
  const tool = other(file)
  tool.exec("PRAGMA cache_size = 1; BEGIN; UPDATE pipeline SET title = 'half done'")
  const copy = await freshLegacy()
  for (const end of ['', '-journal']) copyFileSync(file + end, copy + end)
  expect(readFileSync(copy, 'latin1')).toContain('half done')
  expect((await upgrade(copy, { dryRun: true }))?.report.items).toBe(1010)
  expect(contentOf(copy)).toEqual(content)
  await upgrade(copy)
  expect(contentOf(backupsOf(copy)[0]!)).toEqual(content)
})

test('a backup never takes the place of another one', async () => {
  const file = await freshLegacy()
  const content = contentOf(file)
  for (let n = 0; n < 2; n++) await expect(upgrade(file, { convert: ofNothing })).rejects.toThrow()
  const { backup } = (await upgrade(file))!
  expect(backupsOf(file)).toHaveLength(3)
  expect(backupsOf(file)).toContain(backup)
  for (const each of backupsOf(file)) expect(contentOf(each)).toEqual(content)
})

describe('a file that is shared', () => {
  test.each([
    'CREATE TABLE pipeline_labels (a)',
    'CREATE VIEW pipeline_runs AS SELECT 1',
    'CREATE INDEX idx_pipeline_board ON memory (category)',
  ])('%s is in the way: told, and nothing is changed', async (made) => {
    const file = await freshLegacy(made)
    const content = contentOf(file)
    const [, name] = /(pipeline_\w+|idx_\w+)/.exec(made)!
    await expect(upgrade(file)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`${name} already exists`),
    })
    expect(contentOf(file)).toEqual(content)
  })

  test('references of others that lead nowhere, or nowhere that can be, are theirs', async () => {
    const file = await freshLegacy(`
      CREATE TABLE tags (project TEXT REFERENCES projects(name)); INSERT INTO tags VALUES ('Invoices');
      CREATE TABLE pipeline_metrics (item INTEGER REFERENCES pipeline(id) ON DELETE CASCADE);
      INSERT INTO pipeline_metrics VALUES (8), (999);`)
    const { rows } = contentOf(file)
    await upgrade(file)
    expect(contentOf(file).rows).toMatchObject({ tags: rows.tags, pipeline_metrics: rows.pipeline_metrics })
  })

  test('whole numbers that JavaScript does not have come as text, whoever wrote them', async () => {
    const [huge, least] = ['9007199254740993', '-9223372036854775808']
    const file = await freshLegacy(`
      UPDATE pipeline SET review_passed = ${huge} WHERE id = 8;
      INSERT INTO activity (action, session_id) VALUES ('other tool', ${least});
      UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'pipeline';`)
    const { rows: source } = await seenIn(file)
    expect(source.pipeline.find(({ id }) => id === 8)).toMatchObject({ review_passed: huge })
    expect(source.activity.at(-1)).toMatchObject({ session_id: least })
    expect((await upgrade(file))?.report.items).toBe(10)
  })

  test('rows come in the order of their ids, from a table without rowid too, and none from one that is not there', async () => {
    const file = await freshLegacy(`
      DROP TABLE projects; CREATE TABLE projects (name TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID;
      INSERT INTO projects VALUES ('a', 2), ('b', 1); DROP TABLE pipeline_tasks; DROP TABLE activity;`)
    const { rows } = await seenIn(file)
    expect(rows.projects).toEqual([
      { name: 'b', id: 1 },
      { name: 'a', id: 2 },
    ])
    expect([...rows.pipeline_tasks, ...rows.activity]).toEqual([])
    expect((await upgrade(file))?.report).toMatchObject({ projects: 2, tasks: 0, entries: 0 })
  })

  test('triggers that go with their tables are named, others stay', async () => {
    const trigger = (name: string, on: string) =>
      `CREATE TRIGGER ${name} AFTER DELETE ON ${on} BEGIN INSERT INTO memory (content) VALUES ('gone'); END;`
    const file = await freshLegacy(trigger('goes', 'pipeline_notes') + trigger('stays', 'token_usage'))
    expect((await seenIn(file)).facts.broken).toEqual([
      { what: 'trigger', name: 'goes', why: 'its table was replaced' },
    ])
    const { schema, rows } = contentOf(file)
    await upgrade(file)
    const after = contentOf(file)
    expect(after.schema['trigger stays']).toBe(schema['trigger stays'])
    expect(after.rows.memory).toEqual(rows.memory)
  })
})

describe('what fails when pages went to the file already', () => {
  /** The disk fails at the end of the transaction, and SQLite leaves the undoing to whoever reads next. */
  async function failing(): Promise<{ file: string; bytes: Buffer; upgrading: Promise<unknown> }> {
    const file = await freshLegacy(thousand)
    const bytes = readFileSync(file)
    before.exec = (text) => {
      if (text !== 'COMMIT') return
      throw Object.assign(new Error('disk I/O error'), { errcode: 10 })
    }
    return { file, bytes, upgrading: upgrade(file) }
  }
  afterEach(() => {
    before.exec = () => {}
  })

  test('is undone before it is told', async () => {
    const { file, bytes, upgrading } = await failing()
    await expect(upgrading).rejects.toMatchObject({ message: expect.stringContaining('disk I/O error') })
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(existsSync(`${file}-journal`)).toBe(false)
  })
})
