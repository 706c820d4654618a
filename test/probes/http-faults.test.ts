/** An http check against what refuses, hangs, lies or shows a bad certificate. */

import { afterEach, describe, expect, test } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { networkFault } from '../../src/probes/faults.ts'
import { createHttpProbe, httpProbe } from '../../src/probes/http.ts'
import { selfSigned } from './certificate.ts'
import { deafServer } from './deaf-server.ts'
import { contextOf, planOf, waitUntil } from './plan.ts'
import { closeServers, serve, serveRaw, serveTls, waitUntilUnused } from './server.ts'

afterEach(closeServers)

const get = (url: string, fields: Partial<CheckPlan> = {}, signal?: AbortSignal) =>
  httpProbe(planOf({ type: 'http', url, ...fields }), contextOf({ env: {}, ...(signal && { signal }) }))

describe('no answer', () => {
  test('a refused connection', async () => {
    const { origin } = await serve(() => {})
    await closeServers()
    const { host } = new URL(origin)
    const seen = await get(origin)
    expect(seen.fault).toEqual({
      code: 'ECONNREFUSED',
      message: `connection refused by ${host}`,
      of: 'target',
    })
    expect(seen.status).toBeUndefined()
  })

  test('a refused connection on all addresses of a name', async () => {
    const { origin } = await serve(() => {})
    await closeServers()
    const seen = await get(origin.replace('127.0.0.1', 'localhost'))
    expect(seen.fault).toMatchObject({ code: 'ECONNREFUSED', of: 'target' })
  })

  test('a redirect to where nobody listens does not show the status of the redirect', async () => {
    const gone = await serve(() => {})
    await closeServers()
    const { origin } = await serve((_, response) => response.writeHead(302, { location: gone.origin }).end())
    const seen = await get(origin, { followRedirects: 1 })
    expect(seen).toEqual({
      durationMs: seen.durationMs,
      fault: expect.objectContaining({ code: 'ECONNREFUSED' }),
    })
  })

  test('a connection that breaks before the answer', async () => {
    const { origin } = await serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect((await get(origin)).fault).toMatchObject({ code: 'ECONNRESET', of: 'target' })
    const { origin: quiet } = await serveRaw((socket) => socket.once('data', () => socket.end()))
    expect((await get(quiet)).fault).toMatchObject({ code: 'UND_ERR_SOCKET', of: 'target' })
  })

  test('a body that ends too early keeps its status, and is a fault', async () => {
    const { origin } = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
    )
    expect(await get(origin)).toMatchObject({ status: 200, body: 'half', fault: { of: 'target' } })
  })

  test.each([
    'SSH-2.0-OpenSSH_9\r\n',
    'HTTP/1.1 2xx\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(99_999)}\r\n\r\n`,
  ])('what is no HTTP: %#', async (text) => {
    const { origin } = await serveRaw((socket) => socket.once('data', () => socket.end(text)))
    const { fault } = await get(origin)
    expect(fault).toMatchObject({ of: 'target' })
    expect(fault?.message).toMatch(/^127\.0\.0\.1:\d+: [^\r\n]+$/)
  })
})

