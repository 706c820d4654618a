import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { operations } from '../../src/ops/index.ts'
import type { Database } from '../../src/store/database.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openDatabase } from '../../src/store/open.ts'
import { engines, freshFile, madeAt, openTest } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

const findings = async (env: TestEnvironment) => {
  const { healthy, findings: all } = await env.ask('doctor', {})
  return { healthy, wrong: all.filter((each) => !each.ok).map(({ name, detail }) => ({ name, detail })) }
}

describe('a damaged file', () => {
  const pageSize = 4096

  async function file() {
    const url = await freshFile()
    const env = environmentOf(await openTest(url))
    for (let n = 0; n < 30; n++)
      await env.ask('item.create', { title: `walrus ${n}`, spec: `long ${n} `.repeat(60), labels: [`l${n}`] })
    await env.database.close()
    return { url, bytes: readFileSync(url) }
  }

  /** As the command asks it: of the pipeline, or of a file that can't be opened. */
  async function examine(url: string) {
    const database = await openDatabase(url, { now: madeAt, create: false }).catch((error: unknown) => error)
    if (database instanceof Error) return operations.doctor.command!.unopened!(url, database)
    try {
      return await environmentOf(database as Database).ask('doctor', {})
    } finally {
      await (database as Database).close()
    }
  }

  test('is told as such whatever page it is, with the way back, and never sends to doctor again', async () => {
    const { url, bytes } = await file()
    expect(bytes.length / pageSize).toBeGreaterThan(40)
    for (let page = 0; page < bytes.length / pageSize; page++) {
      const spoilt = Buffer.from(bytes)
      randomBytes(pageSize).copy(spoilt, page * pageSize)
      writeFileSync(url, spoilt)
      const answer = await examine(url)
      const text = JSON.stringify(answer)
      expect({ page, healthy: answer?.healthy }).toEqual({ page, healthy: false })
      expect(text).toMatch(/damaged/)
      expect(text).toContain('pipeline restore BACKUP --db NEW')
      expect(text).not.toMatch(/pipeline doctor/)
      expect(readFileSync(url).equals(spoilt)).toBe(true)
    }
  }, 120_000)

  test('that was cut off is told with how much of it is there, and the backups beside it are named', async () => {
    const { url, bytes } = await file()
    writeFileSync(join(dirname(url), 'monday.db'), bytes)
    writeFileSync(join(dirname(url), 'notes.txt'), 'words')
    const pages = bytes.length / pageSize
    writeFileSync(url, bytes.subarray(0, 20 * pageSize))
    const text = JSON.stringify(await examine(url))
    expect(text).toContain(`the file is cut off: 20 of its ${pages} pages are there`)
    expect(text).toContain(`pipeline restore ${join(dirname(url), 'monday.db')} --db NEW`)
    expect(text).not.toContain('notes.txt')
  })
})

