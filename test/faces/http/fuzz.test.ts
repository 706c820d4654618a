/** Whatever is sent to any route: an answer that the document describes, and never a fault of ours. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engines } from '../../helpers/engines.ts'
import { type Asked, serve } from './client.ts'
import { type Json, operations, requireDocumented, resolved } from './documented.ts'

describe.each(engines)('any request on $engine', ({ freshDatabase }) => {
  test('is answered as the document says, and never with a fault of ours', async () => {
    const server = await serve(await freshDatabase())
    await server.ask('POST', '/demo')
    const statuses = new Set<number>()
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(requestOf(), async ({ method, path, asked }) => {
        const reply = await server.ask(method, path, asked)
        statuses.add(reply.status)
        if (reply.status < 300) accepted++
        expect(reply.status, `${method} ${path} ${reply.text}`).toBeLessThan(500)
        requireDocumented(method, path, reply)
      }),
      { numRuns: 400 },
    )
    expect(server.errors).toEqual([])
    // It is worth something only if much of it came through.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]))
    expect(accepted).toBeGreaterThan(10)
    expect((await server.ask('GET', '/doctor')).json.data).toMatchObject({ healthy: true })
  })
})

interface Sent {
  method: string
  path: string
  asked: Asked
}

const words = [
  'none',
  '',
  '0',
  '1',
  '3',
  '-1',
  '1e309',
  '9007199254740993',
  'true',
  'live',
  'task',
  '\u0000',
  '{}',
  '%',
  '../x',
]
const word = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(30).map(String))

/** Often near to what the schema wants, sometimes far from it. */
function valueFor(schema: Json): fc.Arbitrary<unknown> {
  const odd = fc.oneof(word(), fc.jsonValue({ maxDepth: 3 }), fc.constant('x'.repeat(10_000)))
  const near = (): fc.Arbitrary<unknown> => {
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valueFor))
    if (schema.type === 'integer') return fc.nat(20)
    if (schema.type === 'boolean') return fc.boolean()
    if (schema.type === 'null') return fc.constant(null)
    if (schema.type === 'array') return fc.array(valueFor(schema.items), { maxLength: 4 })
    if (schema.type === 'object') return schema.properties ? objectOf(schema) : checkLike()
    return word()
  }
  return fc.oneof({ arbitrary: near(), weight: 12 }, { arbitrary: odd, weight: 1 })
}

const objectOf = (schema: Json): fc.Arbitrary<Record<string, unknown>> => {
  const entries = Object.entries<Json>(schema.properties).map(([name, each]) => [name, valueFor(each)])
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] })
}

const checkLike = (): fc.Arbitrary<object> => {
  const text = (...known: string[]) =>
    fc.oneof(fc.constantFrom<unknown>(...known), fc.jsonValue({ maxDepth: 2 }))
  const shape = {
    type: text('http', 'command', 'tcp'),
    url: text('http://127.0.0.1:9/', 'x'),
    command: text('node --version', '"'),
    expect: text('status:200', 'exit_code == 0', 'body contains /('),
    frequency: text('5m', 'daily', '* * * * *'),
    timeout: text('5s', '-1s'),
  }
  return fc.record(shape, { requiredKeys: [] })
}

const oddHeaders = fc.record(
  {
    'if-match': fc.constantFrom('"v1"', '*', '"x"'),
    'idempotency-key': fc.constantFrom('a', 'b', 'x y'),
    'accept-encoding': fc.constantFrom('gzip;q=0', ';;q', 'identity'),
    'x-pipeline-actor': fc.constantFrom('agent:a', 'x', 'human:é'),
  },
  { requiredKeys: [] },
)

function requestOf(): fc.Arbitrary<Sent> {
  return fc.constantFrom(...operations).chain(([path, method, operation]) => {
    const parameters: Json[] = (operation.parameters ?? []).map(resolved)
    const query = parameters.filter((each) => each.in === 'query')
    const body = operation.requestBody?.content['application/json']?.schema ?? { properties: {} }
    const required = Object.fromEntries(
      (body.required ?? []).map((name: string) => [name, valueFor(body.properties[name])]),
    )
    const pathWord = fc.oneof(
      { arbitrary: fc.constantFrom('1', '2', '3', '15'), weight: 3 },
      { arbitrary: word(), weight: 1 },
    )
    const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
    return fc
      .record({
        ids: fc.tuple(pathWord, pathWord),
        query: fc.array(
          fc.oneof(
            ...query.map((each) => fc.tuple(fc.constant(each.name), valueFor(each.schema).map(asText))),
            fc.tuple(word(), word()),
          ),
          { maxLength: 3 },
        ),
        body: fc.oneof(
          {
            arbitrary: fc
              .tuple(objectOf(body), fc.record(required))
              .map(([some, all]) => ({ ...some, ...all })),
            weight: 6,
          },
          { arbitrary: fc.jsonValue(), weight: 1 },
        ),
        headers: fc.oneof({ arbitrary: fc.constant({}), weight: 4 }, { arbitrary: oddHeaders, weight: 1 }),
      })
      .map(({ ids, query: pairs, body: sent, headers }) => {
        let index = 0
        const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(ids[index++]!) || '%20')
        const search = pairs
          .map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
          .join('&')
        const hasBody = method === 'post' || method === 'patch'
        return {
          method: method.toUpperCase(),
          path: search ? `${filled}?${search}` : filled,
          asked: { headers: headers as Record<string, string>, ...(hasBody ? { body: sent } : {}) },
        }
      })
  })
}
