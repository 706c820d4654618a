/** Pages of other sites can't reach the server through the browser of who runs it. */

import { expect, test } from 'vitest'
import { guard, hostsOf, requireLoopback } from '../../../src/faces/http/guard.ts'
import { engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'

const [{ freshDatabase }] = engines as [(typeof engines)[0]]
const hosts = hostsOf(7777)
const pass = (method: string, headers: Record<string, string>) => () => guard(method, headers, hosts)

test.each(['127.0.0.1:7777', 'localhost:7777', '[::1]:7777', 'LOCALHOST:7777'])(
  'the host %s is this server',
  (host) => {
    expect(pass('POST', { host })).not.toThrow()
  },
)

test.each([
  '',
  '127.0.0.1',
  'localhost',
  '127.0.0.1:7778',
  'evil.example:7777',
  'localhost.evil.example:7777',
  '127.0.0.1:7777.evil.example',
  'localhost:7777@evil.example',
  '0.0.0.0:7777',
  '127.0.0.1:07777',
])('the host %j is not', (host) => {
  expect(pass('GET', { host })).toThrow(/Host/)
})

test('on port 80 a host has no port', () => {
  expect(() => guard('GET', { host: 'localhost' }, hostsOf(80))).not.toThrow()
  expect(pass('GET', { host: 'localhost' })).toThrow()
})

test.each([
  'null',
  'http://evil.example',
  'http://localhost:3000',
  'https://localhost:7777',
  'http://127.0.0.1:7777',
  'http://localhost:7777.evil.example',
])('the origin %s may not call localhost:7777', (origin) => {
  for (const method of ['GET', 'POST'])
    expect(pass(method, { host: 'localhost:7777', origin })).toThrow(/origin/)
})

test('the own origin may', () => {
  expect(pass('POST', { host: 'localhost:7777', origin: 'http://localhost:7777' })).not.toThrow()
})

test('a page of another site may read nothing that it could not see anyway, and change nothing', () => {
  const headers = { host: 'localhost:7777', 'sec-fetch-site': 'cross-site' }
  for (const method of ['POST', 'PATCH', 'DELETE', 'PUT'])
    expect(pass(method, headers)).toThrow(/another site/)
  expect(pass('GET', headers)).not.toThrow()
})

test.each(['0.0.0.0', '::', '::1', '192.168.1.5', 'example.com', ''])('%s is not listened on', (host) => {
  expect(() => requireLoopback(host)).toThrow(expect.objectContaining({ kind: 'invalid' }))
})

test('attacks meet a problem, and nothing changes', async () => {
  const server = await serve(await freshDatabase())
  const body = { title: 'forged' }
  const attacks = [
    { host: 'evil.example' },
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of attacks as unknown as Record<string, string>[]) {
    const reply = await server.ask('POST', '/items', { body, headers })
    expect(reply).toMatchObject({ status: 403, json: { code: 'not-permitted' } })
  }
  for (const path of ['/items', '/openapi.json', '//', '//healthz', '/nothing', '/items/%']) {
    const reply = await server.ask('GET', path, { headers: { host: 'evil.example' } })
    expect(reply.status, path).toBe(path === '/items/%' ? 400 : 403)
  }
  const old = await server.wire('GET /api/v1/items HTTP/1.0\r\n\r\n')
  expect(old).toMatch(/^HTTP\/1.1 403 /)
  expect((await server.ask('GET', '/items')).json.data.items).toEqual([])
})

test('every answer carries the headers of caution, and none opens the server to other origins', async () => {
  const { ask, wire, port } = await serve(await freshDatabase())
  await ask('POST', '/items', { body: { title: 'one' } })
  const { etag = '' } = (await ask('GET', '/items/1')).headers
  const replies = [
    await ask('GET', '/items/1'),
    await ask('GET', '/items/1', { headers: { 'if-none-match': etag } }),
    await ask('GET', '/items/9'),
    await ask('GET', '/nothing'),
    await ask('PUT', '/items/1'),
    await ask('OPTIONS', '/items/1', { headers: { 'access-control-request-method': 'PATCH' } }),
    await ask('PATCH', '/items/1', { body: { title: 'two' } }),
    await ask('GET', '//'),
    await ask('GET', '/openapi.json'),
  ]
  const cautious = {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  }
  for (const { headers } of replies) {
    expect(headers).toMatchObject(cautious)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers['cache-control'] ?? 'no-store').toMatch(/no-cache|no-store/)
  }
  const garbage = await wire(`GARBAGE\r\nHost: localhost:${port}\r\n\r\n`)
  expect(garbage).toMatch(/^HTTP\/1.1 400 Bad Request\r\nx-content-type-options: nosniff/)
})
