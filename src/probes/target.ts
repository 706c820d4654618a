/** Whom a tcp or tls check connects to. */

import { isIPv6, type TcpNetConnectOpts } from 'node:net'
import { domainToASCII } from 'node:url'

import { parseEndpoint } from '../domain/address.ts'
import type { CheckPlan } from '../domain/health-check.ts'
import { runnerFault } from './faults.ts'

export interface Target {
  /** An address without brackets, or a name in ASCII. */
  host: string
  port: number
  /** For messages: `db.example.com:5432`, `[::1]:5432`. */
  name: string
}

/** Node's own 250 ms gives up on far addresses of hosts that have several. */
const NEXT_ADDRESS_AFTER_MS = 1000

/** Addresses of a host are tried in turn until one answers. */
export const eachAddress = {
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
} satisfies Partial<TcpNetConnectOpts>

export const invalidTarget = runnerFault('invalid-plan', 'the check names no host and port to connect to')

/** @returns  undefined where the plan has no host or port */
export function targetOf({ host: written, port }: Pick<CheckPlan, 'host' | 'port'>): Target | undefined {
  if (written === undefined || port === undefined) return undefined
  const host = hostOf(written)
  return { host, port, name: `${isIPv6(host) ? `[${host}]` : host}:${port}` }
}

/** Names of other scripts as DNS and certificates have them. */
export function hostOf(written: string): string {
  const host = parseEndpoint(written)?.host ?? written
  return domainToASCII(host) || host
}
