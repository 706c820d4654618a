/** Http checks over kept connections, and over fresh ones. */

import { once } from 'node:events'
import type { Server as NetServer, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseExpectation } from '../../src/domain/expectation.ts'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { createHttpProbe, type HttpProbe } from '../../src/probes/http.ts'
import { createConnections } from '../../src/probes/http-connections.ts'
import { contextOf, planOf } from './plan.ts'
import { closeServers, serve, serveRaw, waitUntilUnused } from './server.ts'

let probe: HttpProbe
beforeEach(() => {
  probe = createHttpProbe({ keepAlive: true })
})
afterEach(async () => {
  probe.close()
  await closeServers()
})

let elapsedMs = 0
const get = (url: string, fields: Partial<CheckPlan> = {}) =>
  probe(planOf({ type: 'http', url, ...fields }), contextOf({ env: {}, elapsedMs: () => ++elapsedMs }))

function counted(server: NetServer): { sockets: Socket[] } {
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  return { sockets }
}

const conditions = (text: string) => [parseExpectation(text)]

describe('a kept connection', () => {
  test('carries one check after another', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    const { sockets } = counted(server)
    for (let n = 0; n < 5; n++) expect(await get(origin)).toMatchObject({ status: 200, body: 'ok' })
    expect(sockets).toHaveLength(1)
  })

  test('serves only its own origin, and checks at once have one each', async () => {
    const one = await serve((_, response) => response.end('one'))
    const two = await serve((_, response) => response.end('two'))
    const { sockets } = counted(one.server)
    for (let n = 0; n < 3; n++) {
      const seen = await Promise.all([get(one.origin), get(one.origin), get(two.origin)])
      expect(seen.map(({ body }) => body)).toEqual(['one', 'one', 'two'])
    }
    expect(sockets).toHaveLength(2)
  })

  test('that the server closed meanwhile is not missed', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    const { sockets } = counted(server)
    await get(origin)
    sockets[0]?.destroy()
    await waitUntilUnused(server)
    expect(await get(origin)).toMatchObject({ body: 'ok' })
    expect(sockets).toHaveLength(2)
  })

  test('that dies at the request is tried afresh once, and is no fault', async () => {
    let connections = 0
    const { origin } = await serveRaw((socket) => {
      const number = ++connections
      let requests = 0
      socket.on('data', () => {
        // the first connection is closed at its second request
        if (number === 1 && ++requests === 2) socket.destroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    for (let n = 0; n < 3; n++) {
      const seen = await get(origin)
      expect(seen).toMatchObject({ status: 200, body: 'ok' })
      expect(seen.fault).toBeUndefined()
    }
    expect(connections).toBe(2)
  })

  test('of a server that is gone does not hide it', async () => {
    const { origin } = await serve((_, response) => response.end('ok'))
    await get(origin)
    await closeServers()
    expect((await get(origin)).fault).toMatchObject({ code: 'ECONNREFUSED', of: 'target' })
  })

  test('of a server that breaks every connection is tried once more, not for ever', async () => {
    let requests = 0
    const { origin } = await serveRaw((socket) => {
      socket.on('data', () => {
        if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        else socket.resetAndDestroy()
      })
    })
    await get(origin)
    expect((await get(origin)).fault).toMatchObject({ code: 'ECONNRESET', of: 'target' })
    expect(requests).toBe(3)
  })

  test('never carries what must not be sent twice', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    const { sockets } = counted(server)
    for (let n = 0; n < 3; n++) await get(origin, { method: 'POST', body: 'x' })
    expect(sockets).toHaveLength(3)
  })

  test('is let go of after ten minutes: an address or a certificate may have changed', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    const { sockets } = counted(server)
    await get(origin)
    elapsedMs += 599_000
    await get(origin)
    expect(sockets).toHaveLength(1)
    elapsedMs += 2_000
    await get(origin)
    expect(sockets).toHaveLength(2)
  })

  test('is not kept beyond what the server says', async () => {
    const { origin, server } = await serve((_, response) =>
      response.setHeader('connection', 'close').end('ok'),
    )
    await get(origin)
    await waitUntilUnused(server)
  })

  test('is not kept when the answer was cut or did not come in time', async () => {
    const { origin, server } = await serve((request, response) => {
      if (request.url === '/long') response.end('x'.repeat(2_000_000))
    })
    expect(await get(`${origin}/long`)).toMatchObject({ truncated: true })
    await waitUntilUnused(server)
    const late = planOf({ type: 'http', url: origin, timeoutMs: 100 })
    expect(await probe(late, contextOf())).toMatchObject({ timedOut: true })
    await waitUntilUnused(server)
  })

  test('that has fallen silent takes the others of its origin with it', async () => {
    let silent = false
    const { origin, server } = await serve((_, response) => void (silent || response.end('ok')))
    await Promise.all([get(origin), get(origin), get(origin)])
    silent = true
    const late = planOf({ type: 'http', url: origin, timeoutMs: 100 })
    expect(await probe(late, contextOf())).toMatchObject({ timedOut: true })
    await waitUntilUnused(server)
  })

  test('ends with close(), and none is kept afterwards', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    const { sockets } = counted(server)
    await Promise.all([get(origin), get(origin)])
    expect(sockets.every(({ destroyed }) => !destroyed)).toBe(true)
    probe.close()
    await waitUntilUnused(server)
    expect(await get(origin)).toMatchObject({ body: 'ok' })
    await waitUntilUnused(server)
  })
})