describe('the time limit', () => {
  test('a server that never answers', async () => {
    const { origin, server } = await serve(() => {})
    const seen = await get(origin, { timeoutMs: 150 })
    expect(seen).toMatchObject({ timedOut: true })
    expect(seen.fault).toBeUndefined()
    expect(seen.status).toBeUndefined()
    expect(seen.durationMs).toBeGreaterThanOrEqual(130)
    expect(seen.durationMs).toBeLessThan(2000)
    await waitUntilUnused(server)
  })

  test('a body that drips: the limit spans all of it', async () => {
    const { origin } = await serve((_, response) => {
      const drip = setInterval(() => response.write('drop '), 20)
      response.on('close', () => clearInterval(drip))
    })
    const seen = await get(origin, { timeoutMs: 300 })
    expect(seen).toMatchObject({ timedOut: true, status: 200, body: expect.stringMatching(/^(drop )+$/) })
    expect(seen.durationMs).toBeLessThan(2000)
  })

  test('redirects that take their time', async () => {
    let step = 0
    const { origin } = await serve((_, response) => {
      setTimeout(() => response.writeHead(302, { location: `/${++step}` }).end(), 100)
    })
    expect(await get(origin, { timeoutMs: 250, followRedirects: 10 })).toMatchObject({ timedOut: true })
  })

  test('a host that takes no connections leaves no socket behind', async () => {
    const { port, end } = await deafServer()
    try {
      const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
      const before = sockets()
      const attempt = get(`http://127.0.0.1:${port}/`, { timeoutMs: 200 })
      await waitUntil(() => sockets() > before)
      const seen = await attempt
      expect(seen).toMatchObject({ timedOut: true })
      expect(seen.durationMs).toBeLessThan(2000)
      await waitUntil(() => sockets() === before)
    } finally {
      end()
    }
  })

  test('a stop of the worker is no result', async () => {
    const stop = new AbortController()
    const { origin } = await serve(() => stop.abort())
    const seen = await get(origin, {}, stop.signal)
    expect(seen.fault).toMatchObject({ code: 'stopped', of: 'runner' })
    expect(seen.timedOut).toBeUndefined()
    expect((await get(origin, {}, stop.signal)).fault).toMatchObject({ code: 'stopped' })
  })
})

describe('TLS', () => {
  const good = selfSigned('localhost', 30)

  test('a certificate that is trusted', async () => {
    const url = await serveTls(good)
    const probe = createHttpProbe({ ca: good.cert })
    expect(await probe(planOf({ type: 'http', url }), contextOf())).toMatchObject({
      status: 200,
      body: 'secret garden',
    })
  })

  test.each([
    ['self-signed', good, undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT', /is self-signed$/],
    ['expired', selfSigned('localhost', -1), 'own', 'CERT_HAS_EXPIRED', /localhost:\d+ has expired$/],
    [
      'for another host',
      selfSigned('example.org', 30),
      'own',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      /is not for localhost/,
    ],
  ])('a certificate that is %s', async (_, certificate, trusted, code, message) => {
    const url = await serveTls(certificate)
    const probe = createHttpProbe(trusted ? { ca: certificate.cert } : {})
    const seen = await probe(planOf({ type: 'http', url }), contextOf())
    expect(seen.fault).toEqual({ code, message: expect.stringMatching(message), of: 'target' })
    expect(seen.status).toBeUndefined()
  })

  test('a server that speaks no TLS', async () => {
    const { origin } = await serve((_, response) => response.end())
    const { fault } = await get(origin.replace('http:', 'https:'))
    expect(fault).toMatchObject({
      of: 'target',
      message: expect.stringMatching(/^no TLS connection to 127[^\r\n]+$/),
    })
  })
})

describe('whose fault it was', () => {
  const coded = (code: string) => Object.assign(new Error(`${code} happened`), { code })

  test.each(['ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'HPE_INVALID_CONSTANT', 'CERT_HAS_EXPIRED'])(
    '%s: the target',
    (code) => {
      expect(networkFault(coded(code), 'x')).toMatchObject({ code, of: 'target' })
    },
  )

  test.each(['EMFILE', 'ENOBUFS', 'ENOMEM', 'ENETUNREACH', 'EAI_AGAIN'])('%s: the runner', (code) => {
    expect(networkFault(coded(code), 'x')).toMatchObject({ code, of: 'runner' })
  })

  test('an error of our own never counts against the target', () => {
    expect(networkFault(new TypeError('undefined is no function'), 'x')).toMatchObject({ of: 'runner' })
  })

  test('of several addresses the one that answered counts', () => {
    const error = new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')])
    expect(networkFault(error, 'x')).toMatchObject({ code: 'ECONNREFUSED', of: 'target' })
  })

  test('a message is one line and no control sequence', () => {
    expect(networkFault(Object.assign(new Error('a\r\n\u001b[31mb'), { code: 'X' }), 'h').message).toMatch(
      /^[^\u0000-\u001f]+$/,
    )
  })
})
