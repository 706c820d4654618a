/** The document says what the server does: every route, every answer. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { base } from '../../../src/faces/http/face.ts'
import { routes } from '../../../src/faces/http/routes.ts'
import { operationList } from '../../../src/ops/index.ts'
import { engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'
import { answers, at, document, type Json, operations, requireDocumented, resolved } from './documented.ts'

function referencesIn(value: Json): string[] {
  if (value === null || typeof value !== 'object') return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

describe('the document', () => {
  test('is OpenAPI 3.1, of this version, with a license', () => {
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d$/),
      info: { version: '1.2.3' },
    })
    expect(document.info.license.identifier).toBe('MIT')
    expect(document.servers).toEqual([{ url: base }])
  })

  test('has every operation that has a route, once, under its name', () => {
    const wanted = operationList.filter((op) => op.http !== null).map((op) => op.name)
    expect(operations.map(([, , operation]) => operation.operationId).toSorted()).toEqual(wanted.toSorted())
    expect(wanted).not.toContain('check.approve')
    expect(wanted.length).toBeGreaterThan(20)
  })

  test('every reference leads somewhere, and every component is used', () => {
    const references = new Set(referencesIn(document))
    expect(references.size).toBeGreaterThan(20)
    for (const pointer of references) expect(at(pointer), pointer).toBeDefined()
    for (const [kind, components] of Object.entries<Json>(document.components)) {
      for (const name of Object.keys(components)) expect(references).toContain(`#/components/${kind}/${name}`)
    }
  })

  test.each(operations)(
    '%s %s: parameters fit the path, answers are described',
    (path, method, operation) => {
      const parameters = (operation.parameters ?? []).map(resolved)
      const inPath = parameters.filter((each: Json) => each.in === 'path')
      expect(inPath.map((each: Json) => each.name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      )
      for (const each of inPath) expect(each.required).toBe(true)
      for (const each of parameters)
        expect(each).toMatchObject({ name: expect.any(String), schema: expect.any(Object) })
      const names = parameters.map((each: Json) => `${each.in} ${each.name}`)
      expect(new Set(names).size).toBe(names.length)
      if (operation.requestBody) expect(['post', 'patch']).toContain(method)
      const answers = Object.entries<Json>(operation.responses)
      expect(answers.filter(([status]) => /^2/.test(status))).toHaveLength(1)
      for (const [, answer] of answers) expect(resolved(answer).description).toBeTruthy()
    },
  )

  test('every schema is one, and says what it takes', () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false })
    ajv.addVocabulary(['example'])
    ajv.addSchema({ $id: 'doc', components: document.components } as object, 'doc')
    const schemas = operations.flatMap(([, , operation]) => [
      ...(operation.parameters ?? []).map((each: Json) => resolved(each).schema),
      ...Object.values<Json>(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
    ])
    for (const schema of schemas) expect(() => ajv.compile(schema)).not.toThrow()
    const list = operations.find(([, , operation]) => operation.operationId === 'item.list')![2]
    const parent = list.parameters.find((each: Json) => each.name === 'parent')
    const accepts = ajv.compile(parent.schema)
    expect([accepts(1), accepts('none'), accepts(null), accepts(0)]).toEqual([true, true, false, false])
  })
})

describe.each(engines)('answers on $engine', ({ freshDatabase }) => {
  test('every route answers as the document says', async () => {
    const healthCheck = { type: 'http', url: 'http://127.0.0.1:1/', frequency: '5m' }
    const checked = {
      itemId: 1,
      title: 't',
      result: 'down',
      state: 'down',
      summary: 's',
      durationMs: 1,
    } as const
    const run = {
      ...checked,
      attempts: 1,
      stored: true,
      maintenance: false,
      incident: { id: 2, change: 'opened' },
      notOpened: null,
    } as const
    const worker = { checkItem: async () => run, checkDue: async () => [run] }
    const { ask } = await serve(await freshDatabase(), { worker })
    const script: [string, string, object?][] = [
      ['POST', '/demo'],
      ['POST', '/projects', { name: 'P', description: 'd' }],
      [
        'POST',
        '/items',
        { title: 'a', healthCheck, criteria: ['c', { text: 'd', verdict: 'failed', evidence: null }] },
      ],
      ['GET', '/items?sort=-created&limit=1'],
      ['GET', '/items/1?children=1&history=1'],
      ['GET', '/board'],
      ['GET', '/board?project=P'],
      ['GET', '/board?assignee=none&label=x&text=a&limit=100&cards=true'],
      ['GET', '/items?ids=1&ids=2&cards=true'],
      ['GET', '/items?stage=done&board=true&cards=1'],
      ['GET', '/dashboard'],
      ['GET', '/dashboard?project=P'],
      ['GET', '/search?words=invoice'],
      ['GET', '/activity?limit=500'],
      ['GET', '/projects'],
      ['GET', '/session'],
      ['GET', '/doctor'],
      ['GET', '/health?limit=2'],
      ['GET', '/health?days=true'],
      ['GET', '/items/1/uptime'],
      ['GET', '/items/1/runs'],
      ['GET', '/items/1/runs?since=366d&points=10'],
      ['POST', '/items/15/move', { to: 'live', note: 'n' }],
      ['PATCH', '/items/15', { type: 'incident' }],
      ['PATCH', '/items/15', { project: 'P', addLabels: ['x'], description: null }],
      ['POST', '/items/15/notes', { text: 'n', type: 'decision' }],
      ['POST', '/items/15/criteria/1', { verdict: 'passed', evidence: 'e' }],
      ['POST', '/items/15/assign', { assignee: null }],
      ['POST', '/items/15/claim'],
      ['POST', '/items/15/release', {}],
      ['POST', '/items/15/block', { reason: 'r' }],
      ['POST', '/items/15/unblock'],
      ['POST', '/items/15/dependencies', { on: 1 }],
      ['DELETE', '/items/15/dependencies/1'],
      ['POST', '/items/15/check'],
      ['POST', '/checks/due'],
      ['POST', '/checks/validate', { healthCheck }],
      ['GET', '/notifications?limit=1'],
      ['POST', '/items/15/pause', { for: '2h', note: 'n' }],
      ['POST', '/items/15/resume', { note: 'n' }],
      ['PATCH', '/items/15', { healthCheck: { type: 'heartbeat', frequency: 'daily' } }],
      ['POST', '/items/15/heartbeat', {}],
      ['POST', '/items/15/heartbeat'],
      ['POST', '/heartbeats/token-1'],
      ['POST', '/heartbeats/token-1/fail', { any: 'json' }],
      ['POST', '/maintenance', { id: 15, for: '2h' }],
      ['POST', '/maintenance', { all: true, cron: '0 2 * * 0', duration: '2h', note: 'n' }],
      ['GET', '/maintenance?id=15&past=1'],
      ['DELETE', '/maintenance/2'],
      [
        'POST',
        '/batch',
        { operations: [{ op: 'note', input: { id: 15, text: 'n' } }, { op: 'nope' }], continue: true },
      ],
      ['POST', '/items/1/move', { to: 'live' }],
      ['POST', '/items/1/incidents', { title: 'i', severity: 'critical', note: 'n' }],
      ['POST', '/incidents/17/ack', { note: 'n' }],
      ['POST', '/incidents/17/fix', { item: 15 }],
      ['POST', '/incidents/17/resolve', { note: 'n' }],
      ['GET', '/incidents?limit=5'],
      ['GET', '/incidents?open=true'],
      ['GET', '/incidents/17/postmortem'],
      ['GET', '/items/17'],
      ['POST', '/search/rebuild'],
      ['DELETE', '/items/15'],
      ['DELETE', '/demo'],
      ['GET', '/items/15'],
    ]
    const met = new Set<string>()
    for (const [method, path, body] of script) {
      const reply = await ask(method, path, body ? { body } : {})
      requireDocumented(method, path, reply)
      const refusal =
        ['/items/15'].includes(path) && method === 'GET' ? 404 : path === '/items/15' ? reply.status : 0
      if (refusal === 0) expect(reply.status, `${method} ${path} ${reply.text}`).toBeLessThan(300)
      for (const { method: each, pattern } of answers) {
        if (each === method && pattern.test(path.split('?')[0]!)) met.add(`${each} ${pattern.source}`)
      }
    }
    expect(met.size).toBe(routes().length)
  })
})