test('an idle connection is closed after its time', async () => {
  const { origin, server } = await serve((_, response) => response.end('ok'))
  const connections = createConnections(await import('undici'), { keepAlive: true, idleMs: 50 })
  const connection = connections.open(origin, 0)
  const response = await connection.client.request({ path: '/', method: 'GET' })
  await response.body.text()
  connections.giveBack(connection)
  await waitUntilUnused(server)
  expect(connections.open(origin, 0).kept).toBe(false)
})

test('a connection that is in use is left to its exchange when the server closes it', async () => {
  const { origin, server } = await serve((_, response) => response.end('ok'))
  const { sockets } = counted(server)
  const connections = createConnections(await import('undici'), { keepAlive: true })
  const first = connections.open(origin, 0)
  await (await first.client.request({ path: '/', method: 'GET' })).body.text()
  connections.giveBack(first)
  const again = connections.open(origin, 0)
  expect(again).toMatchObject({ kept: true, client: first.client })
  const disconnected = once(again.client, 'disconnect')
  sockets[0]?.destroy()
  await disconnected
  expect(again.client.destroyed).toBe(false)
  again.close()
})

test('of one origin 64 connections are kept, and 1000 in all: the oldest make room', async () => {
  const connections = createConnections(await import('undici'), { keepAlive: true })
  const made = (count: number, origin: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => connections.open(origin(n), 0))
  const keptOf = (origin: string) => connections.open(origin, 0).kept
  for (const each of made(65, () => 'http://127.0.0.1:1')) connections.giveBack(each)
  let kept = 0
  while (keptOf('http://127.0.0.1:1')) kept++
  expect(kept).toBe(64)
  for (const each of made(1001, (n) => `http://127.0.0.1:${n + 2}`)) connections.giveBack(each)
  expect([2, 3, 1002].map((port) => keptOf(`http://127.0.0.1:${port}`))).toEqual([false, true, true])
  connections.close()
})

describe('a body that no condition looks at', () => {
  const long = 'x'.repeat(100_000)

  test('is told up to 4 KB, which an incident shows, and its connection is kept', async () => {
    const { origin, server } = await serve((_, response) => response.writeHead(503).end(long))
    const { sockets } = counted(server)
    for (let n = 0; n < 2; n++) {
      const seen = await get(origin, { expect: conditions('status == 200') })
      expect(seen).toMatchObject({ status: 503, truncated: true })
      expect(seen.body).toHaveLength(4096)
    }
    expect(sockets).toHaveLength(1)
  })

  test('is a fault all the same where it breaks off', async () => {
    const { origin } = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf')),
    )
    const seen = await get(origin, { expect: conditions('status == 200') })
    expect(seen).toMatchObject({ status: 200, body: 'half', fault: { of: 'target' } })
  })

  test.each(['expect', 'degraded'])('one in "%s" has it whole', async (field) => {
    const { origin } = await serve((_, response) => response.end(long))
    const seen = await get(origin, {
      expect: conditions('status == 200'),
      [field]: conditions('body contains y'),
    })
    expect(seen.body).toHaveLength(100_000)
    expect(seen.truncated).toBeUndefined()
  })
})

test('kept and fresh connections see the same', async () => {
  const { origin } = await serve((request, response) => {
    const status = Number(request.url?.slice(1))
    response.writeHead(status, { location: '/200', 'x-status': String(status) }).end('body')
  })
  const fresh = createHttpProbe()
  for (const status of [200, 204, 302, 404, 500, 200]) {
    for (const followRedirects of [0, 1]) {
      const plan = planOf({ type: 'http', url: `${origin}/${status}`, followRedirects })
      const [kept, anew] = [await probe(plan, contextOf()), await fresh(plan, contextOf())]
      for (const { headers } of [kept, anew]) delete headers?.date
      expect({ ...kept, durationMs: 0 }).toEqual({ ...anew, durationMs: 0 })
    }
  }
})
