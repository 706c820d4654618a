/** What no route answers: another method, or nothing at all. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { eventsPath } from './events.ts'
import { base } from './face.ts'
import { metricsPath } from './metrics.ts'
import { nothingHere, Refusal } from './refusal.ts'
import { cautious, pathOf } from './reply.ts'
import { routes } from './routes.ts'

/** Methods by a pattern of the path. */
type Table = [pattern: RegExp, methods: string[]][]

let table: Table | undefined

/** A word on the methods of the path, when that was the question; a refusal otherwise. */
export function answerUnrouted(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const methods = methodsOf(pathOf(request))
  if (!methods) throw nothingHere()
  const allow = methods.join(', ')
  if (request.method === 'OPTIONS')
    return reply
      .code(204)
      .headers({ ...cautious, allow })
      .send()
  throw new Refusal(405, 'invalid', `${request.method} is not for this path`, {
    hint: `it takes ${allow}`,
    headers: { allow },
  })
}

function methodsOf(path: string): string[] | undefined {
  table ??= tableOf()
  const methods = table.filter(([pattern]) => pattern.test(path)).flatMap(([, each]) => each)
  return methods.length === 0 ? undefined : [...new Set([...methods, 'OPTIONS'])].sort()
}

function tableOf(): Table {
  const pages = ['/', '/healthz', '/readyz', metricsPath, eventsPath, `${base}/openapi.json`].map((path) => ({
    path,
    method: 'get',
  }))
  const all = [...pages, ...routes().map(({ path, method }) => ({ path: `${base}${path}`, method }))]
  return all.map(({ path, method }) => [
    new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  ])
}
