import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gist } from '../../src/domain/gist.ts'

test('colours, controls and line breaks go, the words stay', () => {
  expect(gist('\u001b[31mfailed\u001b[0m:\r\n\tno\u0007 such\u0000 file ', 80)).toBe('failed: no such file')
})

test('a text that is too long ends in an ellipsis, and no pair is cut in half', () => {
  expect(gist('abcdef', 4)).toBe('abc…')
  expect(gist('ab😀cdef', 4)).toBe('ab…')
})

test('whatever it is, it is one line within its length', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer({ min: 1, max: 200 }),
      (text, max) => {
        const line = gist(text, max)
        expect(line.length).toBeLessThanOrEqual(max)
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      },
    ),
  )
})
