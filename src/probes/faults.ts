/** Words for what went wrong, and whose fault it was. */

import type { Fault, Observation } from '../domain/observation.ts'
import { oneLine } from '../domain/text.ts'

const MAX_MESSAGE_LENGTH = 300

/** Out of file handles, memory, ports or network: says nothing about the target. */
const RUNNER_CODES = new Set([
  'EAGAIN',
  'EAI_AGAIN',
  'EAI_MEMORY',
  'EAI_SYSTEM',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

const NETWORK_SENTENCES: Record<string, (host: string) => string> = {
  CERT_HAS_EXPIRED: (host) => `the certificate of ${host} has expired`,
  CERT_NOT_YET_VALID: (host) => `the certificate of ${host} is not valid yet`,
  DEPTH_ZERO_SELF_SIGNED_CERT: (host) => `the certificate of ${host} is self-signed`,
  EAI_AGAIN: (host) => `the name ${host} can't be resolved for the moment`,
  ECONNREFUSED: (host) => `connection refused by ${host}`,
  ECONNRESET: (host) => `connection reset by ${host}`,
  EHOSTUNREACH: (host) => `no route to ${host}`,
  ENETUNREACH: (host) => `this runner has no network to reach ${host}`,
  ENOTFOUND: (host) => `unknown host ${host}`,
  EPIPE: (host) => `connection closed by ${host}`,
  EPROTO: (host) => `no TLS connection to ${host}: the handshake failed`,
  ERR_SSL_WRONG_VERSION_NUMBER: (host) => `no TLS connection to ${host}: it does not speak TLS`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `the certificate is not for ${host}`,
  ETIMEDOUT: (host) => `no connection to ${host}: timed out`,
  SELF_SIGNED_CERT_IN_CHAIN: (host) =>
    `the certificate of ${host} comes from an authority that is not trusted`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: (host) => `the certificate of ${host} comes from an unknown authority`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: (host) => `the certificate of ${host} comes from an unknown authority`,
  UND_ERR_SOCKET: (host) => `connection closed by ${host} before the answer was complete`,
}

export const runnerFault = (code: string, message: string): Fault => ({
  code,
  message: sentence(message),
  of: 'runner',
})
export const targetFault = (code: string, message: string): Fault => ({
  code,
  message: sentence(message),
  of: 'target',
})

/** An attempt that was not made. */
export const notRun = (fault: Fault): Observation => ({ durationMs: 0, fault })

/** @param host  who was called, such as `example.com:443` */
export function networkFault(error: unknown, host: string): Fault {
  const told = mostTelling(error)
  // undici's parser leaves its code out for some of its errors
  const isParseError = told instanceof Error && told.name === 'HTTPParserError'
  const code = errorCode(told) ?? (isParseError ? 'HPE_UNKNOWN' : undefined)
  // without a code it is no error of the network, but one of ours
  if (code === undefined) return runnerFault('probe-failed', `the probe failed: ${errorText(told)}`)
  const message =
    NETWORK_SENTENCES[code]?.(host) ??
    tlsSentence(told, code, host) ??
    `${host}: ${errorText(told)} (${code})`
  return isRunnerCode(code) ? runnerFault(code, message) : targetFault(code, message)
}

/** OpenSSL's own message begins with its thread and its source file: only its reason is for people. */
function tlsSentence(error: unknown, code: string, host: string): string | undefined {
  const { reason } = error as { reason?: unknown }
  if (!code.startsWith('ERR_SSL_') || typeof reason !== 'string') return undefined
  return `no TLS connection to ${host}: ${reason} (${code})`
}

export function isRunnerCode(code: string): boolean {
  return RUNNER_CODES.has(code)
}

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Of the addresses of a host that were tried, the one that answered, if with a refusal. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error
  return error.errors.find((each) => !isRunnerCode(errorCode(each) ?? '')) ?? error.errors[0]
}

function sentence(text: string): string {
  const line = oneLine(text).trim()
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : line
}
