/** A pipeline from one database to another: all of it or nothing, and proven. */

import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import type { AnyEntity, Kind } from '../../src/domain/entity.ts'
import type { Database } from '../../src/store/database.ts'
import { countEntities } from '../../src/store/entities.ts'
import type { Changes } from '../../src/store/legal-rows.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { copyPipeline, digest, fill, type Source, totalOf } from '../../src/store/transfer.ts'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'
import { exported } from '../helpers/files.ts'
import { richPipeline } from '../helpers/rich-pipeline.ts'

const rowsIn = async (database: Database) => totalOf(await database.read(countEntities))
const digestOf = (database: Database) => database.read(digest)

const entry = (id: number): AnyEntity => ({
  id,
  at: '2026-02-05T07:46:15.000Z',
  itemId: null,
  actor: 'human:max',
  source: null,
  action: 'noted',
  detail: null,
  note: `note ${id}`,
  noteType: null,
})

async function* entries(ids: number[], between?: () => Promise<unknown>): Source {
  for (const id of ids) {
    yield { kind: 'entry' as Kind, rows: [entry(id)] }
    await between?.()
  }
}

const ways = engines.flatMap((from) =>
  engines.map((to) => ({ from: from.engine, to: to.engine, source: from, target: to })),
)

describe.each(ways)('a copy from $from to $to', ({ source, target }) => {
  test('has every row, counted, and the same digest; the source stays', async () => {
    const { database } = await richPipeline(await source.freshDatabase())
    const before = await digestOf(database)
    const other = await target.freshDatabase()
    const counts = await copyPipeline(database, other, {})
    expect(counts).toEqual(await database.read(countEntities))
    expect(counts).toMatchObject({ item: 7, entry: 26, run: 5 })
    expect(await exported(other)).toBe(await exported(database))
    expect([await digestOf(database), await digestOf(other)]).toEqual([before, before])
  })

  test('keeps approvals, since both are their owner’s, and no lease', async () => {
    const { database } = await richPipeline(await source.freshDatabase())
    await database.write((q) => q.run(sql`UPDATE pipeline_checks SET lease_owner = 'w', lease_until_ms = 1`))
    const other = await target.freshDatabase()
    await copyPipeline(database, other, {})
    const asked = sql`SELECT item_id, lease_owner, approved_command IS NOT NULL AS approved FROM pipeline_checks ORDER BY 1`
    expect(await other.read((q) => q.all(asked))).toEqual([
      { item_id: 5, lease_owner: null, approved: 0 },
      { item_id: 7, lease_owner: null, approved: 1 },
    ])
  })
})

describe.each(engines)('filling on $engine', ({ engine, freshDatabase, freshUrl }) => {
  test('a source that breaks off leaves nothing', async () => {
    const database = await freshDatabase()
    const broken = entries([1, 2, 3], async () => {
      throw new Error('the line went dead')
    })
    await expect(database.write((q) => fill(q, broken, { last: {}, total: 3 }))).rejects.toThrow(
      'the line went dead',
    )
    expect(await rowsIn(database)).toBe(0)
  })

  test('what is written and is not what came is taken back', async () => {
    const database = await freshDatabase()
    const change = "UPDATE pipeline_activity SET note = 'changed' WHERE id = NEW.id"
    const statements =
      engine === 'sqlite'
        ? [`CREATE TRIGGER meddle AFTER INSERT ON pipeline_activity BEGIN ${change}; END`]
        : [
            `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${change}; RETURN NULL; END $$`,
            'CREATE TRIGGER meddle AFTER INSERT ON pipeline_activity FOR EACH ROW EXECUTE FUNCTION meddle()',
          ]
    await database.write(async (q) => {
      for (const statement of statements) await q.run(raw(statement))
    })
    await expect(database.write((q) => fill(q, entries([1]), { last: {}, total: 1 }))).rejects.toMatchObject({
      kind: 'internal',
      message: 'what was written is not what was read; nothing was kept',
    })
    expect(await rowsIn(database)).toBe(0)
  })

  test('an item whose parent comes later has it in the end, where nothing follows the items too', async () => {
    const source = environmentOf(await freshDatabase())
    for (const title of ['child', 'parent']) await source.ask('item.create', { title })
    await source.ask('item.update', { id: 1, parent: 2 })
    await source.database.write((q) => q.run(sql`DELETE FROM pipeline_activity`))
    const database = await freshDatabase()
    await copyPipeline(source.database, database, {})
    expect(await environmentOf(database).ask('item.show', { id: 1 })).toMatchObject({ parentId: 2 })
  })

  test('somebody who writes meanwhile comes after, with an id of their own', async () => {
    const url = await freshUrl()
    const [one, other] = [await openTest(url), environmentOf(await openTest(url))]
    let created: Promise<{ id: number }> | undefined
    const source = entries([1, 2, 3], async () => {
      created ??= other.ask('item.create', { title: 'meanwhile' })
      // As far as it gets before it waits.
      await other.ask('item.list', {})
    })
    await one.write((q) => fill(q, source, { last: { item: 40, entry: 7 }, total: 3 }))
    expect(await created).toMatchObject({ id: 41 })
    const { entries: log } = await other.ask('activity.list', {})
    expect(log.map(({ id }) => id)).toEqual([8, 3, 2, 1])
  })

  test('a pipeline that was empty when it was looked at, and is not any more, is left alone', async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'mine' })
    const before = await digestOf(env.database)
    await expect(
      env.database.write((q) => fill(q, entries([5]), { last: {}, total: 1 })),
    ).rejects.toMatchObject({
      kind: 'conflict',
      message: 'the target is not empty: it has 1 item and 1 log entry',
    })
    expect(await digestOf(env.database)).toBe(before)
  })

  test('progress goes up to all there is, and is over also when it fails', async () => {
    const told: number[][] = []
    const progress = (...numbers: [number, number]) => void told.push(numbers)
    const database = await freshDatabase()
    const broken = entries([1, 2], async () => {
      throw new Error('the line went dead')
    })
    await database.write((q) => fill(q, broken, { last: {}, total: 2, progress })).catch(() => undefined)
    expect(told).toEqual([
      [1, 2],
      [2, 2],
    ])
    told.length = 0
    await database.write((q) => fill(q, entries([1, 2]), { last: {}, total: 2, progress }))
    expect(told).toEqual([
      [1, 2],
      [2, 2],
      [2, 2],
    ])
  })
})

