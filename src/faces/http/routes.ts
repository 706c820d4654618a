/** One route for every operation that has one: input in, `call`, answer out. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../../domain/actor.ts'
import type { Instant } from '../../domain/instant.ts'
import { TrackerError } from '../../errors.ts'
import { operationList } from '../../ops/index.ts'
import { fieldsOf } from '../../ops/input.ts'
import {
  type Answer,
  type AnyOperation,
  call,
  type Environment,
  type Method,
  type Permission,
  type WorkerDoor,
} from '../../ops/operation.ts'
import type { Database } from '../../store/database.ts'
import { readTextBodies } from './body.ts'
import { AnswerCache, type KeptAnswer } from './cache.ts'
import { callerOf } from './caller.ts'
import { isKnown, isVersioned, readTag, versionWanted, writeTag } from './conditional.ts'
import { nothingHere, Refusal } from './refusal.ts'
import { cautious, json, revalidate, send } from './reply.ts'
import { rawInput } from './request-input.ts'

export const base = '/api/v1'

export interface FaceOptions {
  database: Database
  now(): Instant
  /** Who acts where a request names nobody. */
  actor: Actor
  worker?: WorkerDoor | undefined
  /** A new secret that nobody can guess. */
  newToken?: (() => Promise<string>) | undefined
}

export interface Route {
  op: AnyOperation
  method: Method
  /** Below `base`: `/items/:id`. */
  path: string
  status: number
}

/** Until there are tokens everybody may everything, but not let a command run on this machine. */
const permissions: ReadonlySet<Permission> = new Set([
  'item:read',
  'item:write',
  'item:move',
  'check:run',
  'admin',
])

export const routes = (): Route[] =>
  operationList.flatMap((op) =>
    op.http ? [{ op, method: op.http.method, path: op.http.path, status: op.http.status ?? 200 }] : [],
  )

export function addRoutes(app: FastifyInstance, options: FaceOptions): void {
  const kept = { cache: new AnswerCache(), stamp: stamps(options.database) }
  const add = (scope: FastifyInstance, route: Route): void => {
    const handler = route.method === 'get' ? reader(route, options, kept) : writer(route, options)
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
    const answer = keptAnswer(data, warnings)
    if (stamp !== undefined && isTimeless(op, data)) cache.set(request.url, stamp, answer)
    return answer
  }
  return (request, reply) => {
    // Before the query: an answer is never newer than its stamp says.
    const stamp = op.timeless ? stampNow() : undefined
    callerOf(request.headers, options.actor)
    const kept = stamp === undefined ? undefined : cache.get(request.url, stamp)
    if (kept) return deliver(request, reply, kept)
    return fresh(request, stamp).then((answer) => deliver(request, reply, answer))
  }
}

const isTimeless = ({ timeless }: AnyOperation, data: unknown): boolean =>
  typeof timeless === 'function' ? timeless(data) : timeless === true

/** Bytes. */
const shortMax = 8 * 1024

function keptAnswer(data: unknown, warnings: string[]): KeptAnswer {
  const text = bodyOf({ data, warnings })
  const bytes = Buffer.from(text)
  const tag = readTag(data, text)
  const headers = { ...cautious, 'cache-control': revalidate, 'content-type': json, etag: tag }
  const size = String(bytes.length)
  return {
    tag,
    // Node joins a text with its head: one buffer less to write. A long one is cheaper as bytes.
    body: bytes.length > shortMax ? bytes : text,
    bytes: bytes.length,
    headers: [...Object.entries(headers).flat(), 'content-length', size],
  }
}

/** Straight to the socket: Fastify's own way costs a third of the requests a second. */
function deliver(request: FastifyRequest, reply: FastifyReply, { tag, body, headers }: KeptAnswer): void {
  reply.hijack()
  if (isKnown(request.headers['if-none-match'], tag)) {
    reply.raw.writeHead(304, { ...cautious, 'cache-control': revalidate, etag: tag }).end()
  } else reply.raw.writeHead(200, headers).end(body)
}

function writer({ op, path, status }: Route, options: FaceOptions): Handler {
  const readable = routes().some((route) => route.method === 'get' && route.path === `${path}/:id`)
  return async (request, reply) => {
    const answer = await changed(op, request, options)
    const headers: Record<string, string> = {}
    const tag = writeTag(answer.data)
    if (tag) headers.etag = tag
    if (status === 201 && readable && isVersioned(answer.data))
      headers.location = `${base}${path}/${answer.data.id}`
    return send(reply, { status, type: json, body: bodyOf(answer), headers })
  }
}

async function changed(
  op: AnyOperation,
  request: FastifyRequest,
  options: FaceOptions,
): Promise<Answer<unknown>> {
  const env = environment(request, options)
  const raw = inputOf(op, request)
  const ifMatch = request.headers['if-match']
  if (ifMatch === undefined) return call(op, raw, env)
  try {
    return await call(op, withVersion(op, raw, ifMatch), env)
  } catch (error) {
    throw isStale(error) ? new Refusal(412, error.kind, error.message, { hint: error.hint }) : error
  }
}

function withVersion(
  op: AnyOperation,
  raw: Record<string, unknown>,
  header: string,
): Record<string, unknown> {
  if (!('ifMatch' in fieldsOf(op))) {
    throw new TrackerError('invalid', `${op.name} does not depend on a version`, {
      hint: 'leave the header If-Match out',
    })
  }
  const ifMatch = versionWanted(header)
  if (ifMatch === undefined) return raw
  if (raw.ifMatch !== undefined && raw.ifMatch !== ifMatch) {
    throw new TrackerError('invalid', 'If-Match and ifMatch ask for two versions')
  }
  return { ...raw, ifMatch }
}

/** The item has moved on from the version asked for; any other conflict stands also at that version. */
const isStale = (error: unknown): error is TrackerError =>
  error instanceof TrackerError &&
  error.kind === 'conflict' &&
  error.failures.some(({ field }) => field === 'ifMatch')

function inputOf(op: AnyOperation, { url, params, body }: FastifyRequest): Record<string, unknown> {
  const names = params as Record<string, string>
  // `/items/` is no item.
  if (Object.values(names).includes('')) throw nothingHere()
  const at = url.indexOf('?')
  const raw = rawInput(op, {
    params: names,
    query: at === -1 ? '' : url.slice(at + 1),
    body: bodyFields(op, body),
  })
  // The method says what the command line asks `--yes` for.
  return requestDeletes(op) && raw.yes === undefined ? { ...raw, yes: true } : raw
}

/** A text is the one field that the route takes it for. */
const bodyFields = (op: AnyOperation, body: unknown): Record<string, unknown> | undefined =>
  typeof body === 'string' ? { [op.http!.text!.field]: body } : (body as Record<string, unknown> | undefined)

const requestDeletes = (op: AnyOperation): boolean => op.http?.method === 'delete' && 'yes' in fieldsOf(op)

const bodyOf = ({ data, warnings }: Answer<unknown>): string =>
  JSON.stringify({ schemaVersion: 1, data, ...(warnings.length > 0 ? { warnings } : {}) })

const environment = (
  request: FastifyRequest,
  { database, now, worker, newToken, actor }: FaceOptions,
): Environment => ({
  ...callerOf(request.headers, actor),
  database,
  now,
  ...(worker ? { worker } : {}),
  ...(newToken ? { newToken } : {}),
  trust: 'remote',
  permissions,
})
