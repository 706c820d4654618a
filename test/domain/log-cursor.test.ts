/** Where a reader of the log stands, though ids appear out of their order. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  advance,
  formatCursor,
  gapsMax,
  type LogCursor,
  parseCursor,
  withoutOld,
} from '../../src/domain/log-cursor.ts'

const start: LogCursor = { last: 0, gaps: [] }

/** What is visible and was not seen from there, as the store asks for it. */
const unseen = (visible: readonly number[], { last, gaps }: LogCursor): number[] =>
  visible
    .filter((id) => id > last || gaps.some(({ from, to }) => id >= from && id <= to))
    .sort((a, b) => a - b)

/** Ids in the order in which they are committed, in groups that appear at once; some never are. */
const commits = (): fc.Arbitrary<number[][]> =>
  fc
    .record({
      ids: fc.shuffledSubarray(
        Array.from({ length: 60 }, (_, n) => n + 1),
        { minLength: 1 },
      ),
      cuts: fc.array(fc.nat(10), { minLength: 60, maxLength: 60 }),
    })
    .map(({ ids, cuts }) => {
      const groups: number[][] = []
      for (let at = 0; at < ids.length; at += groups.at(-1)!.length)
        groups.push(ids.slice(at, at + 1 + cuts[groups.length]!))
      return groups
    })

test('whatever the order of commits, each entry is seen once', () => {
  fc.assert(
    fc.property(commits(), (groups) => {
      let place = start
      const visible: number[] = []
      const seen: number[] = []
      for (const group of groups) {
        visible.push(...group)
        const found = unseen(visible, place)
        seen.push(...found)
        place = advance(place, found, 0)
        // On another server it goes on from what the last event said.
        place = parseCursor(formatCursor(place), 0)!
        expect(place.last).toBe(Math.max(...visible))
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual(visible.toSorted((a, b) => a - b))
    }),
  )
})

test('a place is written shortly, and read as it was written', () => {
  const place = advance(start, [1, 2, 5, 6, 8], 7)
  expect(place).toEqual({
    last: 8,
    gaps: [
      { from: 3, to: 4, sinceMs: 7 },
      { from: 7, to: 7, sinceMs: 7 },
    ],
  })
  expect(formatCursor(place)).toBe('8-3~4.7')
  expect(parseCursor('8-3~4.7', 7)).toEqual(place)
  expect(parseCursor('8', 7)).toEqual({ last: 8, gaps: [] })
  expect(formatCursor(advance(place, [3, 7], 9))).toBe('8-4')
})

test.each([
  '',
  ' 8',
  'x',
  '-1',
  '8-',
  '8-8',
  '8-0',
  '8-4~3',
  '8-3.3',
  '8-5.3',
  '8-3~5.5',
  '8-3~',
  '8-.',
  '8-3.',
  '1e3',
  '9'.repeat(16),
  `999999-${Array.from({ length: gapsMax + 1 }, (_, n) => 2 * n + 1).join('.')}`,
  `8-${'1.'.repeat(10_000)}`,
])('%s is no place', (text) => {
  expect(parseCursor(text, 0)).toBeUndefined()
})

test('gaps are bounded: the highest stay', () => {
  const ids = Array.from({ length: 200 }, (_, n) => 2 * (n + 1))
  const { last, gaps } = advance(start, ids, 0)
  expect(last).toBe(400)
  expect(gaps).toHaveLength(gapsMax)
  expect(gaps.at(-1)).toMatchObject({ from: 399, to: 399 })
})

test('a gap is waited for since it was first seen, in all of its parts', () => {
  const early = advance(start, [10], 100)
  const later = advance(early, [4, 12], 200)
  expect(later.gaps.map(({ from, to, sinceMs }) => [from, to, sinceMs])).toEqual([
    [1, 3, 100],
    [5, 9, 100],
    [11, 11, 200],
  ])
  expect(formatCursor(withoutOld(later, 101))).toBe('12-11')
  expect(formatCursor(withoutOld(later, 100))).toBe('12-1~3.5~9.11')
})
