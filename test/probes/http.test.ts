/** An http check against real servers on loopback. TLS and dead ends: http-faults.test.ts. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { createHttpProbe, httpProbe } from '../../src/probes/http.ts'
import { contextOf, planOf } from './plan.ts'
import { closeServers, serve, waitUntilUnused } from './server.ts'

afterEach(closeServers)

const get = (url: string, fields: Partial<CheckPlan> = {}, env: Record<string, string> = {}) =>
  httpProbe(planOf({ type: 'http', url, ...fields }), contextOf({ env }))

/** Answers with what it was asked. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  })
}

const redirectTo = (status: number, location: string) => (_: IncomingMessage, response: ServerResponse) =>
  response.writeHead(status, { location }).end('moved')

describe('request and answer', () => {
  test('status, headers, body and duration are told', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(503, { 'X-Two': ['a', 'b'] })
      setTimeout(() => response.end('{"état":"lent"}'), 50)
    })
    const seen = await get(`${origin}/health?a=1`)
    expect(seen).toMatchObject({ status: 503, body: '{"état":"lent"}', headers: { 'x-two': 'a, b' } })
    expect(seen.durationMs).toBeGreaterThanOrEqual(40)
    expect(seen.fault).toBeUndefined()
    expect(seen.truncated).toBeUndefined()
  })

  test('method, path, headers and body reach the server', async () => {
    const { origin } = await serve(echo)
    const seen = await get(`${origin}/a%20b?c=d#e`, {
      method: 'PUT',
      headers: { 'X-A': '1', Accept: 'x/y' },
      body: 'hé',
    })
    expect(JSON.parse(seen.body ?? '')).toMatchObject({
      method: 'PUT',
      url: '/a%20b?c=d',
      body: 'hé',
      headers: { 'x-a': '1', accept: 'x/y', 'content-length': '3', 'user-agent': 'throughline/health-check' },
    })
  })

  test('the user agent can be given by the runner and by the plan', async () => {
    const { origin } = await serve(echo)
    const probe = createHttpProbe({ userAgent: 'throughline/9' })
    const plans: Record<string, string>[] = [{}, { 'User-Agent': 'mine' }]
    const agents = plans.map(async (headers) => {
      const seen = await probe(planOf({ type: 'http', url: origin, headers }), contextOf())
      return JSON.parse(seen.body ?? '').headers['user-agent']
    })
    expect(await Promise.all(agents)).toEqual(['throughline/9', 'mine'])
  })

  test('HEAD and 204 have an empty body', async () => {
    const { origin } = await serve((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'content-encoding': 'gzip' }).end()
    })
    expect(await get(origin, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(await get(origin)).toMatchObject({ status: 204, body: '' })
  })

  test('of a body of 1.5 MiB the first MiB is kept, and the rest is not fetched', async () => {
    let served = 0
    const { origin, server } = await serve((_, response) => {
      const more = () => {
        while (served < 64 * 1024 * 1024) {
          served += 65_536
          if (!response.write(Buffer.alloc(65_536, 'x'))) return response.once('drain', more)
        }
        return response.end()
      }
      more()
    })
    const seen = await get(origin)
    expect(seen).toMatchObject({ status: 200, truncated: true })
    expect(seen.body).toHaveLength(1024 * 1024)
    expect(served).toBeLessThan(32 * 1024 * 1024)
    await waitUntilUnused(server)
  })

  test('1.5 MiB with a length, and 1 MiB to the byte', async () => {
    const { origin } = await serve((request, response) =>
      response.end('x'.repeat(Number(request.url?.slice(1)))),
    )
    expect(await get(`${origin}/${1.5 * 1024 * 1024}`)).toMatchObject({ truncated: true })
    const whole = await get(`${origin}/${1024 * 1024}`)
    expect(whole.body).toHaveLength(1024 * 1024)
    expect(whole.truncated).toBeUndefined()
  })

  test('a compressed body is read as text, and a bomb stops at the cap', async () => {
    const { origin } = await serve((request, response) => {
      const body = request.url === '/bomb' ? Buffer.alloc(100_000_000) : 'ok'
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(request.url === '/bad' ? 'zzz' : gzipSync(body))
    })
    expect(await get(origin)).toMatchObject({ body: 'ok' })
    expect(await get(`${origin}/bomb`)).toMatchObject({ truncated: true })
    expect((await get(`${origin}/bad`)).fault).toMatchObject({ of: 'target', code: 'Z_DATA_ERROR' })
  })

  test('the charset of the answer is heeded', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; charset=ISO-8859-1' }).end(Buffer.from([0xe9]))
    })
    expect(await get(origin)).toMatchObject({ body: 'é' })
  })

  test('a check never meets a connection of an earlier one, and leaves none', async () => {
    const { origin, server } = await serve((_, response) => response.end('ok'))
    let connections = 0
    server.on('connection', () => connections++)
    for (let n = 0; n < 3; n++) expect(await get(origin)).toMatchObject({ body: 'ok' })
    expect(connections).toBe(3)
    await waitUntilUnused(server)
  })
})

describe('secrets and headers', () => {
  const env = { TOKEN: 'tok/en+1' }

  test('a secret is sent in URL, header and body, and blotted out of what comes back', async () => {
    const { origin } = await serve((request, response) => {
      response.setHeader('x-seen', request.headers.authorization ?? '')
      echo(request, response)
    })
    const seen = await get(
      `${origin}/?t=\${secret:TOKEN}`,
      {
        method: 'POST',
        headers: { Authorization: 'Bearer ${secret:TOKEN}', 'X-Length': '8' },
        body: 'a=${secret:TOKEN}',
      },
      env,
    )
    expect(seen.headers).toMatchObject({ 'x-seen': 'Bearer ***' })
    expect(JSON.parse(seen.body ?? '')).toMatchObject({
      url: '/?t=***',
      body: 'a=***',
      headers: { authorization: 'Bearer ***', 'content-length': '10' },
    })
    expect(JSON.stringify(seen)).not.toContain('tok')
  })

  test('without its secret nothing is sent', async () => {
    let requests = 0
    const { origin } = await serve((_, response) => response.end(String(++requests)))
    const seen = await get(origin, { headers: { 'X-Key': '${secret:GONE}' } }, env)
    expect(seen.fault).toMatchObject({ code: 'secret-missing', of: 'runner' })
    expect(requests).toBe(0)
  })

  test.each([
    ['a line break in a value', { 'X-A': 'a\r\nX-Evil: 1' }],
    ['a line break in a secret', { 'X-A': '${secret:BROKEN}' }],
    ['a line break in a name', { 'X-A: 1\r\nX-Evil': '1' }],
    ['a character beyond Latin-1', { 'X-A': 'a\u010a' }],
    ['a length that is not true', { 'Content-Length': '999' }],
    ['a second way to say the length', { 'Transfer-Encoding': 'chunked' }],
  ])('%s is refused before anything is sent', async (_, headers) => {
    let requests = 0
    const { origin } = await serve((_, response) => response.end(String(++requests)))
    const seen = await get(origin, { method: 'POST', headers, body: 'x' }, { BROKEN: 'a\r\nX-Evil: 1' })
    expect(seen.fault).toMatchObject({ code: 'invalid-plan', of: 'runner' })
    expect(seen.fault?.message).not.toMatch(/[\r\n]/)
    expect(requests).toBe(0)
  })

  test.each(['ftp://x/', 'file:///etc/passwd', '/only/path', '', 'http://user:pass@127.0.0.1/'])(
    'the URL %j is refused, without telling what is in it',
    async (url) => {
      const { fault } = await get(url)
      expect(fault).toMatchObject({ code: 'invalid-plan', of: 'runner' })
      expect(fault?.message).not.toContain('pass@')
    },
  )
})

describe('redirects', () => {
  test('without leave to follow, the redirect is the answer', async () => {
    const { origin } = await serve(redirectTo(302, '/next'))
    expect(await get(origin)).toMatchObject({ status: 302, headers: { location: '/next' }, body: 'moved' })
  })

  test('as many as allowed are followed, one more is the fault of the target', async () => {
    const { origin } = await serve((request, response) => {
      const step = Number(request.url?.slice(1))
      if (step === 0) response.end('there')
      else redirectTo(302, `/${step - 1}`)(request, response)
    })
    expect(await get(`${origin}/3`, { followRedirects: 3 })).toMatchObject({ status: 200, body: 'there' })
    const seen = await get(`${origin}/4`, { followRedirects: 3 })
    expect(seen.fault).toMatchObject({ code: 'too-many-redirects', of: 'target' })
  })

  test('a circle is the fault of the target, found when it closes', async () => {
    let requests = 0
    const { origin } = await serve((request, response) => {
      requests++
      redirectTo(302, request.url === '/a' ? '/b' : '/a')(request, response)
    })
    expect((await get(`${origin}/a`, { followRedirects: 10 })).fault).toMatchObject({
      code: 'redirect-loop',
      of: 'target',
    })
    expect(requests).toBe(2)
  })

  test.each(['javascript:alert(1)', 'file:///etc/passwd', 'http://', 'http://u:p@127.0.0.1/'])(
    'to %s nobody follows',
    async (location) => {
      const { origin } = await serve(redirectTo(301, location))
      expect((await get(origin, { followRedirects: 1 })).fault).toMatchObject({
        code: 'bad-redirect',
        of: 'target',
      })
    },
  )

  test('what identifies us stays with the first origin; the rest goes on', async () => {
    const other = await serve(echo)
    const { origin } = await serve((request, response) => {
      if (request.url === '/start') redirectTo(307, '/same')(request, response)
      else if (request.headers['x-key'] !== 'k3y') response.end('the key was lost too early')
      else redirectTo(307, `${other.origin}/end`)(request, response)
    })
    const headers = {
      Authorization: 'Basic abc',
      Cookie: 'a=b',
      'X-Key': '${secret:KEY}',
      'X-Plain': '1',
      Host: 'own',
    }
    const seen = await get(`${origin}/start`, { followRedirects: 2, headers }, { KEY: 'k3y' })
    const echoed = JSON.parse(seen.body ?? '').headers
    expect(echoed).toMatchObject({ 'x-plain': '1', host: new URL(other.origin).host })
    for (const name of ['authorization', 'cookie', 'x-key']) expect(echoed).not.toHaveProperty(name)
  })

  test('a body with a secret is not sent to another origin', async () => {
    let requests = 0
    const other = await serve((_, response) => response.end(String(++requests)))
    const { origin } = await serve(redirectTo(307, other.origin))
    const plan = { method: 'POST', body: '${secret:KEY}', followRedirects: 1 }
    expect((await get(origin, plan, { KEY: 'k3y' })).fault).toMatchObject({ code: 'bad-redirect' })
    expect(requests).toBe(0)
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('%i turns %s into %s', async (status, method, expected) => {
    let last: IncomingMessage | undefined
    const { origin } = await serve((request, response) => {
      last = request
      if (request.url === '/a') redirectTo(status, '/b')(request, response)
      else echo(request, response)
    })
    const body = method === 'HEAD' ? {} : { body: 'x', headers: { 'Content-Type': 'text/x' } }
    expect(await get(`${origin}/a`, { method, followRedirects: 1, ...body })).toMatchObject({ status: 200 })
    expect(last).toMatchObject({ method: expected, url: '/b' })
    expect(last?.headers['content-type']).toBe(
      expected === method && method !== 'HEAD' ? 'text/x' : undefined,
    )
  })
})
