/**
 * An http check: one request, redirects only where the plan allows them. undici is loaded with the first check.
 * The time limit spans everything: name, connection, TLS, redirects and the body.
 */

import type { CheckPlan } from '../domain/health-check.ts'
import type { Fault, Observation } from '../domain/observation.ts'
import { stopped, watchDeadline } from './deadline.ts'
import { errorCode, errorText, networkFault, notRun, runnerFault, targetFault } from './faults.ts'
import { type Connections, createConnections } from './http-connections.ts'
import { type Answer, type Ending, type ExchangeOptions, exchange } from './http-exchange.ts'
import { firstRequest, type HttpRequest, redirected, requestTexts } from './http-request.ts'
import type { Probe, ProbeContext } from './probe.ts'
import { readSecrets, type Secrets } from './secrets.ts'

/** The plan's own mistakes, which undici refuses before it sends anything. */
const INVALID_REQUEST =
  /^(?:UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_REQ_CONTENT_LENGTH_MISMATCH|ERR_INVALID_.*)$/

export interface HttpProbeOptions {
  userAgent?: string
  /** Certificates (PEM) to trust instead of Node's own list. */
  ca?: string
  /** Connections are kept for the next attempt, at most a minute idle and ten in all; else each request has its own. */
  keepAlive?: boolean
}

export interface HttpProbe extends Probe {
  /** Lets go of kept connections, and keeps no more. */
  close(): void
}

export function createHttpProbe({
  userAgent = 'throughline/health-check',
  ca,
  keepAlive = false,
}: HttpProbeOptions = {}): HttpProbe {
  let connections: Connections | undefined
  let keeps = keepAlive
  const load = async () => {
    const undici = await import('undici')
    connections ??= createConnections(undici, { keepAlive: keeps, ...(ca !== undefined && { ca }) })
    return connections
  }
  const probe: Probe = async (plan, context) => {
    const secrets = readSecrets(requestTexts(plan), context.env)
    if (secrets.fault) return notRun(secrets.fault)
    const request = firstRequest(plan, secrets, userAgent)
    if ('fault' in request) return notRun(request.fault)
    if (context.signal?.aborted) return notRun(stopped)
    // before the clock starts: loading takes longer than many an answer
    return observe(request, plan, context, secrets, connections ?? (await load()))
  }
  const close = () => {
    keeps = false
    connections?.close()
  }
  return Object.assign(probe, { close })
}

/** Holds nothing open between two attempts: there is nothing to close. */
export const httpProbe = createHttpProbe()

async function observe(
  request: HttpRequest,
  plan: CheckPlan,
  context: ProbeContext,
  secrets: Secrets,
  connections: Connections,
): Promise<Observation> {
  const ending: Ending = { end: () => {} }
  const endWatch = watchDeadline(plan.timeoutMs, context.signal, (why) => {
    ending.cut = why
    ending.end()
  })
  const { elapsedMs } = context
  const startedMs = elapsedMs()
  const answer: Answer = {}
  const options = { connections, ending, elapsedMs, needsBody: needsBody(plan) }
  const fault = await follow(request, plan.followRedirects, answer, options)
  endWatch()
  const durationMs = elapsedMs() - startedMs
  if (ending.cut === 'timeout') return { durationMs, ...told(answer, secrets), timedOut: true }
  const seen = ending.cut === 'stopped' ? stopped : fault
  return { durationMs, ...told(answer, secrets), ...(seen && { fault: redacted(seen, secrets) }) }
}

/** Without any condition all is told. */
const needsBody = ({ expect, degraded }: CheckPlan): boolean =>
  expect.length === 0 || [expect, degraded].some((list) => list.some(({ subject }) => subject === 'body'))

/** Follows at most `limit` redirects; with none, a redirect is the answer. */
async function follow(
  first: HttpRequest,
  limit: number,
  answer: Answer,
  options: ExchangeOptions,
): Promise<Fault | undefined> {
  let request = first
  const seen = new Set<string>()
  for (let hop = 0; ; hop++) {
    seen.add(`${request.method} ${request.url.href}`)
    const next = await send(request, limit > 0, answer, options)
    if (next === undefined) return undefined
    if ('fault' in next) return next.fault
    if (seen.has(`${next.method} ${next.url.href}`)) {
      return targetFault('redirect-loop', `${next.url.host} redirects in a circle`)
    }
    if (hop === limit) return targetFault('too-many-redirects', `more redirects than the ${limit} allowed`)
    request = next
  }
}

/** @returns  where the answer sends us on to, a fault, or nothing when the answer is complete */
async function send(request: HttpRequest, follows: boolean, answer: Answer, options: ExchangeOptions) {
  const nextOf = (status: number, location: string | undefined) =>
    follows ? redirected(request, status, location) : undefined
  try {
    await exchange(request, answer, (status, location) => nextOf(status, location) === undefined, options)
    return nextOf(answer.status ?? 0, answer.headers?.location)
  } catch (error) {
    return { fault: exchangeFault(error, request.url.host) }
  }
}

function exchangeFault(error: unknown, host: string): Fault {
  if (!INVALID_REQUEST.test(errorCode(error) ?? '')) return networkFault(error, host)
  return runnerFault('invalid-plan', `the request can't be sent: ${errorText(error)}`)
}

function told({ status, headers, body }: Answer, secrets: Secrets): Partial<Observation> {
  if (status === undefined) return {}
  const charset = /charset="?([^\s;"]+)/i.exec(headers?.['content-type'] ?? '')?.[1]
  return {
    status,
    headers: redactedValues(headers ?? {}, secrets),
    ...(body && { body: secrets.redact(body.text(charset), body.truncated) }),
    ...(body?.truncated && { truncated: true }),
  }
}

function redacted(fault: Fault, secrets: Secrets): Fault {
  return { ...fault, message: secrets.redact(fault.message) }
}

function redactedValues(headers: Record<string, string>, secrets: Secrets): Record<string, string> {
  if (!secrets.any) return headers
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secrets.redact(value)]))
}
