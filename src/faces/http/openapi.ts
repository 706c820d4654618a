/**
 * The OpenAPI 3.1 document, out of the operations' own schemas. Built here and not by a plugin of Fastify: routes
 * carry no schemas of Fastify's, because `call` validates.
 */

import * as z from 'zod/mini'
import { fieldsOf } from '../../ops/input.ts'
import { type AnyOperation, isKeepable } from '../../ops/operation.ts'
import { base } from './face.ts'
import { common, type Json, tagOf } from './openapi-common.ts'
import { type Route, routes } from './routes.ts'

/** @param version of the product */
export function openApiDocument(version: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const route of routes()) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemas) }
  }
  const { components, info, tags } = common(routes().map(({ op }) => op))
  return {
    openapi: '3.1.1',
    info: { ...info, version },
    servers: [{ url: base }],
    tags,
    paths,
    components: { ...components, schemas: { ...components.schemas, ...schemas } },
  }
}

function operationOf(route: Route, schemas: Json): Json {
  const { op, method, path } = route
  const input = schemaOf(op, 'input', schemas)
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const rest = without(input, inPath)
  const hasBody = method === 'post' || method === 'patch'
  const parameters = [
    ...inPath.map((name) => parameter('path', name, input, true)),
    ...(hasBody ? [] : Object.keys(rest.properties).map((name) => parameter('query', name, rest))),
    ...headersOf(route),
  ]
  return {
    operationId: op.name,
    summary: op.summary,
    tags: [tagOf(op)],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody && Object.keys(rest.properties).length > 0
      ? { requestBody: op.http?.text ? textBody : bodyOf(rest) }
      : {}),
    responses: responsesOf(route, schemas),
  }
}

/** `item.move` as `ItemMove`. */
const nameOf = (op: AnyOperation): string =>
  op.name.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())

interface ObjectSchema extends Json {
  properties: Json
  required?: string[]
}

/** Its shared parts go among the components, under a name of this operation's. */
function schemaOf(op: AnyOperation, io: 'input' | 'output', schemas: Json): ObjectSchema {
  const { $schema, $defs, ...schema } = z.toJSONSchema(op[io](), { io }) as Json
  const named = (name: string): string => `${nameOf(op)}${name.replace(/^_*/, '')}`
  for (const [name, part] of Object.entries($defs ?? {})) schemas[named(name)] = withReferences(part, named)
  return withReferences(schema, named) as ObjectSchema
}

function withReferences(value: unknown, named: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, named))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, `#/components/schemas/${named(inner.replace('#/$defs/', ''))}`]
        : [key, withReferences(inner, named)],
    ),
  )
}

function without(schema: ObjectSchema, names: string[]): ObjectSchema {
  const { required = [], ...others } = schema
  const left = required.filter((name) => !names.includes(name))
  const properties = Object.fromEntries(
    Object.entries(schema.properties).filter(([name]) => !names.includes(name)),
  )
  return { ...others, properties, ...(left.length > 0 ? { required: left } : {}) }
}

function parameter(where: 'path' | 'query', name: string, schema: ObjectSchema, required?: boolean): Json {
  const { description, ...own } = schema.properties[name] as Json
  return {
    name,
    in: where,
    required: required ?? schema.required?.includes(name) ?? false,
    ...(description === undefined ? {} : { description }),
    schema: asWord(own),
  }
}

/** In a URL the word `none` stands for null. */
function asWord(schema: Json): Json {
  if (!Array.isArray(schema.anyOf)) return schema
  return {
    ...schema,
    anyOf: schema.anyOf.map((each: Json) => (each.type === 'null' ? { const: 'none' } : each)),
  }
}

const bodyOf = (schema: ObjectSchema): Json => ({
  required: schema.required !== undefined,
  content: { 'application/json': { schema } },
})

const textBody: Json = {
  description: 'any type of content; the beginning is kept',
  required: false,
  content: { 'text/plain': { schema: { type: 'string' } } },
}

const header = (name: string): Json => ({ $ref: `#/components/parameters/${name}` })

const isVersioned = (op: AnyOperation): boolean => 'ifMatch' in fieldsOf(op)

function headersOf({ op, method }: Route): Json[] {
  if (method === 'get') return [header('IfNoneMatch')]
  return [
    header('Actor'),
    header('Source'),
    ...(isKeepable(op) ? [header('IdempotencyKey')] : []),
    ...(isVersioned(op) ? [header('IfMatch')] : []),
  ]
}

function responsesOf({ op, method, status }: Route, schemas: Json): Json {
  const name = nameOf(op)
  schemas[name] = schemaOf(op, 'output', schemas)
  const problem = (response: string): Json => ({ $ref: `#/components/responses/${response}` })
  return {
    [status]: {
      description: op.summary,
      headers: {
        ETag: { $ref: '#/components/headers/ETag' },
        ...(method !== 'get' && isKeepable(op)
          ? { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } }
          : {}),
      },
      content: { 'application/json': { schema: envelope(name) } },
    },
    ...(method === 'get'
      ? { 304: { description: 'Nothing has changed since the ETag in If-None-Match' } }
      : {}),
    ...(method !== 'get' && isVersioned(op) ? { 412: problem('PreconditionFailed') } : {}),
    '4XX': problem('Refused'),
    '5XX': problem('Failed'),
  }
}

const envelope = (name: string): Json => ({
  type: 'object',
  properties: {
    schemaVersion: { const: 1 },
    data: { $ref: `#/components/schemas/${name}` },
    warnings: { type: 'array', items: { type: 'string' } },
  },
  required: ['schemaVersion', 'data'],
  additionalProperties: false,
})
