/** How the server starts, says what it is, and ends. */

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createHttpServer } from '../../../src/faces/http/server.ts'
import type { Database } from '../../../src/store/database.ts'
import { pause } from '../../../src/wire.ts'
import { atEnd, engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'

const [sqlite] = engines as [(typeof engines)[0]]
const { freshDatabase } = sqlite

describe.each(engines)('pages on $engine', (engine) => {
  test('/ says what is here, /healthz that it lives, /readyz that the database answers', async () => {
    const database = await engine.freshDatabase()
    const { ask, errors } = await serve(database, { home: 'Database: here.' })
    const home = await ask('GET', '//')
    expect(home).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } })
    for (const word of ['1.2.3', '/api/v1', 'openapi.json', 'pipeline create', 'Database: here.']) {
      expect(home.text).toContain(word)
    }
    expect(await ask('GET', '//healthz')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await ask('GET', '//readyz')).toMatchObject({ status: 200, text: 'ready\n' })
    const broken = new Proxy(database, {
      get: (target, key) =>
        key === 'read' ? () => Promise.reject(new Error('secret path')) : Reflect.get(target, key),
    })
    const { ask: askBroken } = await serve(broken)
    expect((await askBroken('GET', '//healthz')).status).toBe(200)
    const unready = await askBroken('GET', '//readyz')
    expect(unready).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      json: { code: 'unavailable' },
    })
    expect(unready.text).not.toContain('secret')
    const silent = new Proxy(database, {
      get: (target, key) => (key === 'read' ? () => new Promise(() => {}) : Reflect.get(target, key)),
    })
    const { ask: askSilent } = await serve(silent, { readyMs: 20 })
    expect(await askSilent('GET', '//readyz')).toMatchObject({ status: 503 })
    expect(errors).toEqual([])
  })
})

test('HEAD is GET without a body', async () => {
  const { ask } = await serve(await freshDatabase())
  await ask('POST', '/items', { body: { title: 'one' } })
  for (const path of ['/items/1', '/items', '/openapi.json', '//', '//healthz']) {
    const [got, headed] = [await ask('GET', path), await ask('HEAD', path)]
    expect(headed).toMatchObject({ status: 200, text: '' })
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(headed.headers[name]).toBe(got.headers[name])
  }
  expect(await ask('HEAD', '/items/9')).toMatchObject({ status: 404, text: '' })
})

