import fc from 'fast-check'
import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { stages, types } from '../../src/domain/stage.ts'
import { areCountsRight, type Count, countByStage, recount } from '../../src/store/counts.ts'
import type { Database } from '../../src/store/database.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { engines, openTest } from '../helpers/engines.ts'

const sorted = (counts: Count[]) => counts.map(({ stage, type, n }) => `${stage} ${type} ${Number(n)}`).sort()

const trueCounts = (db: Database): Promise<Count[]> =>
  db.read((q) => q.all(sql`SELECT stage, type, count(*) AS n FROM pipeline GROUP BY stage, type`))

const stage = fc.constantFrom(...stages, 'shipped', '')
const type = fc.constantFrom(...types, 'story')
const id = fc.integer({ min: 1, max: 6 })

/** What the product, or the owner's own SQL, may do to a row. */
const change = fc.oneof(
  fc
    .tuple(stage, type)
    .map(([s, t]) => `INSERT INTO pipeline (title, stage, type) VALUES ('x', '${s}', '${t}')`),
  fc.tuple(id, stage, type).map(
    ([i, s, t]) =>
      `INSERT INTO pipeline (id, title, stage, type) VALUES (${i}, 'x', '${s}', '${t}')
         ON CONFLICT (id) DO UPDATE SET stage = excluded.stage`,
  ),
  fc
    .tuple(id, stage)
    .map(
      ([i, s]) =>
        `INSERT INTO pipeline (id, title, stage) VALUES (${i}, 'x', '${s}') ON CONFLICT (id) DO NOTHING`,
    ),
  fc.tuple(id, stage).map(([i, s]) => `UPDATE pipeline SET stage = '${s}' WHERE id >= ${i}`),
  fc.tuple(id, type).map(([i, t]) => `UPDATE pipeline SET type = '${t}', title = 'y' WHERE id = ${i}`),
  fc.tuple(id, id).map(([i, to]) => `UPDATE pipeline SET parent_id = NULL WHERE id IN (${i}, ${to})`),
  id.map((i) => `DELETE FROM pipeline WHERE id = ${i}`),
)

describe.each(engines)('counts by stage and type on $engine', ({ engine, freshUrl, freshDatabase }) => {
  test('whatever is done to the rows, they are those of the rows', async () => {
    const db = await freshDatabase()
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
        for (const text of changes) {
          // An id that the engine gives next may be taken already: refused, and nothing is counted.
          await db.write((q) => q.run(raw(text))).catch(() => undefined)
        }
        expect(sorted(await db.read(countByStage))).toEqual(sorted(await trueCounts(db)))
        expect(await db.read(areCountsRight)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('what is rolled back is not counted', async () => {
    const db = await freshDatabase()
    await db.write((q) => q.run(sql`INSERT INTO pipeline (title) VALUES ('one')`))
    await expect(
      db.write(async (q) => {
        await q.run(sql`INSERT INTO pipeline (title) VALUES ('two')`)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await db.read(countByStage)).toEqual([{ stage: 'idea', type: 'feature', n: 1 }])
  })

  test('items of before the migration are counted', async () => {
    const url = await freshUrl()
    const old = await openTest(url, { migrations: migrations.slice(0, 1) })
    await old.write((q) => q.run(sql`INSERT INTO pipeline (title, stage) VALUES ('a', 'qa'), ('b', 'qa')`))
    await old.close()
    const db = await openTest(url)
    await db.write((q) => q.run(sql`INSERT INTO pipeline (title) VALUES ('c')`))
    expect(sorted(await db.read(countByStage))).toEqual(['idea feature 1', 'qa feature 2'])
  })

  test('a row replaced behind the triggers is noticed, and recounted', async () => {
    if (engine === 'postgres') return // it has no REPLACE
    const db = await freshDatabase()
    await db.write((q) => q.run(sql`INSERT INTO pipeline (id, title, stage) VALUES (1, 'a', 'qa')`))
    await db.write((q) => q.run(sql`REPLACE INTO pipeline (id, title, stage) VALUES (1, 'a', 'done')`))
    expect(await db.read(countByStage)).toEqual([{ stage: 'done', type: 'feature', n: 1 }])
    expect(await db.read(areCountsRight)).toBe(false)
    await db.write(recount)
    expect(await db.read(areCountsRight)).toBe(true)
    expect(await db.read(countByStage)).toEqual([{ stage: 'done', type: 'feature', n: 1 }])
  })
})
