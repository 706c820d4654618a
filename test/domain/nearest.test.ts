import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { didYouMean, editDistance, nearest } from '../../src/domain/nearest.ts'

const words = ['status', 'stdout', 'stderr', 'body', 'frequency', 'retries', 'retryInterval']

describe('the nearest word', () => {
  test.each([
    ['statsu', 'status'],
    ['Status', 'status'],
    ['stdot', 'stdout'],
    ['frequncy', 'frequency'],
    ['retryinterval', 'retryInterval'],
  ])('for %s is %s', (word, found) => {
    expect(nearest(word, words)).toBe(found)
  })

  test.each(['', 'x', 'elephant', 'a'.repeat(10_000)])('for %j there is none', (word) => {
    expect(nearest(word.slice(0, 5000), words)).toBeUndefined()
  })

  test('the first of two equally near ones is taken', () => {
    expect(nearest('cat', ['hat', 'bat'])).toBe('hat')
  })

  test('a swap of two neighbours is one edit', () => {
    expect(editDistance('ab', 'ba')).toBe(1)
    expect(editDistance('abc', 'ca')).toBe(3)
  })

  test('a suggestion is a clause, and nothing where there is none', () => {
    expect(didYouMean('bdoy', words)).toBe('; did you mean "body"?')
    expect(didYouMean('elephant', words)).toBe('')
  })

  test('the distance is symmetric, nothing for the same word, and at most the longer length', () => {
    const word = fc.string({ maxLength: 12 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, a)).toBe(0)
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
        if (a !== b) expect(editDistance(a, b)).toBeGreaterThan(0)
      }),
    )
  })
})