describe.each(engines)('replacing on $engine', ({ freshDatabase }) => {
  test('what was there goes, and no id of it comes again', async () => {
    const source = environmentOf(await freshDatabase())
    await source.ask('item.create', { title: 'walrus' })
    const target = await richPipeline(await freshDatabase())
    await copyPipeline(source.database, target.database, { replace: true })
    expect(await digestOf(target.database)).toBe(await digestOf(source.database))
    expect((await target.ask('item.search', { words: 'heron' })).items).toEqual([])
    expect((await target.ask('item.search', { words: 'walrus' })).items).toMatchObject([{ id: 1 }])
    expect((await target.ask('doctor', {})).healthy).toBe(true)
    expect(await target.ask('item.create', { title: 'x' })).toMatchObject({ id: 10 })
  })

  test('when what comes first fails, all stays', async () => {
    const target = await richPipeline(await freshDatabase())
    const before = await digestOf(target.database)
    const first = async () => {
      throw new Error('no room for a backup')
    }
    const empty = await freshDatabase()
    await expect(copyPipeline(empty, target.database, { replace: true, first })).rejects.toThrow('no room')
    expect(await digestOf(target.database)).toBe(before)
  })

  test('a dry run leaves all as it was, the next ids too', async () => {
    const source = await richPipeline(await freshDatabase())
    const target = environmentOf(await freshDatabase())
    await target.ask('item.create', { title: 'mine' })
    const before = await digestOf(target.database)
    const counts = await copyPipeline(source.database, target.database, { replace: true, dryRun: true })
    expect(counts).toMatchObject({ item: 7 })
    expect(await digestOf(target.database)).toBe(before)
    expect(await target.ask('item.create', { title: 'next' })).toMatchObject({ id: 2 })
  })
})

test('references that the owner’s own SQL left behind are told, and lead nowhere any more', async () => {
  const [sqlite] = engines
  const url = await sqlite!.freshUrl()
  const { database } = await richPipeline(await openTest(url))
  await database.close()
  const shell = connect(url)
  // As the shell of SQLite has it.
  shell.exec('PRAGMA foreign_keys = OFF; DELETE FROM pipeline WHERE id = 1')
  shell.close()
  const target = await sqlite!.freshDatabase()
  const told: Changes[] = []
  await copyPipeline(await openTest(url), target, { changed: (changes) => told.push(changes) })
  expect(told).toHaveLength(1)
  expect(told[0]!.shown).toContain('item 3: parentId leads to item 1, which is not there')
  expect(told[0]!.count).toBe(told[0]!.shown.length)
  const there = environmentOf(target)
  expect(await there.ask('item.show', { id: 3 })).toMatchObject({ parentId: null })
  expect((await there.ask('doctor', {})).healthy).toBe(true)
})
