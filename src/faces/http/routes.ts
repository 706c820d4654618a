/** One route for every operation that has one: input in, `call`, answer out. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { operationList } from '../../ops/index.ts'
import { type AnyOperation, call, type Method } from '../../ops/operation.ts'
import type { Database } from '../../store/database.ts'
import { deliver, type KeptAnswer, keptAnswer } from './answer.ts'
import { readTextBodies } from './body.ts'
import { AnswerCache } from './cache.ts'
import { callerOf } from './caller.ts'
import { readTag } from './conditional.ts'
import { base, bodyOf, environment, type FaceOptions, inputOf } from './face.ts'
import { cautious, json, revalidate } from './reply.ts'
import { writer } from './write.ts'

export interface Route {
  op: AnyOperation
  method: Method
  /** Below `base`: `/items/:id`. */
  path: string
  status: number
}

export const routes = (): Route[] =>
  operationList.flatMap((op) =>
    op.http ? [{ op, method: op.http.method, path: op.http.path, status: op.http.status ?? 200 }] : [],
  )

export function addRoutes(app: FastifyInstance, options: FaceOptions): void {
  const kept = { cache: new AnswerCache(), stamp: stamps(options.database) }
  const keys = new Set<string>()
  const add = (scope: FastifyInstance, route: Route): void => {
    const handler =
      route.method === 'get'
        ? reader(route, options, kept)
        : writer({ ...route, readAt: readAt(route) }, options, keys)
    scope.route({ method: route.method.toUpperCase(), url: `${base}${route.path}`, handler })
  }
  for (const route of routes()) {
    const { text } = route.op.http!
    if (!text) add(app, route)
    else
      app.register(async (scope) => {
        readTextBodies(scope, text.maxBytes)
        add(scope, route)
      })
  }
}

const readAt = ({ path }: Route): string | undefined =>
  routes().some((route) => route.method === 'get' && route.path === `${path}/:id`) ? path : undefined

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

interface Kept {
  cache: AnswerCache
  stamp(): string | undefined
}

/**
 * Asks the database once for all requests that had arrived when the event loop looked: each of them is older than
 * the stamp, so none can tell. The question costs a file lock, a quarter of a whole answer.
 */
export function stamps(database: Pick<Database, 'stamp'>): () => string | undefined {
  let asked: { stamp: string | undefined } | undefined
  return () => {
    if (!asked) {
      asked = { stamp: database.stamp() }
      setImmediate(() => (asked = undefined))
    }
    return asked.stamp
  }
}

/** Equal content, equal answer: what was answered before is answered again without asking the database. */
function reader({ op }: Route, options: FaceOptions, { cache, stamp: stampNow }: Kept): Handler {
  const fresh = async (request: FastifyRequest, stamp: string | undefined): Promise<KeptAnswer> => {
    const { data, warnings } = await call(op, inputOf(op, request), environment(request, options))
    const text = bodyOf({ data, warnings })
    const answer = keptAnswer({ tag: readTag(data, text), type: json, body: text, headers })
    if (stamp !== undefined && isTimeless(op, data)) cache.set(request.url, stamp, answer)
    return answer
  }
  const give = (request: FastifyRequest, reply: FastifyReply, answer: KeptAnswer) =>
    deliver(request, reply, answer, (bytes) => cache.grow(request.url, answer, bytes))
  return (request, reply) => {
    // Before the query: an answer is never newer than its stamp says.
    const stamp = op.timeless ? stampNow() : undefined
    callerOf(request.headers, options.actor)
    const kept = stamp === undefined ? undefined : cache.get(request.url, stamp)
    return kept
      ? give(request, reply, kept)
      : fresh(request, stamp).then((answer) => give(request, reply, answer))
  }
}

const headers = { ...cautious, 'cache-control': revalidate }

const isTimeless = ({ timeless }: AnyOperation, data: unknown): boolean =>
  typeof timeless === 'function' ? timeless(data) : timeless === true
