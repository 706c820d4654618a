import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pieces, sizeText } from '../../src/web/item/pieces.ts'

describe('long texts in pieces', () => {
  const plain = fc.array(fc.stringMatching(/^[a-z \n]{0,40}$/)).map((parts) => parts.join('\n'))

  test('without blocks of code the pieces are the text, and none is longer than it may be', () => {
    fc.assert(
      fc.property(plain, fc.integer({ min: 2, max: 50 }), (text, most) => {
        const found = pieces(text, most)
        expect(found.join('')).toBe(text)
        for (const piece of found) expect(piece.length).toBeLessThanOrEqual(most)
      }),
    )
  })

  test('they are cut between blocks where there is an empty line', () => {
    expect(pieces('first block\n\nsecond block', 20)).toEqual(['first block\n\n', 'second block'])
  })

  test('a pair of surrogates is never cut in two', () => {
    for (const piece of pieces('😀'.repeat(50), 7)) expect(piece).not.toMatch(/\p{Surrogate}/u)
  })

  test('a block of code that is cut is closed, and goes on as code', () => {
    const [first, second] = pieces('```ts\nline one of code\nline two of code\n```\nafter', 30)
    expect(first).toBe('```ts\nline one of code\n\n```')
    expect(second).toMatch(/^```ts\nline two of code\n```\nafter$/)
  })

  test('an empty text is one empty piece', () => {
    expect(pieces('')).toEqual([''])
  })

  test('sizes are told in units that people know', () => {
    expect([sizeText(60_001), sizeText(1_000_000)]).toEqual(['61 kB', '1.0 MB'])
  })
})
