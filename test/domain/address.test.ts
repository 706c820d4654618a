import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHost, isIpv4, isIpv6, parseEndpoint, reverseName } from '../../src/domain/address.ts'

test.each([
  'localhost',
  'db.example.com',
  'example.com.',
  '_sip._tcp.example.com',
  'bücher.example',
  'हिन्दी.example',
  'a-b.c',
  '192.0.2.1',
  '::',
  '[::1]',
  '::ffff:192.0.2.1',
])('%s is a host', (text) => {
  expect(isHost(text)).toBe(true)
})

test.each([
  '',
  '.',
  'a..b',
  '-a',
  'a-',
  'a b',
  'a/b',
  'a:80',
  'a@b',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1',
  ':::',
  '[a]',
  '[::1',
  '::1%eth0',
  'a\n',
  'a\0',
  'a\u001b[0m',
  '\ud800',
  'a'.repeat(64),
  'a.'.repeat(127),
])('%j is none', (text) => {
  expect(isHost(text)).toBe(false)
  expect(parseEndpoint(text)).toEqual(text === 'a:80' ? { host: 'a', port: 80 } : undefined)
})

test('a text of any length is answered at once', () => {
  for (const piece of ['a', 'a.', ':', '1', '[', 'a:1', '-']) {
    expect(parseEndpoint(piece.repeat(500_000))).toBeUndefined()
  }
})

test.each([
  ['192.0.2.1', { host: '192.0.2.1' }],
  ['192.0.2.1:5353', { host: '192.0.2.1', port: 5353 }],
  ['2001:db8::1', { host: '2001:db8::1' }],
  ['[2001:db8::1]', { host: '2001:db8::1' }],
  ['[2001:db8::1]:65535', { host: '2001:db8::1', port: 65_535 }],
  ['ns.example.com:53', { host: 'ns.example.com', port: 53 }],
  ['ns:0', undefined],
  ['ns:65536', undefined],
  ['ns:', undefined],
  [':53', undefined],
  ['ns:5x', undefined],
  ['[ns]:53', undefined],
])('%s is read as %j', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint)
})

test('every address is known as one, and no other text is both', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), fc.string(), (four, six, text) => {
      expect([isIpv4(four), isIpv6(four), isIpv4(six), isIpv6(six)]).toEqual([true, false, false, true])
      expect(isIpv4(text) && isIpv6(text)).toBe(false)
    }),
  )
})

test('an address and a port come back as they were joined', () => {
  const port = fc.integer({ min: 1, max: 65_535 })
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), fc.domain(), port, (four, six, name, number) => {
      expect(parseEndpoint(`${four}:${number}`)).toEqual({ host: four, port: number })
      expect(parseEndpoint(`[${six}]:${number}`)).toEqual({ host: six, port: number })
      expect(parseEndpoint(`${name}:${number}`)).toEqual({ host: name, port: number })
    }),
  )
})

test('the reverse name of an address has its digits backwards', () => {
  expect(reverseName('192.0.2.7')).toBe('7.2.0.192.in-addr.arpa')
  const group = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const digits = groups.map((each) => each.toString(16).padStart(4, '0')).join('')
      const name = reverseName(groups.map((each) => each.toString(16)).join(':'))
      expect(name).toBe(`${[...digits].reverse().join('.')}.ip6.arpa`)
    }),
  )
})
