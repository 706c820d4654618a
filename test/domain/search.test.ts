import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { queryTokens, tokens } from '../../src/domain/search.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('Σ', 'ς', 'İ', 'ß', 'é', 'ﬁ', '𝔸', '東', 'が', 'ก', '𠀀', '_', ' ', "'", '"'),
  }),
)

describe('the words of a text', () => {
  test.each([
    ['Rate-limit: 429!', ['rate', 'limit', '429']],
    ['Müller, MÜLLER & muller', ['muller']],
    ['ﬁne ½ ²', ['fine', '1', '2']],
    ['İstanbul', ['istanbul']],
    ['ΟΔΟΣ οδοσα', ['οδοσ', 'οδοσα']],
    ['新東京タワー', ['新', '東', '京', 'タ', 'ワ', 'ー']],
    ['v2東京beta', ['v2', '東', '京', 'beta']],
    ['👩‍👩‍👧 🚀', []],
    ['a_b "c" d*', ['a', 'b', 'c', 'd']],
    [' \t\n', []],
  ])('%j', (text, expected) => {
    expect(tokens(text)).toEqual(expected)
  })

  test('are lower case, letters and digits only, each once, and stay what they are', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const found = tokens(text)
        for (const word of found) {
          expect(word).toMatch(/^[\p{L}\p{N}]+$/u)
          expect(word).toBe(word.toLowerCase())
          expect(word.length).toBeLessThanOrEqual(64)
        }
        expect(new Set(found).size).toBe(found.length)
        expect(tokens(found.join(' '))).toEqual(found)
      }),
      { numRuns: 1000 },
    )
  })

  test('are the same whether accents are composed or not, and in capital letters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('é', 'Å', 'ö', 'n', 'x', '7', ' ', '东', 'д') }),
        (text) => {
          expect(tokens(text.normalize('NFD'))).toEqual(tokens(text.normalize('NFC')))
          expect(tokens(text.toUpperCase())).toEqual(tokens(text))
        },
      ),
    )
  })

  test('a long word is cut, and never through a letter of two units', () => {
    expect(tokens('x'.repeat(500))).toEqual(['x'.repeat(64)])
    expect(tokens(`a${'𐐷'.repeat(60)}`)).toEqual([`a${'𐐷'.repeat(31)}`])
  })

  test('are bounded, however long the text is', () => {
    const text = Array.from({ length: 200_000 }, (_, n) => `w${n}`).join(' ')
    expect(tokens(text).join('').length).toBeLessThanOrEqual(150_000)
    expect(tokens(text).length).toBeGreaterThan(10_000)
  })
})

test('operators of the engines are words like all others', () => {
  expect(queryTokens('AND NEAR(a b) -c "d" e* col:f \'; DROP TABLE pipeline; --')).toEqual([
    ...['and', 'near', 'a', 'b', 'c', 'd', 'e', 'col', 'f', 'drop', 'table', 'pipeline'],
  ])
})
