/** A tcp check against real servers on loopback. */

import { afterEach, expect, test } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { tcpProbe } from '../../src/probes/tcp.ts'
import { deafServer } from './deaf-server.ts'
import { contextOf, planOf, waitUntil } from './plan.ts'
import { closeServers, serveRaw, waitUntilUnused } from './server.ts'

afterEach(closeServers)

const knock = (fields: Partial<CheckPlan>, signal?: AbortSignal) =>
  tcpProbe(planOf({ type: 'tcp', ...fields }), contextOf({ env: {}, ...(signal && { signal }) }))

const portOf = (origin: string) => Number(new URL(origin).port)

test.each(['127.0.0.1', 'localhost', 'LOCALHOST'])('a connection to %s is made and closed', async (host) => {
  let bytes = 0
  const { origin, server } = await serveRaw((socket) => socket.on('data', (chunk) => (bytes += chunk.length)))
  const seen = await knock({ host, port: portOf(origin) })
  expect(seen).toEqual({ durationMs: expect.any(Number) })
  expect(seen.durationMs).toBeGreaterThan(0)
  await waitUntilUnused(server)
  expect(bytes).toBe(0)
})

test('a server that talks first is up too', async () => {
  const { origin, server } = await serveRaw((socket) => socket.write('220 mail\r\n'.repeat(1000)))
  expect((await knock({ host: '127.0.0.1', port: portOf(origin) })).fault).toBeUndefined()
  await waitUntilUnused(server)
})

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', 'localhost'],
  ['::1', '[::1]'],
  ['[::1]', '[::1]'],
])('where nobody listens on %s, the connection is refused', async (host, name) => {
  const { origin } = await serveRaw(() => {})
  await closeServers()
  const port = portOf(origin)
  const { fault } = await knock({ host, port })
  // a machine without IPv6 has no way to ::1, which is its own fault
  const noIpv6 = host.includes('::') && fault?.of === 'runner'
  const message = `connection refused by ${name}:${port}`
  expect(fault).toEqual(noIpv6 ? expect.anything() : { code: 'ECONNREFUSED', message, of: 'target' })
})

test('an unknown host is told by its name', async () => {
  const { fault } = await knock({ host: 'no-such-host.invalid', port: 80 })
  expect(fault?.message).toContain('no-such-host.invalid')
})

test('a host that takes no connections is not waited for beyond the limit, and no socket is left', async () => {
  const { port, end } = await deafServer()
  try {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const attempt = knock({ host: '127.0.0.1', port, timeoutMs: 200 })
    await waitUntil(() => sockets() > before)
    const seen = await attempt
    expect(seen).toEqual({ durationMs: seen.durationMs, timedOut: true })
    expect(seen.durationMs).toBeLessThan(2000)
    await waitUntil(() => sockets() === before)
  } finally {
    end()
  }
})

test('a stop of the worker is no result', async () => {
  const { port, end } = await deafServer()
  try {
    const stop = new AbortController()
    const attempts = Array.from({ length: 20 }, () => knock({ host: '127.0.0.1', port }, stop.signal))
    stop.abort()
    for (const { fault } of await Promise.all(attempts)) {
      expect(fault).toMatchObject({ code: 'stopped', of: 'runner' })
    }
  } finally {
    end()
  }
})

test('a plan without a port is not run', async () => {
  expect((await knock({ host: '127.0.0.1' })).fault).toMatchObject({ code: 'invalid-plan', of: 'runner' })
})
