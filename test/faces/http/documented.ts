/** The document as the server gives it, and whether an answer is one that it describes. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { openApiDocument } from '../../../src/faces/http/openapi.ts'
import type { Reply } from './client.ts'

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, looked into by tests
export type Json = any

export const document: Json = JSON.parse(JSON.stringify(openApiDocument('1.2.3')))
export const operations: [path: string, method: string, operation: Json][] = Object.entries(
  document.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods as Json).map(
    ([method, operation]) => [path, method, operation] as [string, string, Json],
  ),
)

export const at = (pointer: string): Json =>
  pointer
    .slice(2)
    .split('/')
    .reduce(
      (value: Json, key) => value?.[decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    )

export const resolved = (value: Json): Json => (value?.$ref ? at(value.$ref) : value)

/** Validators of what each route answers, out of the document. */
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'doc', components: document.components } as object)
const inDocument = (schema: Json): Json => JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/'))
const isProblem = ajv.compile(inDocument({ $ref: '#/components/schemas/Problem' }))
export const answers = operations.map(([path, method, operation]) => {
  const [status, answer] = Object.entries<Json>(operation.responses).find(([each]) => /^2/.test(each))!
  const fits = ajv.compile(inDocument(answer.content['application/json'].schema))
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
  return { method: method.toUpperCase(), pattern, status: Number(status), fits }
})

export function requireDocumented(method: string, path: string, reply: Reply): void {
  const what = `${method} ${path} → ${reply.status} ${reply.text.slice(0, 300)}`
  if (reply.status >= 400) {
    expect(reply.headers['content-type'], what).toMatch(/^application\/problem\+json/)
    expect(isProblem(reply.json) ? [] : isProblem.errors, what).toEqual([])
    expect(reply.json.status).toBe(reply.status)
    return
  }
  const found = answers.filter((each) => each.method === method && each.pattern.test(path.split('?')[0]!))
  expect(
    found.map((each) => each.status),
    what,
  ).toContain(reply.status)
  expect(
    found.some(({ fits }) => fits(reply.json)) ? [] : found.map(({ fits }) => fits.errors),
    what,
  ).toEqual([])
}
