import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  columns,
  count,
  fit as cut,
  harmless,
  harmlessJson,
  oneLine,
  pad,
  wrap,
} from '../../src/domain/text.ts'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '東', '京', '🔨', '❤️', '👩‍👩‍👧', 'é', 'é', 'Ａ', '\t', '　', '👍🏽', '…'),
    maxLength: 60,
  }),
)
const line = text.map(oneLine)
const width = fc.integer({ min: 2, max: 90 })

describe('columns', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['東京', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['🔨', 2],
    ['❤\ufe0f', 2],
    ['❤', 1],
    ['Ａ', 2],
    ['한글', 4],
    ['→', 1],
  ])('%j takes %i', (value, expected) => {
    expect(columns(value)).toBe(expected)
  })
})

describe('fit, pad and wrap', () => {
  test('fit never exceeds the width, and keeps what fits', () => {
    fc.assert(
      fc.property(line, fc.integer({ min: -3, max: 90 }), (value, most) => {
        const fitted = cut(value, most)
        expect(columns(fitted)).toBeLessThanOrEqual(Math.max(0, most))
        if (columns(value) <= most) expect(fitted).toBe(value)
        else if (most > 0) expect(fitted.endsWith('…')).toBe(true)
      }),
    )
  })

  test('pad is exactly as wide as asked', () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 0, max: 90 }), (value, wanted) => {
        expect(columns(pad(value, wanted))).toBe(wanted)
      }),
    )
  })

  test('wrap never exceeds the width, loses no word and breaks no letter', () => {
    fc.assert(
      fc.property(text, width, (value, most) => {
        const lines = wrap(value, most)
        for (const each of lines) expect(columns(each)).toBeLessThanOrEqual(most)
        const solid = (words: string) => words.replace(/\s/g, '')
        expect(solid(lines.join(''))).toBe(solid(value))
      }),
    )
  })

  test('wrap breaks at spaces, keeps empty lines, and takes a tab for four spaces', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrap('a\n\nb', 8)).toEqual(['a', '', 'b'])
    expect(wrap('\tx', 8)).toEqual(['    x'])
  })
})

describe('harmless', () => {
  const control = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

  test('no control character and no mark of direction is left, but newline and tab', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(harmless(value).replace(/[\n\t]/g, '')).not.toMatch(control)
        expect(oneLine(value)).not.toMatch(control)
        expect(oneLine(value)).not.toMatch(/[\n\r\u2028\u2029]/)
      }),
      { numRuns: 1000 },
    )
  })

  test('every one of them becomes visible', () => {
    for (let code = 0; code < 0xa0; code++) {
      const char = String.fromCharCode(code)
      if (code === 9 || code === 10 || (code >= 0x20 && code < 0x7f)) expect(harmless(char)).toBe(char)
      else expect(harmless(char)).toMatch(/^[␀-␟␡�]$/)
    }
    expect(harmless('\u001b[2J\u202eevil')).toBe('␛[2J�evil')
  })

  test('reaches into lists, objects and their keys, and leaves the rest', () => {
    const value = { 'a\u001b': ['\u0007', { b: 1, c: null, d: true }], e: 'x\ny' }
    expect(harmlessJson(value)).toEqual({ 'a␛': ['␇', { b: 1, c: null, d: true }], e: 'x\ny' })
    expect(value.e).toBe('x\ny')
  })
})

test('one is one, all else is many', () => {
  expect([count(0, 'child', 'children'), count(1, 'child', 'children'), count(2, 'item')]).toEqual([
    '0 children',
    '1 child',
    '2 items',
  ])
})
