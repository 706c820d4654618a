/** What every route of the document shares. */

import type { AnyOperation } from '../../ops/operation.ts'

export type Json = { [key: string]: unknown }

export const tagOf = (op: AnyOperation): string => op.name.split('.')[0]!

export function common(ops: AnyOperation[]): {
  components: Json & { schemas: Json }
  info: Json
  tags: Json[]
} {
  return {
    info: {
      title: 'Throughline',
      description:
        'The delivery pipeline of people who build with coding agents. Every answer holds `data`; every refusal ' +
        'is a problem (RFC 9457) whose `code` is one of seven words. `GET /events` is a stream of server-sent events: ' +
        'what happens, as it happens.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...new Set(ops.map(tagOf))].map((name) => ({ name })),
    components: { parameters, headers, responses, schemas: { Problem: problem } },
  }
}

const headerParameter = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})

const parameters = {
  Actor: headerParameter('X-Pipeline-Actor', 'who acts: human:NAME or agent:NAME', {
    type: 'string',
    examples: ['agent:builder-1'],
  }),
  Source: headerParameter('X-Pipeline-Source', 'a label for where the change comes from', {
    type: 'string',
    minLength: 1,
    maxLength: 100,
    examples: ['main', 'subagent'],
  }),
  IfMatch: headerParameter('If-Match', 'change only if the item is still at this version', {
    type: 'string',
    examples: ['"v3"'],
  }),
  IdempotencyKey: headerParameter(
    'Idempotency-Key',
    'a new word for each change: sent again with the same one within a day, it is answered again and not done again',
    { type: 'string', minLength: 1, maxLength: 255, examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'] },
  ),
  IfNoneMatch: headerParameter('If-None-Match', 'an ETag seen before: answer only what has changed since'),
}

const headers = {
  ETag: { description: 'of this answer; an item’s begins with its version', schema: { type: 'string' } },
  IdempotencyReplayed: {
    description: 'there when the change was done before, under the same Idempotency-Key',
    schema: { const: 'true' },
  },
}

const refusal = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const responses = {
  PreconditionFailed: refusal('The item is no longer at the version of If-Match'),
  Refused: refusal('Refused, and nothing changed'),
  Failed: refusal('A fault of the server (500), or a database that does not answer (503)'),
}

const problem: Json = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: {
      enum: ['invalid', 'not-found', 'not-permitted', 'gate-refused', 'conflict', 'unavailable', 'internal'],
    },
    hint: { type: 'string', description: 'what to do next' },
    failures: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['message'],
        additionalProperties: false,
      },
    },
    instance: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
  additionalProperties: false,
}
