/** Jobs that report in: short answers, any body, and no word on tokens that there are not. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../../helpers/engines.ts'
import { type Reply, serve } from './client.ts'

const healthCheck = { type: 'heartbeat', frequency: 'daily', grace: '1h' }

describe.each(engines)('heartbeats over HTTP on $engine', ({ freshDatabase }) => {
  async function fresh() {
    const database = await freshDatabase()
    const server = await serve(database)
    await server.ask('POST', '/items', { body: { title: 'Backup', healthCheck } })
    await server.ask('POST', '/items/1/move', { body: { to: 'live' } })
    const { url } = (await server.ask('POST', '/items/1/heartbeat')).json.data
    return {
      ...server,
      database,
      beat: (rest = '', asked = {}) =>
        server.ask('POST', `/heartbeats/${String(url).split('/').at(-1)}${rest}`, asked),
      health: async () => (await server.ask('GET', '/items/1')).json.data.health,
      note: async () => (await server.ask('GET', '/items/2')).json.data.notes[0].note as string,
    }
  }
  const ok = ({ status, text }: Reply): void => {
    expect(text).toBe('{"schemaVersion":1,"data":{"ok":true}}')
    expect(status).toBe(200)
  }

  test.each([
    ['', 'up', 'reported success'],
    ['/success', 'up', 'reported success'],
    ['/0', 'up', 'exit status 0'],
    ['/fail', 'down', 'reported failure'],
    ['/1', 'down', 'exit status 1'],
    ['/255', 'down', 'exit status 255'],
  ])('POST …TOKEN%s makes it %s', async (rest, state, summary) => {
    const s = await fresh()
    ok(await s.beat(rest))
    expect(await s.health()).toMatchObject({ state, summary, lastResult: state })
    expect(s.errors).toEqual([])
  })

  test('/start stores no run', async () => {
    const s = await fresh()
    ok(await s.beat('/start'))
    expect(await s.health()).toMatchObject({ state: 'unknown', lastRunAt: null })
  })

  test.each([
    ['no type', {}],
    ['form data, as curl sends it', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['what is no type', { 'content-type': '!' }],
    ['bytes', { 'content-type': 'application/octet-stream' }],
  ])('the body is kept whatever its type: %s', async (_what, headers) => {
    const s = await fresh()
    ok(await s.beat('/fail', { raw: '{"disk": "full"', headers }))
    expect(await s.note()).toContain('output:\n{"disk": "full"')
  })

  test('of a body 10 KB are kept, however long it is; no character is cut in half', async () => {
    const s = await fresh()
    ok(
      await s.beat('/fail', {
        raw: Buffer.concat([Buffer.from('é'.repeat(5119)), Buffer.from('x€'), Buffer.alloc(5_000_000, 'y')]),
      }),
    )
    const output = (await s.note()).split('output:\n')[1]!
    expect(output).toBe(`${'é'.repeat(5119)}x`)
  })

  test('what is no UTF-8, and NUL, are replaced', async () => {
    const s = await fresh()
    ok(await s.beat('/fail', { raw: Buffer.from([0x61, 0, 0x62, 0xff, 0x63]) }))
    expect(await s.note()).toContain('a\ufffdb\ufffdc')
  })

  test('HEAD and GET are no reports', async () => {
    const s = await fresh()
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      for (const rest of ['', '/fail']) {
        const reply = await s.ask(method, `/heartbeats/token-1${rest}`)
        expect(reply.status, method).toBe(405)
        expect(reply.headers.allow).toBe('OPTIONS, POST')
      }
    }
    expect(await s.health()).toMatchObject({ lastRunAt: null })
  })

  test('an unknown token is told nothing, whatever it is', async () => {
    const s = await fresh()
    const tokens = ['token-2', 'TOKEN-1', 'token-1%20', '1', "'%20OR%201=1--", 'x'.repeat(12_000)]
    const answers = new Set<string>()
    for (const token of [...tokens, encodeURIComponent('\u202e💥')]) {
      for (const rest of ['', '/start', '/fail', '/7']) {
        const { status, json } = await s.ask('POST', `/heartbeats/${token}${rest}`)
        expect(status, token).toBe(404)
        const { instance: _, ...told } = json
        answers.add(JSON.stringify(told))
      }
    }
    expect(answers.size).toBe(1)
    expect(await s.health()).toMatchObject({ lastRunAt: null })
    expect(s.errors).toEqual([])
  })

  test.each([
    ['a token of 1 MB', `/api/v1/heartbeats/${'x'.repeat(1_000_000)}`, '431'],
    ['..', '/api/v1/heartbeats/..', '404'],
    ['../items', '/api/v1/heartbeats/../items', '400'],
    ['.. in escapes', '/api/v1/heartbeats/%2e%2e/fail', '404'],
    ['NUL', '/api/v1/heartbeats/token-1%00', '400'],
    ['half an escape', '/api/v1/heartbeats/%', '400'],
    ['a byte that is no UTF-8', '/api/v1/heartbeats/%ff', '400'],
    ['an overlong slash', '/api/v1/heartbeats/token-1%c0%af', '400'],
    ['nothing', '/api/v1/heartbeats/', '404'],
    ['two words', '/api/v1/heartbeats/token-1/fail/1', '404'],
  ])('%s is refused', async (_what, path, status) => {
    const s = await fresh()
    const head = `Host: 127.0.0.1:${s.port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
    const answer = await s.wire(`POST ${path} HTTP/1.1\r\n${head}`).catch(() => 'HTTP/1.1 431 cut')
    expect(answer.split(' ')[1]).toBe(status)
    expect(await s.health()).toMatchObject({ lastRunAt: null })
    expect(s.errors).toEqual([])
  })

  test.each(['/256', '/-1', '/1.5', '/started', '/%20', '/__proto__', '/1e2'])(
    'a report of %s is refused before the token is looked at',
    async (rest) => {
      const s = await fresh()
      const known = await s.beat(rest)
      const unknown = await s.ask('POST', `/heartbeats/nobody${rest}`)
      expect([known.status, unknown.status]).toEqual([400, 400])
      expect(known.json.detail).toBe(unknown.json.detail)
      expect(await s.health()).toMatchObject({ lastRunAt: null })
    },
  )

  test('a fault of ours is logged without the token', async () => {
    const s = await fresh()
    await s.database.write((q) => q.run(sql`DROP TABLE pipeline_heartbeats`))
    const told: string[] = []
    const other = await serve(s.database, { log: { error: (_error, { path }) => told.push(path) } })
    expect((await other.ask('POST', '/heartbeats/token-1/fail')).status).toBe(500)
    expect(told).toEqual(['/api/v1/heartbeats/…/fail'])
  })

  test('a page of another origin can not report', async () => {
    const s = await fresh()
    const reply = await s.beat('/fail', { headers: { origin: 'http://evil.example' } })
    expect(reply.status).toBe(403)
  })

  test('many at once are all stored', async () => {
    const s = await fresh()
    const replies = await Promise.all(Array.from({ length: 40 }, (_, n) => s.beat(n % 2 ? '' : '/0')))
    for (const reply of replies) ok(reply)
    const runs = await s.database.read((q) => q.all(sql`SELECT * FROM pipeline_runs`))
    expect(runs).toHaveLength(40)
  })
})
