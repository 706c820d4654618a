/** What a hostile or careless client sends: refused as a problem, never a fault of ours, and nothing is changed. */

import { describe, expect, test } from 'vitest'
import { engines } from '../../helpers/engines.ts'
import { type Asked, type Reply, serve, type TestServer } from './client.ts'

const isProblem = ({ status, headers, json }: Reply): void => {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(json).toMatchObject({ status, type: expect.stringMatching(/^urn:throughline:problem:/) })
  expect(json.title).toBeTruthy()
  expect(json.detail).toBeTruthy()
}

const json = { 'content-type': 'application/json' }

describe.each(engines)('hostile requests on $engine', ({ freshDatabase }) => {
  const refused = async (server: TestServer, method: string, path: string, asked: Asked, status: number) => {
    const reply = await server.ask(method, path, asked)
    expect(reply.status, `${method} ${path}: ${reply.text.slice(0, 200)}`).toBe(status)
    isProblem(reply)
    return reply.json
  }
  const served = async (): Promise<TestServer> => serve(await freshDatabase())
  const untouched = async ({ ask, errors }: TestServer): Promise<void> => {
    expect((await ask('GET', '/items?all')).json.data.items).toEqual([])
    expect(errors).toEqual([])
  }

  test('each kind of error has its status and its word', async () => {
    const server = await served()
    await server.ask('POST', '/items', { body: { title: 'one', assignee: 'agent:a' } })
    const invalid = await refused(
      server,
      'POST',
      '/items',
      { body: { title: '', priority: 9, colour: 1 } },
      400,
    )
    expect(invalid).toMatchObject({ code: 'invalid', instance: '/api/v1/items' })
    const wrong = invalid.failures.map((each: { field: string }) => each.field)
    expect(wrong.toSorted()).toEqual(['colour', 'priority', 'title'])
    const missing = await refused(server, 'GET', '/items/99', {}, 404)
    expect(missing).toMatchObject({ code: 'not-found', hint: expect.any(String) })
    expect((await refused(server, 'POST', '/items/1/claim', {}, 409)).code).toBe('conflict')
    expect((await refused(server, 'POST', '/checks/due', {}, 403)).code).toBe('not-permitted')
    expect((await refused(server, 'POST', '/items/1/move', { body: { to: 'mars' } }, 400)).code).toBe(
      'invalid',
    )
    expect((await refused(server, 'POST', '/items', { body: { title: 'x', parent: 9 } }, 404)).code).toBe(
      'not-found',
    )
  })

  test.each([
    ['no JSON at all', '{"title":'],
    ['a byte that is no UTF-8', Buffer.from('{"title":"\xff"}', 'latin1')],
    ['an array', '[]'],
    ['null', 'null'],
    ['a text', '"title"'],
    ['__proto__', '{"title":"x","__proto__":{"type":"bug"}}'],
    ['__proto__ within', '{"title":"x","healthCheck":{"__proto__":{"type":"http"}}}'],
    ['constructor.prototype', '{"title":"x","constructor":{"prototype":{"a":1}}}'],
    ['NUL', '{"title":"a\\u0000b"}'],
    ['a name of a field with NUL', '{"title":"x","a\\u0000":1}'],
    ['a title of 1 MB', JSON.stringify({ title: 'x'.repeat(1_000_000) })],
    ['an infinite number', '{"title":"x","parent":1e309}'],
    ['a number that is not held exactly', '{"title":"x","parent":9007199254740993}'],
    ['a million brackets', `{"title":"x","healthCheck":{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`],
    ['a million objects', `{"title":"x","healthCheck":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}`],
  ])('a body with %s is invalid', async (_, raw) => {
    const server = await served()
    const problem = await refused(server, 'POST', '/items', { raw, headers: json }, 400)
    expect(problem.code).toBe('invalid')
    expect(problem.detail.length).toBeLessThan(400)
    await untouched(server)
  })

  test('prototypes stay as they were', async () => {
    const server = await served()
    await server.ask('GET', '/items?__proto__=polluted&constructor=x&toString=y')
    await server.ask('POST', '/items', { raw: '{"__proto__":{"polluted":1}}', headers: json })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const { failures } = await refused(server, 'GET', '/items?__proto__=1&constructor=2', {}, 400)
    expect(failures.map((each: { field: string }) => each.field)).toEqual(['__proto__', 'constructor'])
  })

  test('a body of over 2 MB is refused, whether its length is told or not', async () => {
    const server = await served()
    const raw = Buffer.from(JSON.stringify({ title: 'x', spec: 'y'.repeat(2_200_000) }))
    await refused(server, 'POST', '/items', { raw, headers: json }, 413)
    const body = `{"title":"${'x'.repeat(2_200_000)}"}`
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const head = `POST /api/v1/items HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Type: application/json\r\n`
    expect(await server.wire(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)).toMatch(/^HTTP\/1.1 413 /)
    await untouched(server)
  })

  test('a text of a million characters is stored whole', async () => {
    const server = await served()
    const spec = 'ä'.repeat(999_999)
    expect((await server.ask('POST', '/items', { body: { title: 'long', spec } })).status).toBe(201)
    expect((await server.ask('GET', '/items/1')).json.data.spec).toBe(spec)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'x',
  ])('a body of type %s is not read', async (type) => {
    const server = await served()
    await refused(server, 'POST', '/items', { raw: '{"title":"x"}', headers: { 'content-type': type } }, 415)
    await untouched(server)
  })

  test('JSON without its type, or in another encoding, is not read', async () => {
    const server = await served()
    await refused(server, 'POST', '/items', { raw: '{"title":"x"}' }, 415)
    const latin = {
      raw: '{"title":"x"}',
      headers: { 'content-type': 'application/json; charset=iso-8859-1' },
    }
    await refused(server, 'POST', '/items', latin, 415)
    const zipped = {
      raw: '{"title":"x"}',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }
    await refused(server, 'POST', '/items', zipped, 415)
    await untouched(server)
    const named = { raw: '{"title":"x"}', headers: { 'content-type': 'application/json;charset="UTF-8"' } }
    expect((await server.ask('POST', '/items', named)).status).toBe(201)
    // An empty body is none, whatever its type.
    expect((await server.ask('POST', '/items/1/claim', { raw: '', headers: json })).status).toBe(200)
  })

  test.each([
    '0',
    '-1',
    'abc',
    '1e309',
    '1.5',
    '9007199254740993',
    '99999999999999999999',
    '%00',
    '1%00',
    '%20',
    '__proto__',
  ])('the id %s is invalid in every route', async (id) => {
    const server = await served()
    await refused(server, 'GET', `/items/${id}`, {}, 400)
    await refused(server, 'PATCH', `/items/${id}`, { body: { title: 'x' } }, 400)
    await refused(server, 'DELETE', `/items/${id}`, {}, 400)
    await refused(server, 'POST', `/items/${id}/move`, { body: { to: 'done' } }, 400)
    await refused(server, 'DELETE', `/items/1/dependencies/${id}`, {}, 400)
    expect(server.errors).toEqual([])
  })

  test.each(['💥\\ud800', 'a\\u0000b', '\\u0001\\u0002', '\\u200b'])(
    'the title %s is refused',
    async (title) => {
      const server = await served()
      await refused(server, 'POST', '/items', { raw: `{"title":"${title}"}`, headers: json }, 400)
      await untouched(server)
    },
  )

  test('a path that is no path is refused', async () => {
    const server = await served()
    const { port } = server
    const line = (path: string) =>
      server.wire(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`)
    expect(await line('/api/v1/items/%')).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json/)
    expect(await line('/api/v1/items/%ff')).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json/)
    expect(await line('/api/v1/items/../../etc/passwd')).toMatch(/^HTTP\/1.1 404 /)
    expect(await line(`/api/v1/items/${'1'.repeat(5_000)}`)).toMatch(/^HTTP\/1.1 400 /)
    expect(await line(`/${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1.1 431 [\s\S]*problem\+json/)
    expect(await line('/api/v1/items?limit=%zz')).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json/)
  })

  test('a field that is said twice must say the same', async () => {
    const server = await served()
    await server.ask('POST', '/items', { body: { title: 'one' } })
    for (const asked of [{ body: { id: 2, title: 'x' } }, { body: { id: '1', title: 'x' } }]) {
      const { failures } = await refused(server, 'PATCH', '/items/1', asked, 400)
      expect(failures).toEqual([{ field: 'id', message: 'is given twice, with other values' }])
    }
    expect((await server.ask('PATCH', '/items/1?id=1', { body: { id: 1, title: 'x' } })).status).toBe(200)
    await refused(server, 'GET', '/items/1?id=2', {}, 400)
    await refused(server, 'GET', '/items?limit=1&limit=2', {}, 400)
    expect((await server.ask('GET', '/items?limit=1&limit=1')).status).toBe(200)
  })

  test.each([
    'limit=0',
    'limit=1001',
    'limit=',
    'limit=abc',
    'limit=1e2',
    'blocked=maybe',
    'stage=mars',
    'cursor=%00',
    'cursor=xyz',
    'sort=',
    'all=2',
    'colour=red',
  ])('the list refuses %s', async (query) => {
    const server = await served()
    expect((await refused(server, 'GET', `/items?${query}`, {}, 400)).code).toBe('invalid')
    expect(server.errors).toEqual([])
  })

  test('a deep body is refused before it is compared with the query', async () => {
    const server = await served()
    const raw = `{"title":"x","healthCheck":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`
    await refused(server, 'POST', '/items?healthCheck={}', { raw, headers: json }, 400)
    await untouched(server)
  })

  test('texts that look like SQL, a shell, a terminal or HTML are texts', async () => {
    const server = await served()
    const titles = [
      `'); DROP TABLE pipeline; --`,
      '$(reboot) `id`',
      '\u001b[2J\u001b]0;x\u0007',
      '<script>alert(1)</script>',
      '\u202egnp.exe',
      '💥',
    ]
    for (const title of titles)
      expect((await server.ask('POST', '/items', { body: { title } })).status).toBe(201)
    const { items } = (await server.ask('GET', '/items?sort=id')).json.data
    const stored = items.map((item: { title: string }) => item.title)
    expect(stored).toEqual(titles)
    expect(server.errors).toEqual([])
  })
})
