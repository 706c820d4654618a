/** The server's operations, called by name: the same ones as the command line's, with their types. */

import { paths } from 'virtual:operations'
import type { Operations } from '../ops/index.ts'
import type { Answer, InputOf, OutputOf } from '../ops/operation.ts'
import { newKey } from './chance.ts'

export type Name = keyof Operations
export type In<N extends Name> = InputOf<Operations[N]>
export type Out<N extends Name> = OutputOf<Operations[N]>

export const base = '/api/v1'

/** Why the server did not do it. `code` is the error's kind, `offline` where it did not answer. */
export class Refused extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly failures: { field?: string; message: string }[]

  constructor(problem: { code: string; detail: string; hint?: string; failures?: Refused['failures'] }) {
    super(problem.detail)
    this.code = problem.code
    this.hint = problem.hint
    this.failures = problem.failures ?? []
  }
}

/**
 * Ask for something that changes nothing.
 * @throws Refused; an AbortError when `signal` aborts
 */
export const ask = async <N extends Name>(name: N, input: In<N>, signal?: AbortSignal): Promise<Out<N>> =>
  (await send(name, input, signal)).data

/** The same with what the server warns of. */
export const askFully = <N extends Name>(
  name: N,
  input: In<N>,
  signal?: AbortSignal,
): Promise<Answer<Out<N>>> => send(name, input, signal)

/**
 * Have something changed, once: asked again under the same key, the server answers what it did.
 * @throws Refused; nothing was changed then, unless it is `offline`
 */
export const tell = <N extends Name>(name: N, input: In<N>): Promise<Answer<Out<N>>> =>
  send(name, input, undefined)

async function send<N extends Name>(
  name: N,
  input: In<N>,
  signal: AbortSignal | undefined,
): Promise<Answer<Out<N>>> {
  const [method, pattern, once] = paths[name]!
  const { path, rest } = filled(pattern, input as Record<string, unknown>)
  const inQuery = method === 'get' || method === 'delete'
  const answer = await reached(`${base}${path}${inQuery ? queryOf(rest) : ''}`, {
    method: method.toUpperCase(),
    headers: headersOf(method, inQuery, once),
    ...(inQuery ? {} : { body: JSON.stringify(rest) }),
    ...(signal ? { signal } : {}),
  })
  const body = await answer.json().catch(() => undefined)
  if (answer.ok && body) return { data: body.data, warnings: body.warnings ?? [] }
  throw new Refused(body?.code ? body : { code: 'internal', detail: `the server answered ${answer.status}` })
}

function headersOf(method: string, inQuery: boolean, once: boolean): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method === 'get') return headers
  if (!inQuery) headers['content-type'] = 'application/json'
  if (once) headers['idempotency-key'] = newKey()
  return { ...headers, 'x-pipeline-source': 'web' }
}

async function reached(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refused({
      code: 'offline',
      detail: 'the server does not answer',
      hint: 'is pipeline serve still running?',
    })
  }
}

/** Puts fields into the path; what is left goes into the query or the body. */
export function filled(
  pattern: string,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input }
  const path = pattern.replace(/:(\w+)/g, (_, field: string) => {
    const value = rest[field]
    delete rest[field]
    return encodeURIComponent(String(value))
  })
  return { path, rest }
}

/** `null` is `none`; a list is its field again and again. */
export function queryOf(fields: Record<string, unknown>): string {
  const words = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [value].flat().map((each) => [field, each === null ? 'none' : String(each)]),
  )
  return words.length === 0 ? '' : `?${new URLSearchParams(words as [string, string][])}`
}
