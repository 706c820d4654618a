/** Words of a URL as values of a schema. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { coerce } from '../../../src/faces/http/coerce.ts'
import { rawInput, readQuery } from '../../../src/faces/http/request-input.ts'
import { itemList } from '../../../src/ops/item-list.ts'

const int = z._default(z.optional(z.nullable(z.int())), 5)
const priority = z.optional(z.literal([1, 2, 3, 4]))
const record = z.record(z.string(), z.unknown())

test.each([
  [int, '12', 12],
  [int, '-3', -3],
  [int, 'none', null],
  [int, '', ''],
  [int, '1e3', '1e3'],
  [int, '1e309', '1e309'],
  [int, '0x10', '0x10'],
  [int, ' 5', ' 5'],
  [int, '9007199254740991', 9007199254740991],
  [int, '9007199254740993', '9007199254740993'],
  [z.int(), 'none', 'none'],
  [z.boolean(), 'true', true],
  [z.boolean(), '0', false],
  [z.boolean(), '', true],
  [z.boolean(), 'toString', 'toString'],
  [priority, '2', 2],
  [priority, '7', '7'],
  [z.string(), '12', '12'],
  [z.enum(['a', 'b']), 'a', 'a'],
  [record, '{"a":1}', { a: 1 }],
  [record, '{"a"', '{"a"'],
  [z.union([z.string(), record]), 'x', 'x'],
  [z.array(z.int()), '4', [4]],
  [undefined, '4', '4'],
])('%# %s of the URL', (schema, text, value) => {
  expect(coerce(schema, [text])).toEqual(value)
})

test('what is said several times is a list where one is wanted, one value where all say the same, else refused', () => {
  expect(coerce(z.array(z.string()), ['a', 'b', 'a'])).toEqual(['a', 'b', 'a'])
  expect(coerce(z.int(), ['1', '1'])).toBe(1)
  expect(coerce(z.int(), ['1', '2'])).toEqual(['1', '2'])
})

test('every whole number that is held exactly comes through', () => {
  const whole = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
  fc.assert(
    fc.property(whole, (value) => {
      expect(coerce(z.int(), [String(value)])).toBe(value)
    }),
  )
})

test('a query is read as it was written', () => {
  const word = fc.string({ unit: 'binary' })
  const pairs = fc.dictionary(
    word.filter((name) => name !== ''),
    fc.array(word, { minLength: 1, maxLength: 3 }),
  )
  fc.assert(
    fc.property(pairs, (wanted) => {
      const query = Object.entries(wanted).flatMap(([name, texts]) =>
        texts.map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
      )
      expect(readQuery(query.join('&'))).toEqual(new Map(Object.entries(wanted)))
    }),
  )
})

test.each(['a=%', 'a=%f', '%ff=1', 'a=%c3', 'a=%ed%a0%80'])('the query %s is refused', (query) => {
  expect(() => readQuery(query)).toThrow(expect.objectContaining({ kind: 'invalid' }))
})

test('names of prototypes are names', () => {
  const raw = rawInput(itemList, { params: {}, query: '__proto__=1&toString=2', body: undefined })
  expect(Object.keys(raw)).toEqual(['__proto__', 'toString'])
  expect(Object.getPrototypeOf(raw)).toBe(Object.prototype)
})
