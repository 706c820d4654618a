import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { type AnyEntity, fields, type Kind, kinds } from '../../src/domain/entity.ts'
import type { Database, Queries } from '../../src/store/database.ts'
import {
  clearEntities,
  countEntities,
  insertEntities,
  lastIds,
  linkParents,
  raiseLastIds,
  readEntities,
} from '../../src/store/entities.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'
import { richPipeline } from '../helpers/rich-pipeline.ts'

const pagesOf = (database: Database, kind: Kind): Promise<AnyEntity[][]> =>
  database.read(async (q) => {
    const pages: AnyEntity[][] = []
    for await (const rows of readEntities(q, kind)) pages.push(rows)
    return pages
  })
const rowsOf = async (database: Database, kind: Kind) => (await pagesOf(database, kind)).flat()

/** `pipeline_runs.item_id`, of every table of ours. */
async function columnsOf(q: Queries): Promise<string[]> {
  const rows =
    q.engine === 'sqlite'
      ? await q.all<{ name: string }>(sql`SELECT t.name || '.' || c.name AS name
          FROM sqlite_schema t JOIN pragma_table_info(t.name) c
          WHERE t.type = 'table' AND t.name LIKE 'pipeline%' AND t.name NOT LIKE 'pipeline_search%'`)
      : await q.all<{ name: string }>(sql`SELECT table_name || '.' || column_name AS name
          FROM information_schema.columns
          WHERE table_schema = current_schema() AND table_name <> 'pipeline_search'`)
  return rows.map(({ name }) => name)
}

/** Made anew wherever a pipeline comes to, or of no use there. */
const notCarried = [
  // What waits to be told is told from where it happened, over channels that are allowed there.
  ...['id', 'at_ms', 'kind', 'incident_id', 'event', 'state'].map((column) => `pipeline_outbox.${column}`),
  ...['id', 'event_id', 'channel', 'state', 'tries', 'due_ms', 'reason', 'ended_ms'].map(
    (column) => `pipeline_deliveries.${column}`,
  ),
  ...['name', 'gone_target', 'gone_reason', 'approved_command'].map(
    (column) => `pipeline_channels.${column}`,
  ),
  // Whoever asks again asks where it was asked first.
  ...['key', 'fingerprint', 'answer', 'created_ms'].map((column) => `pipeline_idempotency.${column}`),
  ...['pipeline_migrations.id', 'pipeline_migrations.name', 'pipeline_migrations.applied_at'],
  ...['pipeline_counts.stage', 'pipeline_counts.type', 'pipeline_counts.n', 'pipeline_locks.name'],
  ...['owner', 'runner', 'concurrency', 'started_ms', 'seen_ms', 'lag_ms'].map(
    (of) => `pipeline_workers.${of}`,
  ),
  ...['pipeline_projects.name_key', 'pipeline_checks.lease_owner', 'pipeline_checks.lease_until_ms'],
  ...['owner', 'runner', 'concurrency', 'started_ms', 'seen_ms', 'lag_ms'].map(
    (column) => `pipeline_workers.${column}`,
  ),
]

