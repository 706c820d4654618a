/** How an answer leaves: every one with the same headers of caution. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from './problem.ts'

/** Nothing here is a page: no script, no frame, no guessing of types. */
export const cautious = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const

export const json = 'application/json; charset=utf-8'
export const text = 'text/plain; charset=utf-8'
export const problemJson = 'application/problem+json; charset=utf-8'

/** To be asked for again each time; `If-None-Match` makes that cheap. */
export const revalidate = 'private, no-cache'

export interface Outgoing {
  status: number
  type: string
  body: string
  headers?: Record<string, string>
}

export const send = (reply: FastifyReply, { status, type, body, headers }: Outgoing): FastifyReply =>
  reply
    .code(status)
    .headers({ ...cautious, 'cache-control': 'no-store', 'content-type': type, ...headers })
    .send(body)

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { problem, headers } = problemOf(error, pathOf(request))
  return send(reply, { status: problem.status, type: problemJson, body: JSON.stringify(problem), headers })
}

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0]!
