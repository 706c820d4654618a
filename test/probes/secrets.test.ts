/** What is left of a secret in what a probe hands back. */

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSecrets } from '../../src/probes/secrets.ts'

const redact = (secret: string, text: string, cut = false): string =>
  readSecrets(['${secret:TOKEN}'], { TOKEN: secret }).redact(text, cut)

const encodings = ['base64', 'base64url'] as const
type Encoding = (typeof encodings)[number]
const encode = (text: string, encoding: Encoding = 'base64') => Buffer.from(text).toString(encoding)

describe('a secret in the base64 of a longer text', () => {
  test.each(['', 'a', 'me', 'max', 'user', 'Aladdin'])(
    'is blotted out, as in the basic authorization of %j',
    (user) => {
      for (const encoding of encodings) {
        const header = `Authorization: Basic ${encode(`${user}:s3cr3t-?>~word`, encoding)}, and more`
        expect(redact('s3cr3t-?>~word', header)).toMatch(
          /^Authorization: Basic [A-Za-z0-9]{0,10}\*\*\*, and more$/,
        )
      }
    },
  )

  test('leaves the same, whatever it is and wherever it stands', () => {
    const word = (alphabet: string, minLength: number, maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength })
    const secret = (length: number) => word('abcxyz0189?>~ÿ€', length, length)
    const pairs = fc
      .integer({ min: 5, max: 24 })
      .chain((length) => fc.tuple(secret(length), secret(length)))
      .filter(([one, other]) => Buffer.byteLength(one) === Buffer.byteLength(other))
    const around = word('ABCXYZ:-', 0, 9)
    fc.assert(
      fc.property(pairs, around, around, fc.constantFrom(...encodings), (pair, before, after, encoding) => {
        const [one, other] = pair.map((each) => redact(each, `<${encode(before + each + after, encoding)}>`))
        expect(one).toBe(other)
        expect(one).toContain('***')
      }),
      { numRuns: 500 },
    )
  })

  test('leaves no beginning behind where a cap cut through it', () => {
    const whole = encode('user:s3cr3t-word and more')
    // The next character has but two bits of it.
    const before = whole.slice(0, 6)
    for (let length = 8; length <= 21; length++)
      expect(redact('s3cr3t-word', whole.slice(0, length), true)).toMatch(
        new RegExp(`^${before}(.|\\*\\*\\*)$`),
      )
  })

  test('takes nothing with it of a secret right behind it', () => {
    expect(redact('s3cr3t', `${encode('s3cr3t')}s3cr3t`)).toBe('******')
    expect(redact('s3cr3t!', `${encode('s3cr3t!')}s3cr3t!`)).toBe('******')
  })

  test('that is a secret itself is gone as a whole', () => {
    const env = { WORD: 's3cr3t-word', LOGIN: encode('max:s3cr3t-word:extra') }
    const { redact: blot } = readSecrets(['${secret:WORD} ${secret:LOGIN}'], env)
    expect(blot(`Basic ${env.LOGIN}`)).toBe('Basic ***')
  })

  test('is not looked for where too little of it is sure: ordinary text stays', () => {
    const text = 'The quick brown fox jumps over the lazy dog: 0123456789+/=='
    for (const secret of ['$', '%%', '###']) expect(redact(secret, text)).toBe(text)
  })
})