describe.each(engines)('entities on $engine', ({ engine, freshDatabase }) => {
  const own = (database: Database, text: string) => database.write((q) => q.run(raw(text)))

  test('no column of the schema is left behind, but those that are named here', async () => {
    const database = await freshDatabase()
    const fieldsInAll = kinds.flatMap((kind) => Object.keys(fields[kind]))
    const columns = (await database.read(columnsOf)).filter((name) => !notCarried.includes(name))
    expect(columns).toHaveLength(fieldsInAll.length)
    for (const kind of kinds) await rowsOf(database, kind)
  })

  test('rows come in the order of their ids, a thousand at a time, each once', async () => {
    const database = await freshDatabase()
    await own(
      database,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
      INSERT INTO pipeline_activity (id, at, actor, action)
      SELECT (i * 7919) % 2003, '2026-02-05T07:46:15.000Z', 'human:max', 'noted' FROM n`,
    )
    const pages = await pagesOf(database, 'entry')
    expect(pages.map((page) => page.length)).toEqual([1000, 1000])
    const ids = pages.flat().map(({ id }) => Number(id))
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
  })

  test('labels come in the order of their bytes, also from one page to the next', async () => {
    const database = await freshDatabase()
    // As on a server with a language of its own.
    if (engine === 'postgres')
      await own(database, 'ALTER TABLE pipeline_labels ALTER COLUMN label TYPE text COLLATE "en-x-icu"')
    const texts = Array.from({ length: 1100 }, (_, n) => `${'ZaäÄ｡𝒳'.charAt(n % 6)}${n}`)
    const labels = [...texts, '𝒳', '｡', 'Ä', 'ä', 'a', 'Z', 'e\u0301', 'é']
    await database.write(async (q) => {
      await q.run(sql`INSERT INTO pipeline (title) VALUES ('x')`)
      await insertEntities(
        q,
        'label',
        labels.map((label) => ({ itemId: 1, label })),
      )
    })
    const found = (await rowsOf(database, 'label')).map(({ label }) => Buffer.from(String(label)))
    expect(found).toEqual(found.toSorted(Buffer.compare))
    expect(found).toHaveLength(labels.length)
  })

  const times: Record<Database['engine'], [written: string, read: string | null][]> = {
    sqlite: [
      ['2026-02-05 07:46:15', '2026-02-05T07:46:15.000Z'],
      ['2026-02-05T08:46:15.1239+01:00', '2026-02-05T07:46:15.123Z'],
      ['2026-02-05', '2026-02-05T00:00:00.000Z'],
      ['soon', null],
      ['', null],
      ['0000-01-01T00:00:00.000Z', null],
      ['+012026-01-01T00:00:00Z', null],
    ],
    postgres: [
      ['2026-02-05 08:46:15.1239+01', '2026-02-05T07:46:15.123Z'],
      ['infinity', null],
      ['-infinity', null],
      ['0044-03-15 BC', null],
      ['12026-01-01', null],
    ],
  }
  test.each(times[engine])('the time %j is %j; where there has to be one, 1970', async (written, read) => {
    const database = await freshDatabase()
    await own(
      database,
      `INSERT INTO pipeline (title, created_at, live_at) VALUES ('x', '${written}', '${written}')`,
    )
    expect(await rowsOf(database, 'item')).toMatchObject([
      { createdAt: read ?? '1970-01-01T00:00:00.000Z', liveAt: read },
    ])
  })

  test('a number beyond what JSON holds is the nearest that it holds', async () => {
    const database = await freshDatabase()
    await own(
      database,
      `INSERT INTO pipeline (title, priority, version) VALUES ('x', 9223372036854775807, -9223372036854775807)`,
    )
    expect(await rowsOf(database, 'item')).toMatchObject([
      { priority: Number.MAX_SAFE_INTEGER, version: Number.MIN_SAFE_INTEGER },
    ])
  })

  test('an item whose parent comes later gets it when that is there', async () => {
    const [database, other] = [await freshDatabase(), await freshDatabase()]
    for (const [id, parent] of [
      [1, 3],
      [2, 1],
      [3, 3],
    ])
      await database.write(async (q) => {
        await q.run(sql`INSERT INTO pipeline (id, title) VALUES (${id}, 'x') ON CONFLICT DO NOTHING`)
        await q.run(sql`INSERT INTO pipeline (id, title) VALUES (${parent}, 'x') ON CONFLICT DO NOTHING`)
        await q.run(sql`UPDATE pipeline SET parent_id = ${parent} WHERE id = ${id}`)
      })
    const rows = await rowsOf(database, 'item')
    const later = await other.write((q) => insertEntities(q, 'item', rows))
    expect(later.map(({ id }) => id)).toEqual([1, 3])
    expect((await rowsOf(other, 'item')).map(({ parentId }) => parentId)).toEqual([null, 1, null])
    await other.write((q) => linkParents(q, later))
    expect(await rowsOf(other, 'item')).toEqual(rows)
  })

  test('what is written is what was read, more than fits one statement too', async () => {
    const [source, other] = [(await richPipeline(await freshDatabase())).database, await freshDatabase()]
    const many = Array.from({ length: 4000 }, (_, n) => n + 100)
    await source.write((q) =>
      insertEntities(
        q,
        'entry',
        many.map((id) => ({ id, at: '2026-02-05T07:46:15.000Z', actor: 'a', action: 'b' })),
      ),
    )
    for (const kind of kinds) {
      const rows = await rowsOf(source, kind)
      await other.write(async (q) => linkParents(q, await insertEntities(q, kind, rows)))
      expect(await rowsOf(other, kind)).toEqual(rows)
    }
    expect(await other.read(countEntities)).toEqual(await source.read(countEntities))
    await other.write((q) => raiseLastIds(q, {}))
    const named = { title: 'of the project, by its name in other letters', project: 'gRÖßE' }
    expect(await environmentOf(other).ask('item.create', named)).toMatchObject({ project: 'Größe' })
  })

  test('the highest ids are those of rows that are gone too, and are raised, never lowered', async () => {
    const env = await richPipeline(await freshDatabase())
    const last = await env.database.read(lastIds)
    expect(last).toEqual({ project: 1, item: 9, criterion: 2, entry: 26, maintenance: 2 })
    const other = environmentOf(await freshDatabase())
    expect(await other.database.read(lastIds)).toEqual({
      project: 0,
      item: 0,
      criterion: 0,
      entry: 0,
      maintenance: 0,
    })
    await other.database.write((q) => raiseLastIds(q, { item: 41 }))
    await other.database.write((q) => raiseLastIds(q, { item: 5 }))
    expect(await other.ask('item.create', { title: 'x' })).toMatchObject({ id: 42 })
    await other.database.write(async (q) => {
      await q.run(sql`INSERT INTO pipeline (id, title) VALUES (100, 'x')`)
      await raiseLastIds(q, {})
    })
    expect(await other.ask('item.create', { title: 'x' })).toMatchObject({ id: 101 })
  })

  test('cleared, there is nothing, to be found neither, and ids go on', async () => {
    const env = await richPipeline(await freshDatabase())
    await env.database.write(clearEntities)
    expect(Object.values(await env.database.read(countEntities)).every((n) => n === 0)).toBe(true)
    expect((await env.ask('item.search', { words: 'heron' })).items).toEqual([])
    expect((await env.ask('board.show', {})).columns.every(({ count }) => count === 0)).toBe(true)
    expect((await env.ask('doctor', {})).healthy).toBe(true)
    expect(await env.ask('item.create', { title: 'x' })).toMatchObject({ id: 10 })
  })
})
