/** A request that is sent again under its key is answered again, and not done again. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { toInstant, toMs } from '../../../src/domain/instant.ts'
import type { Database } from '../../../src/store/database.ts'
import { engines, openTest } from '../../helpers/engines.ts'
import { type Asked, at, serve } from './client.ts'

const keyed = (key: string, body?: object, more: Record<string, string> = {}): Asked => ({
  ...(body ? { body } : {}),
  headers: { 'idempotency-key': key, ...more },
})

const rows = (database: Database) =>
  database.read((q) =>
    q.all<{ key: string; fingerprint: string; answer: string | null; created_ms: number }>(
      sql`SELECT key, fingerprint, answer, created_ms FROM pipeline_idempotency ORDER BY created_ms, key`,
    ),
  )

describe.each(engines)('Idempotency-Key on $engine', ({ freshDatabase, freshUrl }) => {
  test('the same request again gives the same answer, and is not done again', async () => {
    const { ask } = await serve(await freshDatabase())
    const first = await ask('POST', '/items', keyed('k1', { title: 'one' }))
    expect(first).toMatchObject({ status: 201, headers: { location: '/api/v1/items/1', etag: '"v1"' } })
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    const again = await ask('POST', '/items', keyed('k1', { title: 'one' }))
    expect(again).toMatchObject({
      status: 201,
      text: first.text,
      headers: { location: '/api/v1/items/1', etag: '"v1"', 'idempotency-replayed': 'true' },
    })
    // A key is a key with quotation marks and without.
    expect((await ask('POST', '/items', keyed('"k1"', { title: 'one' }))).text).toBe(first.text)
    expect((await ask('GET', '/items')).json.data.items).toHaveLength(1)
    expect((await ask('POST', '/items', keyed('k2', { title: 'one' }))).json.data.id).toBe(2)
  })

  test('a change at a version, and a deletion, are answered again though the item has moved on', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one' } })
    const change = () => ask('PATCH', '/items/1', keyed('k', { title: 'two' }, { 'if-match': '"v1"' }))
    const first = await change()
    expect(first).toMatchObject({ status: 200, headers: { etag: '"v2"' } })
    expect(await change()).toMatchObject({ status: 200, text: first.text, headers: { etag: '"v2"' } })
    const remove = () => ask('DELETE', '/items/1', keyed('d'))
    const removed = await remove()
    expect(removed.status).toBe(200)
    expect(await remove()).toMatchObject({ status: 200, text: removed.text })
  })

  test('another request under the same key is refused', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', keyed('k', { title: 'one' }))
    const others: [string, string, object?][] = [
      ['POST', '/items', { title: 'two' }],
      ['POST', '/items', { title: 'one', priority: 1 }],
      ['POST', '/items/1/notes', { text: 'one' }],
      ['DELETE', '/items/1'],
      ['PATCH', '/items/1', { title: 'one' }],
    ]
    for (const [method, path, body] of others) {
      const refused = await ask(method, path, keyed('k', body))
      expect(refused, path).toMatchObject({ status: 422, json: { status: 422, code: 'invalid' } })
      expect(refused.json.type).toBe('urn:throughline:problem:unprocessable-entity')
    }
    expect((await ask('GET', '/items/1')).json.data.version).toBe(1)
  })

  test('the key of one actor is not that of another', async () => {
    const { ask } = await serve(await freshDatabase())
    const as = (actor: string) =>
      ask('POST', '/items', keyed('k', { title: actor }, { 'x-pipeline-actor': actor }))
    expect((await as('agent:a')).json.data.id).toBe(1)
    expect((await as('agent:b')).json.data.id).toBe(2)
    expect((await as('agent:a')).json.data.id).toBe(1)
  })

  test('what was refused is not kept: it may go through later', async () => {
    const { ask } = await serve(await freshDatabase())
    expect((await ask('POST', '/items/1/notes', keyed('k', { text: 'n' }))).status).toBe(404)
    await ask('POST', '/items', { body: { title: 'one' } })
    expect((await ask('POST', '/items/1/notes', keyed('k', { text: 'n' }))).status).toBe(201)
    const { entries } = (await ask('GET', '/activity')).json.data
    expect(entries.filter((each: { action: string }) => each.action === 'noted')).toHaveLength(1)
  })

  test('ten at once: it is done once, on two servers', async () => {
    const place = await freshUrl()
    const servers = [await serve(await openTest(place)), await serve(await openTest(place))]
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        servers[n % 2]!.ask('POST', '/items', keyed('k', { title: 'one' })),
      ),
    )
    // In one server the second is told to wait, and in the other it waits.
    expect(new Set(replies.map(({ status }) => status))).toContain(201)
    for (const { status, json } of replies) {
      expect([201, 409]).toContain(status)
      if (status === 201) expect(json.data.id).toBe(1)
      else expect(json).toMatchObject({ code: 'conflict', detail: expect.stringContaining('under way') })
    }
    expect((await servers[1]!.ask('GET', '/items')).json.data.items).toHaveLength(1)
    for (const { ask } of servers) {
      const again = await ask('POST', '/items', keyed('k', { title: 'one' }))
      expect(again).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    }
  })

  test('a key holds for a day; old ones are taken away, a few at a time', async () => {
    const database = await freshDatabase()
    const clock = { ms: toMs(at) }
    const { ask } = await serve(database, { now: () => toInstant(clock.ms) })
    for (let n = 0; n < 30; n += 1) await ask('POST', '/items', keyed(`k${n}`, { title: `t${n}` }))
    clock.ms += 24 * 3_600_000 - 1
    expect((await ask('POST', '/items', keyed('k0', { title: 't0' }))).json.data.id).toBe(1)
    clock.ms += 1
    expect((await ask('POST', '/items', keyed('k0', { title: 'other' }))).json.data.id).toBe(31)
    expect(await rows(database)).toHaveLength(10)
    await ask('POST', '/items', keyed('new', { title: 'new' }))
    expect(await rows(database)).toHaveLength(2)
  })

  test('neither the key nor the actor stands in the database, and no answer without bound', async () => {
    const database = await freshDatabase()
    const { ask } = await serve(database)
    const body = { title: 'one', spec: 'y'.repeat(100_000) }
    expect((await ask('POST', '/items', keyed('my-key', body))).status).toBe(201)
    const [row] = await rows(database)
    expect(row).toMatchObject({ answer: null, key: expect.stringMatching(/^[\w-]{43}$/) })
    expect(JSON.stringify(row)).not.toMatch(/my-key|human:web/)
    const again = await ask('POST', '/items', keyed('my-key', body))
    expect(again).toMatchObject({ status: 409, json: { detail: expect.stringContaining('done already') } })
    expect((await ask('GET', '/items')).json.data.items).toHaveLength(1)
  })
})

describe('keys', () => {
  const { freshDatabase } = engines[0]!

  test('what is no key is refused, and nothing is done', async () => {
    const { ask } = await serve(await freshDatabase())
    for (const key of ['', '""', 'a b', 'x'.repeat(256), '\u00e9', 'a\tb']) {
      const refused = await ask('POST', '/items', keyed(key, { title: 'one' }))
      expect(refused, key).toMatchObject({ status: 400, json: { code: 'invalid' } })
    }
    expect((await ask('GET', '/items')).json.data.items).toEqual([])
    // A read may be asked for as often as one likes.
    expect((await ask('GET', '/items', keyed('k'))).status).toBe(200)
  })

  test('a check that is run, and a secret that is given once, take no key', async () => {
    const database = await freshDatabase()
    const worker = { checkItem: async () => ({}) as never, checkDue: async () => [] }
    const { ask } = await serve(database, { worker })
    const healthCheck = { type: 'heartbeat', frequency: 'daily' }
    await ask('POST', '/items', { body: { title: 'one', healthCheck } })
    for (const path of ['/items/1/check', '/checks/due', '/items/1/heartbeat']) {
      expect(await ask('POST', path, keyed('k')), path).toMatchObject({
        status: 400,
        json: { code: 'invalid' },
      })
    }
    expect(await rows(database)).toEqual([])
    expect((await ask('POST', '/items/1/heartbeat', {})).json.data.line).toContain('token-1')
  })
})
