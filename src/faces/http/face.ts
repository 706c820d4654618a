/** What every route of the face is handed, and what a request says to an operation. */

import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../domain/actor.ts'
import type { Instant } from '../../domain/instant.ts'
import { fieldsOf } from '../../ops/input.ts'
import type { Answer, AnyOperation, Environment, Permission, WorkerDoor } from '../../ops/operation.ts'
import type { Database } from '../../store/database.ts'
import { callerOf } from './caller.ts'
import { nothingHere } from './refusal.ts'
import { rawInput } from './request-input.ts'

export const base = '/api/v1'

export interface FaceOptions {
  database: Database
  now(): Instant
  /** Resolves after `ms`, or at once when `signal` aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>
  /** Who acts where a request names nobody. */
  actor: Actor
  /** Of the program. */
  version: string
  worker?: WorkerDoor | undefined
  /** A new secret that nobody can guess. */
  newToken?: (() => Promise<string>) | undefined
}

/** Until there are tokens everybody may everything, but not let a command run on this machine. */
const permissions: ReadonlySet<Permission> = new Set([
  'item:read',
  'item:write',
  'item:move',
  'check:run',
  'admin',
])

export const environment = (
  request: FastifyRequest,
  { database, now, worker, newToken, actor, version }: FaceOptions,
): Environment => ({
  ...callerOf(request.headers, actor),
  database,
  now,
  version,
  ...(worker ? { worker } : {}),
  ...(newToken ? { newToken } : {}),
  trust: 'remote',
  permissions,
})

export function inputOf(op: AnyOperation, { url, params, body }: FastifyRequest): Record<string, unknown> {
  const names = params as Record<string, string>
  // `/items/` is no item.
  if (Object.values(names).includes('')) throw nothingHere()
  const raw = rawInput(op, { params: names, query: queryOf(url), body: bodyFields(op, body) })
  // The method says what the command line asks `--yes` for.
  return requestDeletes(op) && raw.yes === undefined ? { ...raw, yes: true } : raw
}

/** As it stands behind the `?`. */
export function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

/** A text is the one field that the route takes it for. */
const bodyFields = (op: AnyOperation, body: unknown): Record<string, unknown> | undefined =>
  typeof body === 'string' ? { [op.http!.text!.field]: body } : (body as Record<string, unknown> | undefined)

const requestDeletes = (op: AnyOperation): boolean => op.http?.method === 'delete' && 'yes' in fieldsOf(op)

export const bodyOf = ({ data, warnings }: Answer<unknown>): string =>
  JSON.stringify({ schemaVersion: 1, data, ...(warnings.length > 0 ? { warnings } : {}) })
