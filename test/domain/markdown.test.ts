import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fenced, inline, tableRow } from '../../src/domain/markdown.ts'

test.each([
  ['a | b', 'a \\| b'],
  ['# no heading', '\\# no heading'],
  ['<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
  ['[x](javascript:y)', '\\[x\\](javascript:y)'],
  ['https://x.y and www.x.y and a@b.c', 'https\\://x.y and www\\.x.y and a\\@b.c'],
  ['- no list', '\\- no list'],
  ['12) no list', '&#49;2) no list'],
  ['human:max moved 200..299 (at once)', 'human:max moved 200..299 (at once)'],
  ['one\ntwo', 'one two'],
  ['\u001b[31mred', '␛\\[31mred'],
  ['&lt;', '\\&lt;'],
])('%j is shown and does nothing', (text, shown) => {
  expect(inline(text)).toBe(shown)
})

test('whatever it holds it is one line, and every sign that means something is escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = inline(text)
      expect(shown).not.toMatch(/[\n\r\u2028]/)
      expect(shown.replaceAll(/\\[!-/:-@[-`{-~]|&#\d+;/g, '')).not.toMatch(/[\\`*_[\]<>#|]/)
    }),
  )
})

test('nothing in a block of code ends it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a', '~') }), (text) => {
      const [first, ...rest] = fenced(text).split('\n')
      const fence = first!.replace('text', '')
      expect(rest.at(-1)).toBe(fence)
      expect(rest.slice(0, -1).filter((line) => line.startsWith(fence))).toEqual([])
    }),
  )
})

test('a row of a table has as many cells as it was given', () => {
  expect(tableRow(['a', inline('b|c')])).toBe('| a | b\\|c |')
})
