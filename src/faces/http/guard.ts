/**
 * Who may talk to a server on this machine: programs of this machine, and pages that it served itself. A page
 * of another site must not reach it through the browser (forged requests, DNS rebinding).
 */

import type { IncomingHttpHeaders } from 'node:http'
import { TrackerError } from '../../errors.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The only address until there are tokens. */
export const loopback = '127.0.0.1'

/** @throws TrackerError `invalid` for any address that others can reach */
export function requireLoopback(host: string): void {
  if (host === loopback || host === 'localhost') return
  throw new TrackerError(
    'invalid',
    `not listening on ${JSON.stringify(host.slice(0, 100))}: only on ${loopback}`,
    {
      hint: 'without access tokens everybody who reaches the address could change everything; use an SSH tunnel',
    },
  )
}

/** What the Host header may say. */
export function hostsOf(port: number): ReadonlySet<string> {
  const names = [loopback, 'localhost', '[::1]']
  return new Set([...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])])
}

/** @throws TrackerError `not-permitted` */
export function guard(method: string, headers: IncomingHttpHeaders, hosts: ReadonlySet<string>): void {
  const host = headers.host?.toLowerCase() ?? ''
  if (!hosts.has(host)) {
    throw new TrackerError('not-permitted', 'the Host header does not name this server', {
      hint: `address it as ${[...hosts].join(' or ')}`,
    })
  }
  const { origin } = headers
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) {
    throw new TrackerError('not-permitted', 'a page of another origin may not call this server', {
      hint: `call it from http://${host}, or from a program that sends no Origin header`,
    })
  }
  if (headers['sec-fetch-site'] === 'cross-site' && !safe.has(method)) {
    throw new TrackerError('not-permitted', 'a page of another site may not change anything here')
  }
}
