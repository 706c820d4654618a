/** The fields of tcp, dns and tls checks. */

import { describe, expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import type { TrackerError } from '../../src/errors.ts'

const dns = { type: 'dns', host: 'example.org', record: 'A', frequency: 'daily' }
const tcp = { type: 'tcp', host: 'db', port: 5432, frequency: 'daily' }

describe('a field that is right', () => {
  test.each([
    { type: 'tcp', host: '::1', port: 5432 },
    { type: 'dns', host: '_sip._tcp.example.org', record: 'srv', resolver: '[2620:fe::9]:53' },
    { type: 'tls', host: 'bücher.example', port: 443, expect: 'certificate_days > 7' },
  ])('%j is taken as it is', (check) => {
    const whole = { ...check, frequency: 'daily' }
    expect(parseHealthCheck(whole).check).toEqual(whole)
  })

  test.each(['AAAA', 'aaaa', 'Aaaa'])('record: %s asks for AAAA', (record) => {
    expect(parseHealthCheck({ ...dns, record }).plan.record).toBe('AAAA')
  })
})

describe('a fault is refused', () => {
  test.each<[object, string, RegExp]>([
    [{ ...dns, record: 'MXX' }, 'record', /one of A, AAAA, CNAME, MX, .*; did you mean "MX"\?/],
    [{ ...dns, record: 'constructor' }, 'record', /must be one of A,/],
    [{ ...dns, record: 1 }, 'record', /must be one of A,/],
    [{ ...dns, resolver: '9.9.9.9:0' }, 'resolver', /a name server such as 9\.9\.9\.9/],
    [{ ...dns, resolver: 'https://dns.example/' }, 'resolver', /a name server such as/],
    [{ ...dns, host: 'a b' }, 'host', /must be a host name or address, not "a b"/],
    [{ ...dns, host: '1.2.3.256' }, 'host', /must be a host name or address/],
    [{ ...dns, host: `${'a.'.repeat(200)}a` }, 'host', /must be a host name or address/],
    [{ ...tcp, host: 'db:5432' }, 'host', /address without a port/],
    [{ ...tcp, host: 'a\u001b[31m' }, 'host', /must be a host name/],
    [{ ...tcp, port: 65_536 }, 'port', /from 1 to 65535/],
    [{ ...tcp, record: 'A' }, 'record', /belongs to dns checks, and this is a tcp check/],
    [{ ...tcp, expect: 'certificate_days > 1' }, 'expect', /a tcp check has no certificate_days/],
  ])('%j: %s', (raw, field, message) => {
    expect(failures(raw)).toEqual({ [`healthCheck.${field}`]: expect.stringMatching(message) })
  })
})

function failures(raw: object): Record<string, string> {
  try {
    parseHealthCheck(raw)
  } catch (error) {
    const { failures = [] } = error as TrackerError
    return Object.fromEntries(failures.map(({ field, message }) => [field, message]))
  }
  return {}
}
