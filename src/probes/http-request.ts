/** The request of an http check, and what it becomes on a redirect. Pure: nothing is sent here. */

import type { CheckPlan } from '../domain/health-check.ts'
import type { Fault } from '../domain/observation.ts'
import { runnerFault, targetFault } from './faults.ts'
import { hasSecret, type Secrets } from './secrets.ts'

export interface HttpRequest {
  url: URL
  method: string
  /** Lower-case names. */
  headers: Record<string, string>
  body?: string
  /** Headers that must not go to another origin: each that identifies, or holds a secret. */
  ownHeaders: ReadonlySet<string>
  bodyHasSecret: boolean
}

/** What stands in the way of a request. */
export interface Refusal {
  fault: Fault
}

const IDENTIFYING = ['authorization', 'cookie', 'host', 'origin', 'proxy-authorization', 'referer']
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const BODY_HEADERS = /^content-(?:type|length|encoding|language|location)$/

/** `identity`, because without it every coding would be welcome; the plan may say otherwise. */
const DEFAULT_HEADERS = { accept: '*/*', 'accept-encoding': 'identity' }

/** Every text of the plan in which secrets may stand. */
export const requestTexts = (plan: CheckPlan): string[] => [
  plan.url ?? '',
  ...Object.values(plan.headers),
  plan.body ?? '',
]

export function firstRequest(plan: CheckPlan, secrets: Secrets, userAgent: string): HttpRequest | Refusal {
  const url = parseUrl(secrets.fill(plan.url ?? ''))
  if (!url) return { fault: runnerFault('invalid-plan', 'the URL must start with http:// or https://') }
  if (url.username || url.password) {
    const message = 'the URL holds a password: write an authorization header with ${secret:NAME} instead'
    return { fault: runnerFault('invalid-plan', message) }
  }
  const planned = Object.entries(plan.headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const filled = planned.map(([name, value]) => [name, secrets.fill(value)] as const)
  const secretHeaders = planned.filter(([, value]) => hasSecret(value)).map(([name]) => name)
  return {
    url,
    method: plan.method,
    headers: { 'user-agent': userAgent, ...DEFAULT_HEADERS, ...Object.fromEntries(filled) },
    ...(plan.body !== undefined && { body: secrets.fill(plan.body) }),
    ownHeaders: new Set([...IDENTIFYING, ...secretHeaders]),
    bodyHasSecret: hasSecret(plan.body ?? ''),
  }
}

/**
 * The request that a redirect asks for.
 * @returns  undefined when the answer is no redirect
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function redirected(
  request: HttpRequest,
  status: number,
  location: string | undefined,
): HttpRequest | Refusal | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined
  const url = parseUrl(location, request.url)
  if (!url || url.username || url.password) {
    return {
      fault: targetFault('bad-redirect', `${request.url.host} redirects to what is no plain http address`),
    }
  }
  const rewritten = turnsToGet(status, request.method) ? withoutBody(request) : request
  const next = { ...rewritten, url }
  if (url.origin === request.url.origin) return next
  if (next.body !== undefined && next.bodyHasSecret) {
    const message = `${request.url.host} redirects to ${url.host}: the body holds a secret and is not sent there`
    return { fault: targetFault('bad-redirect', message) }
  }
  return { ...next, headers: withoutHeaders(next.headers, (name) => next.ownHeaders.has(name)) }
}

function turnsToGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}

function withoutBody({ body: _, ...request }: HttpRequest): HttpRequest {
  return {
    ...request,
    method: 'GET',
    headers: withoutHeaders(request.headers, (name) => BODY_HEADERS.test(name)),
  }
}

function withoutHeaders(headers: Record<string, string>, isLeftOut: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isLeftOut(name)))
}

function parseUrl(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined
  const url = new URL(text, base)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}
