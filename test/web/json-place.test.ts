/** Where in a JSON text something stands. */

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineAndColumn, readJson } from '../../src/web/live/json-place.ts'

const read = (text: string) => readJson(text, 'healthCheck')

describe('the places of a JSON text', () => {
  test('each field is found, and one that is missing where its holder stands', () => {
    const text = '{\n  "type": "http",\n  "expect": ["status == 200", "foo"],\n  "slo": { "target": 2 }\n}'
    const found = read(text)
    if ('problem' in found) throw new Error(found.problem)
    const at = (field: string) => text.slice(found.offsetOf(field)).split('\n')[0]
    expect(at('healthCheck.type')).toBe('"type": "http",')
    expect(at('healthCheck.expect[1]')).toBe('"foo"],')
    expect(at('healthCheck.slo.target')).toBe('"target": 2 }')
    expect(at('healthCheck.slo.window')).toBe('"slo": { "target": 2 }')
    expect(at('healthCheck.frequency')).toBe('{')
    expect(at('elsewhere')).toBe('{')
    expect(lineAndColumn(text, found.offsetOf('healthCheck.expect[1]'))).toEqual({ line: 3, column: 31 })
  })

  test.each([
    ['', 0, 'a value is missing at the end'],
    ['{"a": 1,}', 8, 'a comma too many'],
    ['[1, ]', 4, 'a comma too many'],
    ['{"a" 1}', 5, 'a colon is expected here'],
    ['{"a": 1 "b": 2}', 8, 'a comma or } is expected here'],
    ['{a: 1}', 1, 'a name in quotes is expected here'],
    ['{"a": tru}', 6, 'a value is expected here'],
    ['{"a": "x\ny"}', 6, 'this text is not closed, or holds what must be escaped'],
    ['{} x', 3, 'something follows the end of the object'],
  ])('%j is wrong at %i', (text, offset, problem) => {
    expect(read(text)).toEqual({ offset, problem })
  })

  test('what is nested without end is refused, and does not end in a fault', () => {
    expect(read('['.repeat(100_000))).toEqual({ offset: 61, problem: 'this is nested too deep' })
  })

  test('it takes what JSON takes, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 8 }), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        let value: unknown
        let isJson = true
        try {
          value = JSON.parse(text)
        } catch {
          isJson = false
        }
        const found = read(text)
        expect('value' in found).toBe(isJson)
        if ('value' in found) expect(found.value).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test('names of prototypes are names like any other, and a megabyte is read', () => {
    const found = read('{"__proto__": {"constructor": 1}}')
    expect('value' in found && found.offsetOf('healthCheck.__proto__.constructor')).toBe(15)
    expect('value' in read(`{"a": "${'x'.repeat(1_000_000)}"}`)).toBe(true)
  })
})
