/** What an upgrade looks at before it changes anything: names, references, views, triggers, and rows of any shape. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type LegacyReport, legacyConverter } from '../../src/formats/legacy.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { type Upgraded, upgradeFile } from '../../src/store/upgrade.ts'
import { contentOf, legacyFile } from '../e2e/legacy-file.ts'
import { freshPlace } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'

const now = '2026-03-01T12:00:00.000Z'
const freshLegacy = async (change = ''): Promise<string> => legacyFile(await freshPlace(), 'V2', change)

const upgrade = (file: string, dryRun = false): Promise<Upgraded<LegacyReport> | undefined> =>
  upgradeFile(file, {
    now,
    dryRun,
    busyTimeoutMs: 50,
    convert: (facts) => legacyConverter(facts, now),
  })

const leftOf = async (file: string, what: string) =>
  (await upgrade(file))!.report.left.filter((each) => each.what === what)

/** Told by a dry run too, without a backup, and the file has the same bytes. */
async function expectRefused(file: string, error: object): Promise<void> {
  const bytes = readFileSync(file)
  for (const dryRun of [true, false]) await expect(upgrade(file, dryRun)).rejects.toMatchObject(error)
  expect(readFileSync(file).equals(bytes)).toBe(true)
  expect(readdirSync(dirname(file))).toHaveLength(1)
}

