import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCapture } from '../../src/probes/capture.ts'

test('however text is cut into chunks, it comes out the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(5)), (text, sizes) => {
      const whole = text.replaceAll('\0', '').replace(/^\uFEFF/, '')
      const bytes = Buffer.from(whole)
      const capture = createCapture(1_000_000)
      let at = 0
      for (const size of sizes) {
        capture.add(bytes.subarray(at, at + size))
        at += size
      }
      capture.add(bytes.subarray(at))
      expect(capture.text()).toBe(whole)
      expect(capture.truncated).toBe(false)
    }),
  )
})

test('at the cap a character is left out rather than broken', () => {
  const capture = createCapture(4)
  capture.add(Buffer.from('a€€'))
  expect(capture.truncated).toBe(true)
  expect(capture.text()).toBe('a€')
  const shorter = createCapture(3)
  shorter.add(Buffer.from('a€'))
  expect(shorter.text()).toBe('a')
})

test('bytes that are no UTF-8 are replaced, and an unknown charset is read as UTF-8', () => {
  const capture = createCapture(10)
  capture.add(Buffer.from([0x61, 0xff, 0x62]))
  expect(capture.text()).toBe('a\uFFFDb')
  expect(capture.text('no-such-charset')).toBe('a\uFFFDb')
})
