/** A change with a key is stored with its key, or neither is. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { itemCreate } from '../../src/ops/item-create.ts'
import { itemNote } from '../../src/ops/item-note.ts'
import { call, type Once } from '../../src/ops/operation.ts'
import type { Database } from '../../src/store/database.ts'
import { claimKey } from '../../src/store/idempotency.ts'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

const once = (key: string, fingerprint = 'f'): Once => ({ key, fingerprint })

const keys = (database: Database) =>
  database.read(async (q) =>
    (await q.all<{ key: string }>(sql`SELECT key FROM pipeline_idempotency`)).map((row) => row.key),
  )

describe.each(engines)('a change with a key on $engine', ({ freshDatabase, freshUrl }) => {
  test('is answered again with what it said then, and with its warnings', async () => {
    const env = environmentOf(await freshDatabase())
    const create = (key: string) => call(itemCreate, { title: 'one' }, { ...env, once: once(key) })
    const first = await create('k')
    expect(first.replayed).toBeUndefined()
    expect(await create('k')).toEqual({ ...first, replayed: true })
    expect((await create('l')).data.id).toBe(2)
    await expect(call(itemCreate, { title: 'one' }, { ...env, once: once('k', 'g') })).rejects.toMatchObject({
      kind: 'conflict',
      failures: [{ field: 'idempotencyKey' }],
    })
  })

  test('that is refused, or only tried, leaves no key', async () => {
    const env = environmentOf(await freshDatabase())
    const note = call(itemNote, { id: 9, text: 'x' }, { ...env, once: once('k') })
    await expect(note).rejects.toMatchObject({ kind: 'not-found' })
    await call(itemCreate, { title: 'one' }, { ...env, once: once('k'), dryRun: true })
    expect(await keys(env.database)).toEqual([])
  })

  test('that is under way elsewhere is waited for: done if that was undone, answered if it was done', async () => {
    const place = await freshUrl()
    const [one, two] = [await openTest(place), await openTest(place)]
    const env = environmentOf(two)
    for (const isUndone of [true, false]) {
      const key = `k${isUndone}`
      let end = (): void => {}
      const held = new Promise<void>((resolve) => (end = resolve))
      let began = (): void => {}
      const isBegun = new Promise<void>((resolve) => (began = resolve))
      const first = one.write(async (q) => {
        await claimKey(q, key, 'f', env.nowMs(), 0)
        await q.run(
          sql`UPDATE pipeline_idempotency SET answer = '{"data":{"id":77},"warnings":[]}' WHERE key = ${key}`,
        )
        began()
        await held
        if (isUndone) throw new Error('undone')
      })
      await isBegun
      const second = call(itemCreate, { title: 'one' }, { ...env, once: once(key) })
      end()
      if (isUndone) await expect(first).rejects.toThrow('undone')
      else await first
      expect((await second).data.id).toBe(isUndone ? 1 : 77)
    }
  })
})
