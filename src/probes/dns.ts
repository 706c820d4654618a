/**
 * A dns check: asks a name server for the records of one kind, and tells them as texts. Names are not looked up in
 * the runner's own file of hosts, and no search domain is added.
 */

import { createSocket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { isIP, isIPv6 } from 'node:net'

import { type Endpoint, parseEndpoint, reverseName } from '../domain/address.ts'
import type { CheckPlan, RecordType } from '../domain/health-check.ts'
import type { Fault, Observation } from '../domain/observation.ts'
import { attempt } from './attempt.ts'
import { readRecords } from './dns-records.ts'
import { errorCode, networkFault, notRun, runnerFault, targetFault } from './faults.ts'
import type { Probe } from './probe.ts'
import { hostOf } from './target.ts'

/** A packet may be lost; each wait is twice the one before it, and the attempt's own limit comes before the last ends. */
const TRIES = 3
const FIRST_WAIT_SHARE = 1 / 4
const LONGEST_FIRST_WAIT_MS = 5000
const DNS_PORT = 53

interface Question {
  name: string
  record: RecordType
  /** Absent: whom the runner's system asks. */
  server?: Endpoint
}

type Answer = Pick<Observation, 'records' | 'fault'>

export const dnsProbe: Probe = async (plan, context) => {
  const question = questionOf(plan)
  if (question === undefined)
    return notRun(runnerFault('invalid-plan', 'the check names no host and record to ask for'))
  return attempt(plan, context, (settle) => {
    const wait = Math.min(LONGEST_FIRST_WAIT_MS, plan.timeoutMs * FIRST_WAIT_SHARE)
    const resolver = new dns.Resolver({ timeout: Math.ceil(wait), tries: TRIES })
    const end = new AbortController()
    ask(resolver, question, end.signal).then(settle)
    return () => {
      end.abort()
      resolver.cancel()
    }
  })
}

function questionOf({ host, record, resolver }: CheckPlan): Question | undefined {
  if (host === undefined || record === undefined) return undefined
  const server = resolver === undefined ? undefined : parseEndpoint(resolver)
  if (resolver !== undefined && server === undefined) return undefined
  const name = hostOf(host)
  return {
    name: record === 'PTR' && isIP(name) !== 0 ? reverseName(name) : name,
    record,
    ...(server && { server }),
  }
}

async function ask(resolver: dns.Resolver, question: Question, end: AbortSignal): Promise<Answer> {
  try {
    if (question.server) {
      const addresses = await addressesOf(question.server)
      if ('fault' in addresses) return addresses
      // the name of the server took longer than there was time: nothing is asked any more
      if (end.aborted) return {}
      resolver.setServers(addresses)
    }
    return { records: await readRecords(resolver, question.name, question.record) }
  } catch (error) {
    return end.aborted ? {} : { fault: await dnsFault(error, question, resolver) }
  }
}

/** A server's own name is looked up as every program of the runner would. */
async function addressesOf({ host, port = DNS_PORT }: Endpoint): Promise<string[] | { fault: Fault }> {
  try {
    const addresses = isIP(host) ? [{ address: host }] : await dns.lookup(host, { all: true })
    return addresses.map(({ address }) => (isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`))
  } catch (error) {
    const { message, ...fault } = networkFault(error, host)
    return { fault: { ...fault, message: `the name server was not asked: ${message}` } }
  }
}

/** About the name, or about the server that was named for it: both are what is watched. */
const SENTENCES: Record<string, (question: Question, server: string) => string> = {
  EBADRESP: (_, server) => `${server} gave an answer that can't be understood`,
  ECONNREFUSED: (_, server) => `connection refused by ${server}`,
  EFORMERR: (_, server) => `${server} did not understand the question`,
  ENODATA: ({ name, record }) => `${name} has no ${record} record`,
  ENOTFOUND: ({ name }) => `unknown name ${name}`,
  ENOTIMP: ({ record }, server) => `${server} knows no ${record} records`,
  EREFUSED: ({ name }, server) => `${server} refuses to answer for ${name}`,
  ESERVFAIL: ({ name }, server) => `${server} could not find out about ${name}`,
  ETIMEOUT: (_, server) => `no answer from ${server}`,
}

async function dnsFault(error: unknown, question: Question, resolver: dns.Resolver): Promise<Fault> {
  const code = errorCode(error) ?? ''
  const { host, port = DNS_PORT } = question.server ?? { host: '' }
  const server = host ? `${isIPv6(host) ? `[${host}]` : host}:${port}` : "this runner's name server"
  const told = Object.hasOwn(SENTENCES, code) ? SENTENCES[code]?.(question, server) : undefined
  if (told === undefined) {
    // the library's own codes, such as ENOTINITIALIZED or EBADNAME: nothing that came from a server
    return runnerFault(
      code || 'probe-failed',
      `the question can't be asked: ${networkFault(error, server).message}`,
    )
  }
  if (code !== 'ECONNREFUSED') return targetFault(code, told)
  if (question.server === undefined) return runnerFault(code, told)
  return (await wayFault(resolver.getServers(), server)) ?? targetFault(code, told)
}

/**
 * "Refused" is told too where this runner has no network. A UDP socket that is connected, but sends nothing, shows it.
 * @returns  why there is no way to any of them
 */
async function wayFault(servers: string[], name: string): Promise<Fault | undefined> {
  const found = await Promise.all(servers.map(wayError))
  const error = found.every((each) => each !== undefined) ? found[0] : undefined
  const fault = error && networkFault(error, name)
  return fault?.of === 'runner' ? fault : undefined
}

function wayError(server: string): Promise<Error | undefined> {
  const { host = server, port = DNS_PORT } = parseEndpoint(server) ?? {}
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const end = (error?: Error) => {
      resolve(error)
      socket.close()
    }
    socket.once('error', end)
    socket.once('connect', () => end())
    socket.connect(port, host)
  })
}
