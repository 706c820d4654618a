/** Answers made shorter for those who ask for it; the same bytes for those who do not. */

import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { keptAnswer } from '../../../src/faces/http/answer.ts'
import { AnswerCache } from '../../../src/faces/http/cache.ts'
import { engines } from '../../helpers/engines.ts'
import { serve, type TestServer } from './client.ts'

const spec = 'All work and no play. '.repeat(500)
const decoders = { br: brotliDecompressSync, gzip: gunzipSync }

async function bytes({ url }: TestServer, path: string, headers: Record<string, string>) {
  const answer = await request(`${url}/api/v1${path}`, { headers })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(await answer.body.arrayBuffer()),
  }
}

describe.each(engines)('compression on $engine', ({ freshDatabase }) => {
  test.each(['br', 'gzip'] as const)('%s: the same answer, shorter', async (encoding) => {
    const server = await serve(await freshDatabase())
    for (const title of 'abcdefgh') await server.ask('POST', '/items', { body: { title, spec } })
    // The board is kept, the log hangs on the clock; the document leaves through Fastify.
    for (const path of ['/items/1', '/board', '/activity?since=1h', '/openapi.json']) {
      const plain = await server.ask('GET', path)
      expect(plain.headers['content-encoding'], path).toBeUndefined()
      expect(plain.headers.vary, path).toBe('accept-encoding')
      // Twice: the second comes from what was kept.
      for (const _ of [1, 2]) {
        const short = await bytes(server, path, { 'accept-encoding': encoding })
        expect(short.headers, path).toMatchObject({
          'content-encoding': encoding,
          'content-length': String(short.body.length),
          vary: 'accept-encoding',
          'content-type': 'application/json; charset=utf-8',
        })
        expect(decoders[encoding](short.body).toString(), path).toBe(plain.text)
        expect(short.body.length, path).toBeLessThan(plain.text.length)
      }
    }
  })

  test('an item is known by the tag of any encoding, and changed by it', async () => {
    const server = await serve(await freshDatabase())
    await server.ask('POST', '/items', { body: { title: 'one', spec } })
    const tags: string[] = []
    for (const encoding of ['identity', 'gzip', 'br']) {
      const { headers } = await bytes(server, '/items/1', { 'accept-encoding': encoding })
      tags.push(String(headers.etag))
    }
    // Other bytes, another strong tag.
    expect(new Set(tags).size).toBe(3)
    for (const tag of tags) {
      for (const encoding of ['identity', 'gzip', 'br']) {
        const known = await bytes(server, '/items/1', { 'accept-encoding': encoding, 'if-none-match': tag })
        expect(known).toMatchObject({ status: 304, headers: { vary: 'accept-encoding' } })
        expect(known.headers.etag).toBe(tags[['identity', 'gzip', 'br'].indexOf(encoding)])
      }
    }
    let version = 1
    for (const tag of tags) {
      const now = tag.replace('"v1-', `"v${version}-`)
      const changed = await server.ask('PATCH', '/items/1', {
        body: { title: `t${version}` },
        headers: { 'if-match': now },
      })
      expect(changed.status).toBe(200)
      version += 1
    }
  })

  test('answers to writes are made shorter too, and so are problems that are long', async () => {
    const server = await serve(await freshDatabase())
    const made = await request(`${server.url}/api/v1/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
      body: JSON.stringify({ title: 'one', spec }),
    })
    expect(made).toMatchObject({ statusCode: 201, headers: { 'content-encoding': 'gzip' } })
    const { data } = JSON.parse(gunzipSync(Buffer.from(await made.body.arrayBuffer())).toString())
    expect(data).toMatchObject({ id: 1, spec })
  })
})

const [{ freshDatabase }] = engines as [(typeof engines)[0]]

test('what is short, and what nobody asked to be shorter, stays as it is', async () => {
  const server = await serve(await freshDatabase())
  await server.ask('POST', '/items', { body: { title: 'one', spec } })
  const plain = await bytes(server, '/items/1', {})
  expect(plain.headers['content-encoding']).toBeUndefined()
  const zero = await bytes(server, '/items/1', { 'accept-encoding': 'br;q=0, gzip;q=0' })
  expect(zero.body.equals(plain.body)).toBe(true)
  const short = await bytes(server, '/projects', { 'accept-encoding': 'br, gzip' })
  expect(short.headers['content-encoding']).toBeUndefined()
})

test('HEAD says of the shorter answer what GET does', async () => {
  const server = await serve(await freshDatabase())
  await server.ask('POST', '/items', { body: { title: 'one', spec } })
  for (const path of ['/items/1', '/openapi.json']) {
    const headers = { 'accept-encoding': 'br' }
    const got = await bytes(server, path, headers)
    const headed = await server.ask('HEAD', path, { headers })
    expect(headed).toMatchObject({ status: 200, text: '' })
    for (const name of ['etag', 'content-encoding', 'content-length'])
      expect(headed.headers[name], `${path} ${name}`).toBe(got.headers[name])
  }
})

test('the shorter forms of a kept answer count among the bytes that are kept', () => {
  const cache = new AnswerCache(100_000)
  const answer = keptAnswer({ tag: '"t"', type: 'text/plain', body: 'x'.repeat(2_000), headers: {} })
  cache.set('/a', '1', answer)
  const before = cache.bytes
  cache.grow('/a', answer, 500)
  expect(cache.bytes).toBe(before + 500)
  // Another answer has come under its name since.
  cache.set('/a', '2', { ...answer })
  cache.grow('/a', answer, 500)
  expect(cache.bytes).toBe(before)
  cache.grow('/a', cache.get('/a', '2')!, 200_000)
  expect(cache.bytes).toBe(0)
})
