import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bestOf, folded, match } from '../../src/web/palette/match.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'B', 'é', 'İ', 'ß', ' ', '-', '.', '😀', '\ud83d'), maxLength: 20 }),
)

const scoreOf = (query: string, text: string): number => match(query, text)?.score ?? Number.NEGATIVE_INFINITY
const marked = (query: string, text: string): string =>
  (match(query, text)?.marks ?? []).map(([from, to]) => text.slice(from, to)).join('|')

describe('a match', () => {
  test.each([
    ['move', 'move', 'move'],
    ['inc', 'incident ack', 'inc'],
    ['ack', 'incident ack', 'ack'],
    ['ack inc', 'incident ack', 'inc|ack'],
    ['ia', 'incident ack', 'i|a'],
    ['ide', 'incident', 'ide'],
    ['idnt', 'incident', 'i|d|nt'],
    ['MULLER', 'Müller', 'Müller'],
    ['  rate   limit ', 'Rate limiting', 'Rate limit'],
  ])('%j in %j is %j', (query, text, expected) => {
    expect(marked(query, text)).toBe(expected)
  })

  test.each([
    ['xyz', 'incident'],
    ['tni', 'incident'],
    ['in', 'Ian'],
    ['abc', 'a long way to b and a longer one to c'],
    ['inv', 'Name the item: next run'],
  ])('%j is not in %j', (query, text) => {
    expect(match(query, text)).toBeUndefined()
  })

  test('as a whole is above the start, the start above words, words above the inside, and letters are last', () => {
    const texts = ['note', 'note an item', 'add a note', 'footnote', 'not even']
    const scores = texts.map((text) => scoreOf('note', text))
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(new Set(scores).size).toBe(texts.length)
    expect(texts.map((text) => match('note', text)?.strong)).toEqual([true, true, true, true, false])
  })

  test('of two that match alike, the shorter is first', () => {
    expect(scoreOf('check', 'check all')).toBeGreaterThan(scoreOf('check', 'check everything that is due'))
  })

  test('marks stand in order, none over another, and hold the letters that were typed', () => {
    fc.assert(
      fc.property(anyText, anyText, (query, text) => {
        const found = match(query, text)
        if (!found) return
        let end = 0
        for (const [from, to] of found.marks) {
          expect(from).toBeGreaterThanOrEqual(end)
          expect(to).toBeGreaterThan(from)
          end = to
        }
        expect(end).toBeLessThanOrEqual(text.length)
        const letters = (of: string): string => [...folded(of).replace(/\s/g, '')].sort().join('')
        const shown = found.marks.map(([from, to]) => text.slice(from, to)).join('')
        expect(letters(shown)).toBe(letters(query.trim()))
      }),
      {
        examples: [
          ['.😀', '.a😀'],
          ['𝒶𝒷', '𝒶x 𝒷y'],
        ],
        numRuns: 2_000,
      },
    )
  })

  test('a text is found by itself, above everything else', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const query = text.trim().replace(/\s+/g, ' ')
        fc.pre(query !== '' && folded(query) !== folded(other))
        expect(scoreOf(query, query)).toBeGreaterThan(scoreOf(query, other))
      }),
    )
  })

  test('nothing typed matches everything alike', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(match(' ', text)).toEqual({ score: 0, strong: false, marks: [] })
      }),
    )
  })

  test('folding keeps every place', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(folded(text)).toHaveLength(text.length)
      }),
    )
  })

  test('a megabyte is no more than its beginning', () => {
    expect(match('x'.repeat(1_000_000), 'y'.repeat(1_000_000))).toBeUndefined()
  })
})

test('the best of several texts says which of them it was', () => {
  expect(bestOf('note', [['Say something', 1] as const, ['item note', 0.8] as const])?.of).toBe(1)
  expect(bestOf('zzz', [['Say something', 1]])).toBeUndefined()
})