describe.each(engines)('doctor and reindex on $engine', ({ engine, freshDatabase }) => {
  async function stocked() {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'walrus' })
    await env.ask('item.create', { title: 'heron', parent: 1 })
    await env.ask('item.note', { id: 1, text: 'remember the ocean' })
    return env
  }
  const own = (env: TestEnvironment, statement: ReturnType<typeof sql>) =>
    env.database.write((q) => q.run(statement))

  test('a sound database is healthy, and says its sizes and versions', async () => {
    const env = await stocked()
    const { healthy, findings: all } = await env.ask('doctor', {})
    expect(healthy).toBe(true)
    expect(all.map((each) => each.name)).toEqual([
      'integrity',
      'schema',
      'references',
      'others',
      'items',
      'values',
      'checks',
      'search',
      'counts',
      'monitor',
      'config',
      'channels',
      'size',
      'history',
      'version',
    ])
    const detailOf = (name: string) => all.find((each) => each.name === name)?.detail
    expect(detailOf('monitor')).toBe('no live check to watch')
    expect(detailOf('history')).toBe(
      '0 runs of the last 7 days (or the last 100 a check), 0 hours of the last 90 days, 0 days of the last 5 years, 0 changes of state',
    )
    expect(detailOf('size')).toMatch(/^\d.* [KM]iB: 2 items, 3 log entries, 0 runs, 0 projects$/)
    expect(detailOf('version')).toMatch(
      new RegExp(`^${engine === 'sqlite' ? 'SQLite 3' : 'PostgreSQL'}.*, schema ${migrations.length}$`),
    )
  })

  // A view of another program in PostgreSQL keeps its table from being dropped.
  if (engine === 'sqlite')
    test('finds what other programs left that names tables of the predecessor', async () => {
      const env = await stocked()
      await own(env, sql`CREATE VIEW theirs AS SELECT * FROM pipeline_notes`)
      await own(env, sql`CREATE VIEW fine AS SELECT id FROM pipeline`)
      const { wrong } = await findings(env)
      expect(wrong).toMatchObject([
        { name: 'others', detail: expect.stringMatching(/^the view theirs names pipeline_notes \(/) },
      ])
    })

  test('finds a stage and a type that are none', async () => {
    const env = await stocked()
    await own(env, sql`UPDATE pipeline SET stage = 'shipped' WHERE id = 2`)
    await own(env, sql`UPDATE pipeline SET type = 'story' WHERE id = 1`)
    const { healthy, wrong } = await findings(env)
    expect(healthy).toBe(false)
    expect(wrong).toMatchObject([
      { name: 'items', detail: expect.stringMatching(/#2 has an unknown stage.*; #1 has an unknown type/) },
    ])
  })

  test('finds a cycle, a priority and a health check that are none', async () => {
    const env = await stocked()
    await own(env, sql`UPDATE pipeline SET parent_id = 2, priority = 99 WHERE id = 1`)
    await own(env, sql`UPDATE pipeline SET parent_id = 1, health_check = '{not json' WHERE id = 2`)
    const { wrong } = await findings(env)
    expect(wrong.map((each) => each.name)).toEqual(['items', 'checks'])
    expect(wrong[0]?.detail).toMatch(/#1 has a priority.*#1 is above itself.*#2 is above itself/)
    expect(wrong[1]?.detail).toContain('#2')
  })

  test('finds what the search index lacks and what it has too much; reindex mends it', async () => {
    const env = await stocked()
    await own(env, sql`INSERT INTO pipeline (title) VALUES ('otter')`)
    await own(
      env,
      sql`INSERT INTO pipeline_activity (at, item_id, actor, action, note)
      VALUES (${env.now()}, 1, 'human:max', 'noted', 'tusk')`,
    )
    await own(env, sql`DELETE FROM pipeline WHERE id = 2`)
    expect((await findings(env)).wrong).toEqual([
      { name: 'search', detail: '2 texts missing, 1 of items that are gone: pipeline reindex' },
    ])
    expect(await env.ask('search.rebuild', {})).toEqual({ texts: 4 })
    expect(await findings(env)).toEqual({ healthy: true, wrong: [] })
    for (const [words, id] of [
      ['otter', 3],
      ['tusk', 1],
      ['walrus ocean', 1],
    ] as const) {
      expect((await env.ask('item.search', { words })).items.map((item) => item.id)).toEqual([id])
    }
    expect((await env.ask('item.search', { words: 'heron' })).items).toEqual([])
  })

  test('finds counts that are not those of the rows; reindex mends them', async () => {
    if (engine === 'postgres') return // nothing is kept there
    const env = await stocked()
    await own(env, sql`REPLACE INTO pipeline (id, title, stage) VALUES (2, 'heron', 'qa')`)
    const { wrong } = await findings(env)
    expect(wrong.map((each) => each.name)).toEqual(['counts'])
    const { columns } = await env.ask('board.show', {})
    expect(columns.filter(({ count }) => count > 0).map(({ stage, count }) => [stage, count])).toEqual([
      ['idea', 1],
      ['qa', 1],
    ])
    await env.ask('search.rebuild', {})
    expect((await findings(env)).healthy).toBe(true)
  })

  test('finds a column that is gone', async () => {
    const env = await stocked()
    await own(env, sql`ALTER TABLE pipeline DROP COLUMN spec`)
    const { wrong } = await findings(env)
    expect(wrong[0]).toMatchObject({ name: 'schema', detail: expect.stringContaining('pipeline.spec') })
  })

  test('says what is damaged, and goes on with what can be read', async () => {
    if (engine === 'postgres') return // the server's own business
    const env = await stocked()
    const { database } = env
    const page = await database.read((q) =>
      q.get<{ n: number }>(sql`SELECT rootpage AS n FROM sqlite_schema WHERE name = 'idx_pipeline_newest'`),
    )
    await database.close()
    const file = await openFile(database.location, 'r+')
    await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, (page!.n - 1) * 4096)
    await file.close()
    const damaged = environmentOf(await openTest(database.location))
    const { wrong } = await findings(damaged)
    expect(wrong[0]).toMatchObject({ name: 'integrity', detail: expect.stringContaining('pipeline restore') })
    expect(wrong[0]?.detail).toMatch(/idx_pipeline_newest|page/)
    expect((await damaged.ask('item.show', { id: 1 })).title).toBe('walrus')
  })

  test('reindex takes more than one batch', async () => {
    const env = await stocked()
    await own(
      env,
      sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
        INSERT INTO pipeline (title) SELECT 'bulk' FROM n`,
    )
    expect((await findings(env)).wrong[0]?.detail).toContain('1100 texts missing')
    expect(await env.ask('search.rebuild', {})).toEqual({ texts: 1103 })
    expect((await env.ask('item.search', { words: 'bulk', limit: 1000 })).items).toHaveLength(1000)
    expect((await findings(env)).healthy).toBe(true)
  })

  test('finds references that lead nowhere, where the engine lets them in', async () => {
    if (engine === 'postgres') return
    const env = await stocked()
    await env.database.read(async (q) => {
      expect(await q.all(sql`PRAGMA foreign_key_check`)).toEqual([])
    })
    const { DatabaseSync } = await import('@photostructure/sqlite')
    const other = new DatabaseSync(env.database.location)
    other.exec('PRAGMA foreign_keys = OFF; DELETE FROM pipeline WHERE id = 1')
    other.close()
    const { wrong } = await findings(env)
    expect(wrong.map((each) => each.name)).toEqual(['references', 'search'])
    expect(wrong[0]?.detail).toContain('pipeline row 2 points to a missing row of pipeline')
    expect(await env.ask('item.show', { id: 2 })).toMatchObject({ parentId: 1, parentTitle: null })
    expect(await env.ask('item.update', { id: 2, parent: null })).toMatchObject({ parentId: null })
  })

  test('changes nothing', async () => {
    const env = await stocked()
    const log = () => env.ask('activity.list', {})
    const before = await log()
    await own(env, sql`UPDATE pipeline SET stage = 'shipped' WHERE id = 2`)
    await env.ask('doctor', {})
    expect(await log()).toEqual(before)
    const row = await env.database.read((q) => q.get(sql`SELECT stage FROM pipeline WHERE id = 2`))
    expect(row).toEqual({ stage: 'shipped' })
  })
})