test('a wrong method is told the right ones; OPTIONS tells them too', async () => {
  const { ask, wire, port } = await serve(await freshDatabase())
  const item = 'DELETE, GET, HEAD, OPTIONS, PATCH'
  for (const method of ['PUT', 'POST', 'TRACE']) {
    const reply = await ask(method, '/items/1', method === 'TRACE' ? {} : { body: {} })
    expect(reply).toMatchObject({
      status: 405,
      headers: { allow: item },
      json: { code: 'invalid', status: 405 },
    })
  }
  expect(await ask('OPTIONS', '/items/1')).toMatchObject({ status: 204, text: '', headers: { allow: item } })
  expect(await ask('GET', '/items/1/move')).toMatchObject({
    status: 405,
    headers: { allow: 'OPTIONS, POST' },
  })
  expect(await ask('DELETE', '//healthz')).toMatchObject({ status: 405 })
  const odd = await wire(
    `PROPFIND /api/v1/items/1 HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
  )
  expect(odd).toMatch(/^HTTP\/1.1 405 /)
})

test('what is not there is a problem, whatever the body', async () => {
  const { ask } = await serve(await freshDatabase())
  const paths = [
    '//nothing',
    '/',
    '/item',
    '/items/',
    '/items/1/',
    '/items/1/nothing',
    '//api/v2/items',
    '//API/v1/items',
  ]
  for (const path of paths) {
    expect(await ask('GET', path), path).toMatchObject({
      status: 404,
      json: { code: 'not-found', status: 404 },
    })
    const posted = await ask('POST', path, { raw: '{"half', headers: { 'content-type': 'application/json' } })
    expect(posted.status, path).toBe(404)
  }
})

test('a fault of ours shows nothing of the inside, and is logged', async () => {
  const database = await freshDatabase()
  const broken: Database = Object.assign(Object.create(database), {
    stamp: () => undefined,
    read: () => Promise.reject(new Error('secret at /home/x')),
    write: () => Promise.reject(new Error('secret at /home/x')),
  })
  const { ask, errors } = await serve(broken)
  for (const reply of [await ask('GET', '/items'), await ask('POST', '/items', { body: { title: 'x' } })]) {
    expect(reply).toMatchObject({ status: 500, json: { code: 'internal' } })
    expect(reply.text).not.toMatch(/secret|stack|node_modules/)
  }
  expect(errors.map(String)).toEqual(['Error: secret at /home/x', 'Error: secret at /home/x'])
})

test('requests are logged where that is wanted', async () => {
  const seen: unknown[] = []
  const { ask } = await serve(await freshDatabase(), {
    log: { error: () => {}, request: (entry) => seen.push(entry) },
  })
  await ask('GET', '/items?all')
  await ask('GET', '/items?all')
  await ask('DELETE', '/items/5')
  const durationMs = expect.any(Number)
  const listed = { method: 'GET', path: '/api/v1/items', status: 200, durationMs }
  expect(seen).toEqual([
    listed,
    listed,
    { method: 'DELETE', path: '/api/v1/items/5', status: 404, durationMs },
  ])
})

test('an address that others can reach is refused before anything listens', async () => {
  const options = { database: await freshDatabase(), now: () => '', pause, actor: 'human:a', version: '1' }
  await expect(createHttpServer({ ...options, host: '0.0.0.0' })).rejects.toMatchObject({ kind: 'invalid' })
})

test('a port that is taken, or none, is said so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  atEnd(async () => void taken.close())
  const options = { database: await freshDatabase(), now: () => '', pause, actor: 'human:a', version: '1' }
  const { port } = taken.address() as { port: number }
  const server = await createHttpServer(options)
  await expect(server.listen(port)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `port ${port} is in use`,
  })
  for (const wrong of [-1, 65_536, 1.5, Number.NaN]) {
    await expect((await createHttpServer(options)).listen(wrong)).rejects.toMatchObject({ kind: 'invalid' })
  }
})

/** A worker whose check takes until it is told to end. */
function heldWorker() {
  let begin = (): void => {}
  let end = (): void => {}
  const started = new Promise<void>((resolve) => (begin = resolve))
  const ended = new Promise<void>((resolve) => (end = resolve))
  const checkDue = async () => {
    begin()
    await ended
    return []
  }
  return { started, end, worker: { checkDue, checkItem: async () => ({}) as never } }
}

test('closing lets what is under way finish, and accepts nothing new', async () => {
  const { started, end, worker } = heldWorker()
  const { ask, url, server } = await serve(await freshDatabase(), { worker })
  await ask('GET', '/items')
  const running = ask('POST', '/checks/due')
  await started
  const closed = server.close()
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  end()
  expect(await running).toMatchObject({ status: 200, json: { data: { runs: [] } } })
  await closed
})

test('closing does not wait for ever', async () => {
  const { started, end, worker } = heldWorker()
  const { ask, server } = await serve(await freshDatabase(), { worker, graceMs: 50 })
  const running = ask('POST', '/checks/due').catch((error: Error) => error)
  await started
  await server.close()
  expect(await running).toBeInstanceOf(Error)
  end()
})

test('an idle connection does not keep the server', async () => {
  const { server, wire, port } = await serve(await freshDatabase(), { graceMs: 20_000 })
  const kept = wire(`GET /healthz HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  await server.app.server.getConnections(() => {})
  await once(server.app.server, 'request')
  await server.close()
  expect(await kept).toMatch(/^HTTP\/1.1 200 /)
})

test('once what is under way is answered, its connection is closed', { timeout: 3_000 }, async () => {
  const { started, end, worker } = heldWorker()
  const { port, wire, server } = await serve(await freshDatabase(), { worker, graceMs: 20_000 })
  const running = wire(`POST /api/v1/checks/due HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  await started
  const closed = server.close()
  while (server.app.server.listening) await new Promise((resolve) => setImmediate(resolve))
  end()
  expect(await running).toMatch(/^HTTP\/1.1 200 /)
  await closed
})

test('a request that still comes over an open connection is answered, and the connection closed', async () => {
  const { started, end, worker } = heldWorker()
  const { port, server } = await serve(await freshDatabase(), { worker })
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const lines = (start: string) => `${start} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`
  socket.write(lines('POST /api/v1/checks/due'))
  await started
  const closed = server.close()
  const came = once(server.app.server, 'request')
  socket.write(lines('GET /healthz'))
  await came
  end()
  let text = ''
  for await (const chunk of socket) text += chunk
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
  expect(text).toMatch(/connection: close/i)
  await closed
})
