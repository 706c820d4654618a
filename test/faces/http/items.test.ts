/** The main job over HTTP, on both engines. */

import { describe, expect, test } from 'vitest'
import { monitor } from '../../../src/domain/actor.ts'
import { checkApprove } from '../../../src/ops/check-approve.ts'
import { itemShow } from '../../../src/ops/item-show.ts'
import { call } from '../../../src/ops/operation.ts'
import type { Database } from '../../../src/store/database.ts'
import { engines } from '../../helpers/engines.ts'
import { at, type Reply, serve, type TestServer } from './client.ts'

const local = (database: Database) =>
  ({ database, now: () => at, actor: monitor, trust: 'local', permissions: 'all' }) as const

const create = async ({ ask }: TestServer, body: object): Promise<Reply['json']> => {
  const { status, json } = await ask('POST', '/items', { body })
  expect(status).toBe(201)
  return json.data
}

describe.each(engines)('items over HTTP on $engine', ({ freshDatabase }) => {
  test('an item is created, moved, changed, shown, listed and deleted', async () => {
    const server = await serve(await freshDatabase())
    const { ask } = server
    const made = await ask('POST', '/items', { body: { title: 'Invoices', priority: 1, labels: ['a'] } })
    expect(made).toMatchObject({ status: 201, headers: { location: '/api/v1/items/1', etag: '"v1"' } })
    expect(made.json).toMatchObject({ schemaVersion: 1, data: { id: 1, type: 'feature', priority: 1 } })
    expect(made.headers['content-type']).toBe('application/json; charset=utf-8')

    const moved = await ask('POST', '/items/1/move', { body: { to: 'building', note: 'go' } })
    expect(moved).toMatchObject({
      status: 200,
      headers: { etag: '"v2"' },
      json: { data: { stage: 'building' } },
    })
    expect(moved.json.warnings).toHaveLength(1)

    const changed = await ask('PATCH', '/items/1', { body: { title: 'Bills', parent: null } })
    expect(changed.json.data).toMatchObject({ title: 'Bills', changed: ['title'] })

    const shown = await ask('GET', '/items/1?history=true&children')
    expect(shown.json.data).toMatchObject({ title: 'Bills', version: 3, progress: { total: 0 } })
    expect(shown.json.data.history).toHaveLength(3)
    expect(shown.json).not.toHaveProperty('warnings')

    expect((await ask('GET', '/items')).json.data.items).toHaveLength(1)
    expect(await ask('DELETE', '/items/1')).toMatchObject({ status: 200, json: { data: { id: 1 } } })
    expect((await ask('GET', '/items')).json.data.items).toHaveLength(0)
    expect(await ask('GET', '/items/1')).toMatchObject({ status: 404, json: { code: 'not-found' } })
  })

  test('the pages of a list hold every item once', async () => {
    const server = await serve(await freshDatabase())
    for (let n = 0; n < 7; n += 1) await create(server, { title: `n ${n}`, priority: (n % 3) + 1 })
    const seen: number[] = []
    let path = '/items?limit=3&sort=-priority'
    for (let page = 0; page < 3; page += 1) {
      const { data } = (await server.ask('GET', path)).json
      seen.push(...data.items.map((item: { id: number }) => item.id))
      path = `/items?limit=3&sort=-priority&cursor=${data.nextCursor}`
    }
    expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(path).toMatch(/cursor=null$/)
  })

  test('words of the URL become what the schema wants', async () => {
    const server = await serve(await freshDatabase())
    const parent = await create(server, { title: 'parent', assignee: 'human:a b' })
    await create(server, { title: 'child', parent: parent.id })
    const ids = async (query: string): Promise<number[]> => {
      const { status, json } = await server.ask('GET', `/items?${query}`)
      expect(status, json.detail).toBe(200)
      return json.data.items.map((item: { id: number }) => item.id).sort()
    }
    expect(await ids('parent=none')).toEqual([1])
    expect(await ids('parent=1')).toEqual([2])
    expect(await ids('assignee=human:a+b')).toEqual([1])
    expect(await ids('assignee=human%3Aa%20b&assignee=human:a%20b')).toEqual([1])
    expect(await ids('blocked=false')).toEqual([1, 2])
    expect(await ids('blocked')).toEqual([])
  })

  test('who acts is said by headers', async () => {
    const server = await serve(await freshDatabase())
    await create(server, { title: 'one' })
    // Latin-1 characters that stand for the bytes of UTF-8, as clients send them.
    const actor = Buffer.from('human:Jörg 日').toString('latin1')
    const headers = { 'x-pipeline-actor': actor, 'x-pipeline-source': 'subagent' }
    await server.ask('POST', '/items/1/notes', { body: { text: 'hello' }, headers })
    const { entries } = (await server.ask('GET', '/activity?item=1')).json.data
    expect(entries[0]).toMatchObject({ actor: 'human:Jörg 日', source: 'subagent', note: 'hello', at })
    expect(entries[1]).toMatchObject({ actor: 'human:web', source: null })
    for (const wrong of ['max', 'system:monitor', 'human:']) {
      const refused = { status: 400, json: { code: 'invalid' } }
      // The same whether the answer is kept or not.
      await server.ask('GET', '/items/1')
      const asked = { headers: { 'x-pipeline-actor': wrong } }
      expect(await server.ask('GET', '/items/1', asked)).toMatchObject(refused)
      expect(await server.ask('POST', '/items/1/claim', asked)).toMatchObject(refused)
    }
  })

  test('a command that comes over HTTP is stored and does not run until it is approved on the machine', async () => {
    const database = await freshDatabase()
    const server = await serve(database)
    const healthCheck = { type: 'command', command: ['node', '--version'], frequency: '5m' }
    const made = await server.ask('POST', '/items', { body: { title: 'gun', healthCheck } })
    expect(made.json.data.health).toMatchObject({ approved: false })
    expect(made.json.warnings.join()).toMatch(/approve/)
    for (const path of ['/items/1/approve', '/items/1/check/approve', '/checks/approve', '/check.approve']) {
      expect((await server.ask('POST', path)).status).toBe(404)
    }
    const { data } = await call(itemShow, { id: 1 }, local(database))
    expect(data.health).toMatchObject({ approved: false })
    // Approval is seen at once, kept answers or not; another command asks for another one.
    expect((await server.ask('GET', '/items/1')).json.data.health.approved).toBe(false)
    await call(checkApprove, { id: 1 }, local(database))
    expect((await server.ask('GET', '/items/1')).json.data.health.approved).toBe(true)
    const other = { healthCheck: { ...healthCheck, command: ['node', '-e', '1'] } }
    const patched = await server.ask('PATCH', '/items/1', { body: other })
    expect(patched.json.data.health).toMatchObject({ approved: false })
  })

  test('a check is run by the worker that was handed in, and refused without one', async () => {
    const database = await freshDatabase()
    const without = await serve(database)
    await create(without, { title: 'watched' })
    expect(await without.ask('POST', '/items/1/check')).toMatchObject({ status: 403 })
    const asked: unknown[] = []
    const checked = {
      itemId: 1,
      title: 'watched',
      result: 'up',
      state: 'up',
      summary: 's',
      durationMs: 1,
    } as const
    const worker = {
      checkItem: async (...words: unknown[]) => {
        asked.push(words)
        return { ...checked, attempts: 1, stored: true, maintenance: false, incident: null, notOpened: null }
      },
      checkDue: async () => [],
    }
    const withOne = await serve(database, { worker })
    expect((await withOne.ask('POST', '/items/1/check')).json.data).toMatchObject({ result: 'up' })
    expect(asked).toEqual([[1, { dryRun: false }]])
    expect((await withOne.ask('POST', '/checks/due', { body: {} })).json.data).toEqual({ runs: [] })
  })

  test('what another connection writes is seen by the next read', async () => {
    const database = await freshDatabase()
    const [one, other] = [await serve(database), await serve(database)]
    await create(one, { title: 'first' })
    for (let round = 0; round < 5; round += 1) {
      expect((await one.ask('GET', '/items/1')).json.data.title).toBe(
        round === 0 ? 'first' : `title ${round - 1}`,
      )
      await other.ask('PATCH', '/items/1', { body: { title: `title ${round}` } })
    }
  })
})
