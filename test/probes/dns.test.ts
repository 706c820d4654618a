/** A dns check against a real name server on loopback. */

import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { dnsProbe } from '../../src/probes/dns.ts'
import {
  chars,
  closeNames,
  ip4,
  labels,
  type Question,
  type Reply,
  serveNames,
  u16,
  u32,
} from './name-server.ts'
import { contextOf, planOf } from './plan.ts'

const network = vi.hoisted(() => ({ missing: false }))

vi.mock('node:dgram', async (original) => {
  const dgram = await original<typeof import('node:dgram')>()
  const createSocket = (type: 'udp4' | 'udp6') => {
    const socket = dgram.createSocket(type)
    const refuse = () => socket.emit('error', Object.assign(new Error('connect'), { code: 'ENETUNREACH' }))
    return network.missing ? Object.assign(socket, { connect: refuse }) : socket
  }
  return { ...dgram, createSocket }
})

afterEach(() => {
  network.missing = false
  closeNames()
})

const ask = (fields: Partial<CheckPlan>, signal?: AbortSignal) =>
  dnsProbe(
    planOf({ type: 'dns', host: 'example.com', record: 'A', ...fields }),
    contextOf({ env: {}, ...(signal && { signal }) }),
  )

describe('records are told as plain texts', () => {
  test.each<[CheckPlan['record'], Uint8Array[], string[]]>([
    ['A', [ip4('192.0.2.9'), ip4('192.0.2.1')], ['192.0.2.1', '192.0.2.9']],
    ['AAAA', [Buffer.from('20010db8000000000000000000000001', 'hex')], ['2001:db8::1']],
    ['CNAME', [labels('Web.Example.NET')], ['web.example.net']],
    ['NS', [labels('ns2.example.com'), labels('ns1.example.com')], ['ns1.example.com', 'ns2.example.com']],
    ['MX', [Buffer.concat([u16(10), labels('mx.example.com')])], ['10 mx.example.com']],
    ['MX', [Buffer.concat([u16(0), labels('')])], ['0 .']],
    ['TXT', [Buffer.concat([chars('v=spf1 '), chars('-ALL')]), chars('x')], ['v=spf1 -ALL', 'x']],
    ['TXT', [chars('a\0b')], ['a\uFFFDb']],
    [
      'SRV',
      [Buffer.concat([u16(5), u16(6), u16(5060), labels('sip.example.com')])],
      ['5 6 5060 sip.example.com'],
    ],
    [
      'CAA',
      [Buffer.concat([Buffer.from([0]), chars('issue'), Buffer.from('ca.example.net')])],
      ['0 issue ca.example.net'],
    ],
    ['PTR', [labels('host.example.com')], ['host.example.com']],
    [
      'SOA',
      [Buffer.concat([labels('ns1.example.com'), labels('admin.example.com'), ...[7, 6, 5, 4, 3].map(u32)])],
      ['ns1.example.com admin.example.com 7 6 5 4 3'],
    ],
  ])('%s', async (record, data, records) => {
    const asked: Question[] = []
    const resolver = await serveNames((question) => {
      asked.push(question)
      return data
    })
    const seen = await ask({ record, resolver } as Partial<CheckPlan>)
    expect(seen).toEqual({ durationMs: expect.any(Number), records })
    expect(asked).toEqual([{ name: 'example.com', type: record }])
  })

  test('any addresses come back, sorted and complete', async () => {
    let data: Uint8Array[] = []
    const resolver = await serveNames(() => data)
    const address = fc.ipV4()
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(address, { minLength: 1, maxLength: 20 }), async (addresses) => {
        data = addresses.map(ip4)
        expect((await ask({ resolver })).records).toEqual([...addresses].sort())
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    ['192.0.2.7', '7.2.0.192.in-addr.arpa'],
    ['2001:db8::7', `7.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`],
    ['[::1]', `1.${'0.'.repeat(31)}ip6.arpa`],
    ['7.2.0.192.in-addr.arpa', '7.2.0.192.in-addr.arpa'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('PTR of %s asks for %s', async (host, name) => {
    const asked: string[] = []
    const resolver = await serveNames((question) => {
      asked.push(question.name)
      return [labels('host.example.com')]
    })
    await ask({ host, record: 'PTR', resolver })
    expect(asked).toEqual([name])
  })

  test('the name server may be given by its name', async () => {
    const resolver = await serveNames(() => [ip4('192.0.2.1')])
    const seen = await ask({ resolver: resolver.replace('127.0.0.1', 'localhost') })
    expect(seen).toMatchObject({ records: ['192.0.2.1'] })
  })

  test('a packet that was lost is sent again', async () => {
    let questions = 0
    const resolver = await serveNames(() => (++questions === 1 ? 'silence' : [ip4('192.0.2.1')]))
    expect(await ask({ resolver, timeoutMs: 2000 })).toMatchObject({ records: ['192.0.2.1'] })
  })
})

describe('no records', () => {
  test.each<[Reply, string, string]>([
    ['NXDOMAIN', 'ENOTFOUND', 'unknown name example.com'],
    [[], 'ENODATA', 'example.com has no MX record'],
    ['SERVFAIL', 'ESERVFAIL', 'SERVER could not find out about example.com'],
    ['REFUSED', 'EREFUSED', 'SERVER refuses to answer for example.com'],
    ['FORMERR', 'EFORMERR', 'SERVER did not understand the question'],
    ['NOTIMP', 'ENOTIMP', 'SERVER knows no MX records'],
    ['garbage', 'EBADRESP', "SERVER gave an answer that can't be understood"],
  ])('%j is the fault of the target', async (reply, code, message) => {
    const resolver = await serveNames(() => reply)
    const seen = await ask({ record: 'MX', resolver, timeoutMs: 3000 })
    expect(seen.fault).toEqual({ code, message: message.replace('SERVER', resolver), of: 'target' })
    expect(seen.records).toBeUndefined()
  })

  test('a name server that is named and refuses is the fault of the target', async () => {
    const resolver = await serveNames(() => [])
    closeNames()
    expect((await ask({ resolver })).fault).toEqual({
      code: 'ECONNREFUSED',
      message: `connection refused by ${resolver}`,
      of: 'target',
    })
  })

  test('where there is no way to the name server, the runner could not ask', async () => {
    const resolver = await serveNames(() => [])
    closeNames()
    network.missing = true
    const { fault } = await ask({ resolver })
    expect(fault).toEqual({
      code: 'ENETUNREACH',
      message: `this runner has no network to reach ${resolver}`,
      of: 'runner',
    })
  })

  test('a name server whose name is not known was not asked', async () => {
    const { fault } = await ask({ resolver: 'no-such-server.invalid' })
    expect(fault?.message).toMatch(/^the name server was not asked: .*no-such-server\.invalid/)
  })

  test.each([{ host: undefined }, { record: undefined }, { resolver: 'a b' }])(
    '%j is no plan',
    async (fields) => {
      const seen = await ask(fields as unknown as Partial<CheckPlan>)
      expect(seen.fault).toMatchObject({ code: 'invalid-plan', of: 'runner' })
    },
  )
})

describe('the end from outside', () => {
  test('a name server that says nothing', async () => {
    const resolver = await serveNames(() => 'silence')
    const seen = await ask({ resolver, timeoutMs: 150 })
    expect(seen).toEqual({ durationMs: seen.durationMs, timedOut: true })
    expect(seen.durationMs).toBeGreaterThanOrEqual(130)
    expect(seen.durationMs).toBeLessThan(2000)
  })

  test('a stop of the worker is no result', async () => {
    const stop = new AbortController()
    const resolver = await serveNames(() => {
      stop.abort()
      return 'silence'
    })
    expect((await ask({ resolver }, stop.signal)).fault).toMatchObject({ code: 'stopped', of: 'runner' })
    expect((await ask({ resolver }, stop.signal)).fault).toMatchObject({ code: 'stopped', of: 'runner' })
  })
})
