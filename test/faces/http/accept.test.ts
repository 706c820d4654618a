/** What a client would like, by RFC 9110. */

import { expect, test } from 'vitest'
import { encodingFor, isWelcome, wantsPage } from '../../../src/faces/http/accept.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['deflate, zstd', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['br;q=0.5, gzip;q=0.9', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.000, gzip;q=0', undefined],
  ['gzip ; Q = 0.4', 'gzip'],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['*;q=0.5, br;q=0', 'gzip'],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['gzip;q=2', undefined],
  ['gzip;q=-1', undefined],
  ['gzip;q=', 'gzip'],
  ['__proto__, constructor;q=1', undefined],
])('Accept-Encoding %j: %s', (header, encoding) => {
  expect(encodingFor(header)).toBe(encoding)
  // Also when it was asked before.
  expect(encodingFor(header)).toBe(encoding)
})

test.each([
  [undefined, true],
  ['*/*', true],
  ['text/event-stream', true],
  ['text/*;q=0.1', true],
  ['text/html,application/xml;q=0.9,*/*;q=0.8', true],
  ['application/json', false],
  ['text/event-stream;q=0, */*', false],
  ['text/html', false],
])('Accept %j: a stream of events is welcome: %s', (accept, welcome) => {
  expect(isWelcome(accept, 'text/event-stream')).toBe(welcome)
})

test.each([
  ['text/html,application/xhtml+xml,*/*;q=0.8', true],
  ['*/*', false],
  ['text/html;q=0', false],
  ['text/*', false],
  [undefined, false],
])('Accept %j asks for a page: %s', (accept, page) => {
  expect(wantsPage(accept)).toBe(page)
})
