/** Errors as RFC 9457 problems: the one place where a kind becomes a status. */

import { STATUS_CODES } from 'node:http'
import { type ErrorKind, type Failure, TrackerError } from '../../errors.ts'
import { Refusal } from './refusal.ts'

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** The kind of the error, the same word as everywhere else. */
  code: ErrorKind
  hint?: string
  failures?: Failure[]
  /** The path that was asked for. */
  instance?: string
}

export interface ProblemAnswer {
  problem: Problem
  headers: Record<string, string>
}

const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  'not-permitted': 403,
  'not-found': 404,
  'gate-refused': 409,
  conflict: 409,
  internal: 500,
  unavailable: 503,
}

const titleOf: Record<ErrorKind, string> = {
  invalid: 'The request is not valid',
  'not-permitted': 'Not permitted',
  'not-found': 'Not found',
  'gate-refused': 'A gate of the stage is not met',
  conflict: 'Somebody else was first',
  internal: 'Internal error',
  unavailable: 'Not available now',
}

/** @param path of the request, without its query */
export function problemOf(error: unknown, path?: string): ProblemAnswer {
  const known = error instanceof TrackerError ? error : ofFastify(error)
  const status = known instanceof Refusal ? known.status : statusOf[known.kind]
  const own = status === statusOf[known.kind]
  const internal = known.kind === 'internal'
  const problem: Problem = {
    type: `urn:throughline:problem:${own ? known.kind : slug(STATUS_CODES[status] ?? 'error')}`,
    title: own ? titleOf[known.kind] : (STATUS_CODES[status] ?? 'Error'),
    status,
    // What went wrong inside is for the log of the server alone.
    detail: internal ? 'something went wrong in the server; its log says what' : known.message,
    code: known.kind,
    ...(known.hint !== undefined && !internal ? { hint: hintOf(known.hint) } : {}),
    ...(known.failures.length > 0 && !internal ? { failures: known.failures } : {}),
    ...(path === undefined ? {} : { instance: path }),
  }
  const headers = known instanceof Refusal ? known.headers : status === 503 ? { 'retry-after': '1' } : {}
  return { problem, headers }
}

/** Where a hint names a flag of the command line, here it is a field; a whole command is one here, too. */
const hintOf = (hint: string): string =>
  hint.includes('pipeline ')
    ? hint
    : hint.replace(/--([a-z][a-z-]*)/g, (_, flag: string) =>
        flag.replace(/-(\w)/g, (__, letter: string) => letter.toUpperCase()),
      )

const slug = (words: string): string => words.toLowerCase().replaceAll(' ', '-')

const ofFastifyStatus: Record<number, string> = {
  400: 'the request is not valid',
  413: 'the body is over 2 MB',
  414: 'a part of the path is too long',
  415: 'a body must be JSON, with the header Content-Type: application/json',
}

/** What Fastify itself refuses; anything else is a fault of ours. */
function ofFastify(error: unknown): TrackerError {
  const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Refusal(statusCode, 'invalid', ofFastifyStatus[statusCode] ?? String(message))
  }
  return new TrackerError('internal', String(message), { cause: error })
}
