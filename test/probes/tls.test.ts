/** A tls check against real servers on loopback, with certificates made on the spot. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HealthCheck, parseHealthCheck } from '../../src/domain/health-check.ts'
import { toInstant } from '../../src/domain/instant.ts'
import { judge } from '../../src/domain/verdict.ts'
import { createTlsProbe, tlsProbe } from '../../src/probes/tls.ts'
import { type Certificate, selfSigned } from './certificate.ts'
import { contextOf, planOf } from './plan.ts'
import { closeServers, serve, serveHandshakes, serveRaw, waitUntilUnused } from './server.ts'

afterEach(closeServers)

const DAY_MS = 86_400_000
const good = selfSigned('localhost', 90)

/** A check of a server that shows `certificate`, by one that trusts it. */
async function check(certificate: Certificate, fields: Partial<HealthCheck> = {}, ca = certificate.cert) {
  const port = await serveHandshakes(certificate)
  const { plan } = parseHealthCheck({ type: 'tls', host: 'localhost', port, frequency: 'daily', ...fields })
  const seen = await createTlsProbe({ ca })(plan, contextOf())
  return { seen, port, verdict: judge(plan, seen) }
}

describe('a certificate that is trusted', () => {
  test('is up, and its days and its names are told', async () => {
    const { seen, verdict } = await check(good)
    expect(seen.fault).toBeUndefined()
    expect(seen.certificateDays).toBeGreaterThan(89.9)
    expect(seen.certificateDays).toBeLessThanOrEqual(90)
    expect(seen.certificate).toEqual({
      subject: 'CN=localhost',
      issuer: 'CN=localhost',
      names: 'localhost',
      validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    })
    expect(verdict).toEqual({ result: 'up', summary: 'certificate ends in 89 days' })
  })

  test('certificate_days > 14: one that ends in 3 days is down', async () => {
    const { verdict } = await check(selfSigned('localhost', 3))
    expect(verdict).toEqual({
      result: 'down',
      failed: { expectation: 'certificate_days > 14', got: '2.9' },
      summary: 'expected certificate_days > 14, got 2.9',
    })
  })

  test('degraded: certificate_days > 14: one that ends in 3 days is degraded', async () => {
    const fields = { expect: 'certificate_days > 1', degraded: 'certificate_days > 14' }
    expect((await check(selfSigned('localhost', 3), fields)).verdict.result).toBe('degraded')
  })

  test('the days are counted from the instant that is handed in', async () => {
    const port = await serveHandshakes(good)
    const plan = planOf({ type: 'tls', host: 'localhost', port })
    const probe = createTlsProbe({ ca: good.cert })
    const days = async (offset: number) => {
      const now = () => toInstant(Date.now() + offset * DAY_MS)
      return (await probe(plan, contextOf({ now }))).certificateDays
    }
    expect(await days(88)).toBeCloseTo(2, 2)
    expect(await days(92)).toBeCloseTo(-2, 2)
  })
})

describe('a certificate that is refused is down, and is told all the same', () => {
  test.each([
    [
      'expired',
      selfSigned('localhost', -2),
      true,
      'CERT_HAS_EXPIRED',
      /^the certificate of localhost:\d+ has expired$/,
      -2,
    ],
    [
      'for another host',
      selfSigned('example.org', 30),
      true,
      'ERR_TLS_CERT_ALTNAME_INVALID',
      /is not for localhost/,
      30,
    ],
    ['self-signed', good, false, 'DEPTH_ZERO_SELF_SIGNED_CERT', /is self-signed$/, 90],
  ])('%s', async (_, certificate, trusted, code, message, days) => {
    const ca = trusted ? certificate.cert : selfSigned('another', 30).cert
    const { seen, verdict } = await check(certificate, { expect: 'certificate_days > -99' }, ca)
    expect(seen.fault).toEqual({ code, message: expect.stringMatching(message), of: 'target' })
    expect(seen.certificateDays).toBeCloseTo(days, 2)
    expect(seen.certificate?.subject).toMatch(/^CN=/)
    expect(verdict.result).toBe('down')
  })

  test('nobody but Node’s own list is trusted by itself', async () => {
    const port = await serveHandshakes(good)
    const seen = await tlsProbe(planOf({ type: 'tls', host: 'localhost', port }), contextOf())
    expect(seen.fault).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  test('an address is held against the addresses of the certificate', async () => {
    const { seen } = await check(good, { host: '127.0.0.1' })
    expect(seen.fault).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', of: 'target' })
  })
})

describe('the name that is asked for', () => {
  let asked: string[]
  beforeEach(() => {
    asked = []
  })

  test.each([
    ['localhost', ['localhost']],
    ['127.0.0.1', []],
  ])('of %s the server is told %j', async (host, names) => {
    const SNICallback = (name: string, done: (error: null) => void) => {
      asked.push(name)
      done(null)
    }
    const port = await serveHandshakes({ ...good, SNICallback })
    await tlsProbe(planOf({ type: 'tls', host, port }), contextOf())
    expect(asked).toEqual(names)
  })
})

describe('no handshake', () => {
  const shake = (port: number, timeoutMs = 5000, signal?: AbortSignal) =>
    tlsProbe(planOf({ type: 'tls', host: '127.0.0.1', port, timeoutMs }), contextOf(signal ? { signal } : {}))
  const portOf = (origin: string) => Number(new URL(origin).port)

  test('a refused connection', async () => {
    const { origin } = await serve(() => {})
    await closeServers()
    expect((await shake(portOf(origin))).fault).toMatchObject({ code: 'ECONNREFUSED', of: 'target' })
  })

  test('a server that speaks no TLS is told as such, in words', async () => {
    const { origin } = await serve((_, response) => response.end())
    const { fault } = await shake(portOf(origin))
    expect(fault).toMatchObject({ of: 'target', message: expect.stringMatching(/^no TLS connection to 127/) })
    expect(fault?.message).not.toMatch(/\.c:\d+|:error:/)
  })

  test('a server that offers only what is too old', async () => {
    const port = await serveHandshakes({
      ...good,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect((await shake(port)).fault).toMatchObject({
      of: 'target',
      message: expect.stringMatching(/^no TLS connection to 127/),
    })
  })

  test('a server that closes, or says nothing, and leaves no socket', async () => {
    const closing = await serveRaw((socket) => socket.once('data', () => socket.end()))
    expect((await shake(portOf(closing.origin))).fault).toMatchObject({ of: 'target', code: 'ECONNRESET' })
    const { origin, server } = await serveRaw((socket) => socket.resume())
    const seen = await shake(portOf(origin), 150)
    expect(seen).toEqual({ durationMs: seen.durationMs, timedOut: true })
    await waitUntilUnused(server)
  })

  test('a stop of the worker is no result', async () => {
    const stop = new AbortController()
    const { origin } = await serveRaw(() => stop.abort())
    expect((await shake(portOf(origin), 5000, stop.signal)).fault).toMatchObject({ code: 'stopped' })
  })
})
