/** What PostgreSQL's and the network's error codes mean to a user. */

import { TrackerError } from '../errors.ts'

function codeOf(error: unknown): string {
  if (error instanceof TrackerError) return codeOf(error.cause)
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Serialization failure, deadlock: the whole transaction may simply be done again. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))

/** The driver's own errors have a text and no code. */
const lostTexts = [
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'timeout expired',
]

/** The server is away, or the connection to it is. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof TrackerError) return isConnectionLost(error.cause)
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return (
    /^(08...|57P0[1-4]|53300|E[A-Z_]{3,})$/.test(code) ||
    lostTexts.some((text) => error.message.startsWith(text))
  )
}

/** @returns a TrackerError that says what is wrong at `location`; other errors as they are */
export function explainPostgres(error: unknown, location: string): unknown {
  if (error instanceof TrackerError) return error
  const { message } = error as Error
  const say = (what: string, hint: string) =>
    new TrackerError('unavailable', `${location} ${what}`, { hint, cause: error })
  const code = codeOf(error)
  if (code === '53300') return say('has no connection free', 'try again, or raise max_connections')
  if (isConnectionLost(error)) {
    return say(`cannot be reached: ${message || code}`, 'look whether the server runs and the URL is right')
  }
  if (code.startsWith('28'))
    return say(`refused the login: ${message}`, 'look at user and password in the URL')
  if (code === '3D000') return say(`is not there: ${message}`, 'make it: createdb …, or look at the URL')
  if (code === '42501') return say(`does not permit it: ${message}`, 'ask its owner for the right to')
  if (code === '25006') return say('is read-only', 'use the URL of the primary server')
  if (code === '53100')
    return say('is full', 'nothing was stored; free some space on the server and try again')
  if (code.startsWith('58') || code.startsWith('XX')) {
    return say(`has trouble with its files: ${message}`, "look into the server's log")
  }
  if (code === '55P03')
    return say('is locked by another session', 'try again; if it stays so, look for a session that hangs')
  if (code === '57014') return say(`did not answer in time: ${message}`, 'try again')
  if (isRetryable(error)) return say(`is too busy: ${message}`, 'try again')
  if (code === '23505' || code === '23503') return refused('conflict', error as Error)
  if (code.startsWith('22') || code.startsWith('23')) return refused('invalid', error as Error)
  return error
}

/** The same for what goes wrong before there is a connection: a certificate, a driver's refusal. */
export function explainConnecting(error: unknown, location: string): TrackerError {
  const explained = explainPostgres(error, location)
  if (explained instanceof TrackerError) return explained
  return new TrackerError('unavailable', `${location} cannot be reached: ${(error as Error).message}`, {
    hint: 'look at the URL, and at sslmode in it',
    cause: error,
  })
}

const refused = (kind: 'conflict' | 'invalid', error: Error): TrackerError =>
  new TrackerError(kind, `the database refused it: ${error.message}`, { cause: error })