describe('refused before there is a backup', () => {
  test.each([
    ['CREATE TABLE pipeline_labels (a)', 'pipeline_labels'],
    ['CREATE VIEW Pipeline_Runs AS SELECT 1', 'Pipeline_Runs'],
    ['CREATE INDEX idx_pipeline_board ON memory (category)', 'idx_pipeline_board'],
    ['CREATE TABLE pipeline_search_data (a)', 'pipeline_search_data'],
    ['CREATE TABLE pipeline_migrations (x)', 'pipeline_migrations'],
    ['CREATE VIEW pipeline_migrations AS SELECT 1 AS id', 'pipeline_migrations'],
  ])('%s: the name is taken', async (made, name) => {
    await expectRefused(await freshLegacy(made), {
      kind: 'conflict',
      message: expect.stringContaining(`${name} already exists`),
    })
  })

  test.each([
    ['note INTEGER REFERENCES pipeline_notes(id) ON DELETE SET NULL', 'costs → pipeline_notes(id)'],
    ['task INTEGER REFERENCES Pipeline_Tasks', 'costs → Pipeline_Tasks'],
    ['item TEXT REFERENCES pipeline(title)', 'costs → pipeline(title)'],
  ])('a table with %s: deleting would fail afterwards', async (column, told) => {
    await expectRefused(await freshLegacy(`CREATE TABLE costs (${column})`), {
      kind: 'invalid',
      message: expect.stringContaining(told),
      hint: expect.stringContaining('without these foreign keys'),
    })
  })

  test('notes that are a view', async () => {
    await expectRefused(
      await freshLegacy('DROP TABLE pipeline_notes; CREATE VIEW pipeline_notes AS SELECT 1 AS id'),
      {
        kind: 'invalid',
        message: expect.stringContaining('pipeline_notes in'),
      },
    )
  })

  test('a collation that only its program knows', async () => {
    const file = await freshLegacy(`CREATE TABLE words (w TEXT); INSERT INTO words VALUES ('a');
      CREATE INDEX by_word ON words (w COLLATE NOCASE)`)
    const made = readFileSync(file, 'latin1').replace('(w COLLATE NOCASE)', '(w COLLATE THEIRS)')
    writeFileSync(file, made, 'latin1')
    const bytes = readFileSync(file)
    await expect(upgrade(file)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no such collation sequence: THEIRS'),
    })
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('a file that somebody reads', async () => {
    const file = await freshLegacy()
    const tool = connect(file)
    atEnd(async () => tool.close())
    tool.exec('BEGIN')
    tool.prepare('SELECT count(*) FROM memory').get()
    await expect(upgrade(file)).rejects.toMatchObject({ message: `${file} is locked by another process` })
    expect(readdirSync(dirname(file))).toHaveLength(1)
  })
})

test('references to items go on: deleting one takes what hangs on it along', async () => {
  const file = await freshLegacy(`CREATE TABLE costs (item INTEGER REFERENCES pipeline(id) ON DELETE CASCADE);
    INSERT INTO costs VALUES (8), (12)`)
  await upgrade(file)
  const database = connect(file)
  atEnd(async () => database.close())
  database.exec('DELETE FROM pipeline WHERE id = 8')
  expect(database.prepare('SELECT item FROM costs').all()).toEqual([{ item: 12 }])
})

test('views and triggers that name what is gone are listed, others are not', async () => {
  const trigger = (name: string, words: string) =>
    `CREATE TRIGGER ${name} AFTER INSERT ON activity BEGIN ${words}; END;`
  const file = await freshLegacy(`
    CREATE VIEW their_notes AS SELECT * FROM "Pipeline_Notes";
    CREATE VIEW theirs AS SELECT id, assigned_to, branch_name FROM pipeline;
    CREATE VIEW fine AS SELECT id, title FROM pipeline; CREATE VIEW other AS SELECT category AS assigned_to FROM memory;
    ${trigger('touches', "UPDATE pipeline SET updated_at = datetime('now') WHERE id = 1")}
    ${trigger('notes', "INSERT INTO pipeline_notes (agent_role, content) VALUES ('a', 'b')")}`)
  expect(await leftOf(file, 'view')).toMatchObject([
    { text: 'their_notes', why: 'it names pipeline_notes, which is gone' },
    { text: 'theirs', why: 'it names pipeline.branch_name, pipeline.assigned_to, which are gone' },
  ])
})

test('a trigger of another table that names what is gone is listed', async () => {
  const file = await freshLegacy(`CREATE TRIGGER notes AFTER INSERT ON activity BEGIN
    INSERT INTO pipeline_notes (agent_role, content) VALUES ('a', 'b'); END`)
  expect(await leftOf(file, 'trigger')).toMatchObject([
    { text: 'notes', why: 'it names pipeline_notes, which is gone' },
  ])
})

describe('rows', () => {
  test('text that is no UTF-8 is listed, and the sign for what can’t be read is no fault', async () => {
    const file = await freshLegacy(`UPDATE pipeline SET title = CAST(x'4d6fff6e' AS TEXT) WHERE id = 6;
      UPDATE pipeline SET title = 'was \ufffd before' WHERE id = 7;
      UPDATE pipeline_notes SET content = CAST(x'e9' AS TEXT) WHERE id = 1`)
    expect(await leftOf(file, 'text')).toMatchObject([
      { itemId: 12, id: 1, why: 'bytes were taken as UTF-8 in pipeline_notes.content', text: '\ufffd' },
      { itemId: 6, why: 'bytes were taken as UTF-8 in pipeline.title', text: 'Mo\ufffdn' },
      { itemId: 12, text: 'dev_agent' },
    ])
  })

  test('names of tables and columns are the same in any case', async () => {
    const other = await freshLegacy()
    const file = await freshLegacy(`ALTER TABLE pipeline RENAME COLUMN id TO ID;
      ALTER TABLE pipeline RENAME COLUMN title TO Title; ALTER TABLE pipeline RENAME TO p2; ALTER TABLE p2 RENAME TO Pipeline;
      ALTER TABLE pipeline_notes RENAME TO n2; ALTER TABLE n2 RENAME TO Pipeline_Notes`)
    await expect(openSqlite(file, { now, create: false })).rejects.toMatchObject({
      hint: expect.stringContaining('pipeline upgrade'),
    })
    await upgrade(file)
    await upgrade(other)
    expect(contentOf(file).rows).toEqual(contentOf(other).rows)
  })

  test('pages of a table whose numbers have holes, and are beyond what JavaScript has', async () => {
    const file = await freshLegacy(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
      INSERT INTO pipeline_notes (id, pipeline_id, agent_role, content)
      SELECT CASE WHEN i < 300 THEN -i * 7 ELSE 9223372036854775807 - i END, 12, 'a', 'Number ' || i FROM n`)
    expect((await upgrade(file))!.report.notes).toBe(605)
    const said = contentOf(file).rows.pipeline_activity!.map(({ note }) => String(note))
    expect(new Set(said.filter((note) => note.startsWith('Number '))).size).toBe(600)
  })
})

describe('a file in WAL mode', () => {
  const inWalMode = (change = ''): Promise<string> => freshLegacy(`${change}; PRAGMA journal_mode = WAL`)

  test('a dry run and what is refused leave nothing beside it', async () => {
    const file = await inWalMode()
    const bytes = readFileSync(file)
    expect((await upgrade(file, true))?.report.items).toBe(10)
    await expect(openSqlite(file, { now })).rejects.toMatchObject({ kind: 'invalid' })
    expect(readdirSync(dirname(file))).toHaveLength(1)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    await expectRefused(await inWalMode('CREATE TABLE pipeline_labels (a)'), { kind: 'conflict' })
  })
})
