/** `matches`: what a pattern means, what is refused, and that none takes long. */

import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { parseExpectation } from '../../src/domain/expectation.ts'
import { acceptHealthCheck } from '../../src/domain/health-check.ts'
import { compilePatterns, type Found } from '../../src/domain/pattern.ts'
import type { TrackerError } from '../../src/errors.ts'

const engine = vi.hoisted(() => ({ loaded: false }))

vi.mock('re2js', async (original) => {
  engine.loaded = true
  return original()
})

test('the engine is loaded for a pattern alone', async () => {
  const check = { type: 'command', command: 'true', expect: 'stdout contains /a/', frequency: 'daily' }
  await acceptHealthCheck(check)
  expect(await compilePatterns([parseExpectation('status == 200')])).toBeUndefined()
  expect(engine.loaded).toBe(false)
  await acceptHealthCheck({ ...check, expect: 'stdout matches /a/' })
  expect(engine.loaded).toBe(true)
})

async function search(pattern: string, text: string, cut = false): Promise<Found> {
  const expectation = parseExpectation(`stdout matches ${pattern}`)
  if (expectation.operand.kind !== 'pattern') throw new Error('no pattern')
  return (await compilePatterns([expectation]))!.search(expectation.operand, text, cut)
}

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['/ready|ok/', 'it is ok', true],
    ['/ready|ok/', 'OK', false],
    ['/ready|ok/i', 'OK', true],
    ['/^b$/', 'a\nb\nc', false],
    ['/^b$/m', 'a\nb\nc', true],
    ['/a.b/', 'a\nb', false],
    ['/a.b/s', 'a\nb', true],
    ['/^A.B$/ims', 'x\na\nb\nx', true],
    ['/ready$/', 'ready\n', true],
    ['/ready$/', 'ready\r\n', true],
    ['/ready$/', 'ready\n\n', false],
    ['/\\bup\\b/', 'it is up.', true],
    ['/\\bup\\b/', 'upper', false],
    ['/a\\/b/', 'a/b', true],
    ['/a/b/', 'a/b', true],
    ['/^\\d{4}-\\d{2}$/', '2026-02', true],
    ['/é+/', 'caféé', true],
    ['/^.$/', '😀', true],
    ['/./', '\ud800', true],
    ['/(?i)ok/', 'OK', true],
    ['/x*/', '', true],
  ])('%s in %j: %s', async (pattern, text, found) => {
    expect(await search(pattern, text)).toBe(found ? 'found' : 'absent')
  })

  test('of a text that was cut proves what it finds, unless it asks for an end', async () => {
    expect(await search('/ok/', 'ok', true)).toBe('found')
    expect(await search('/^ok/', 'ok', true)).toBe('found')
    expect(await search('/no/', 'ok', true)).toBe('unread')
    expect(await search('/ok$/', 'ok', true)).toBe('unread')
    expect(await search('/ok\\b/', 'ok', true)).toBe('unread')
  })

  test('says what JavaScript says, where both know the grammar', async () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\w',
      '\\d',
      '\\s',
      '\\b',
      '^',
      '$',
      '(?:ab|b)',
      '(a)',
    )
    const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '*?')
    const part = fc.tuple(atom, repeat).map(([of, times]) => (/^(\^|\$|\\b)$/.test(of) ? of : of + times))
    const source = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
    const alternatives = fc.array(source, { minLength: 1, maxLength: 2 }).map((each) => each.join('|'))
    const text = fc
      .array(fc.constantFrom('a', 'b', ' ', '1', 'B'), { maxLength: 8 })
      .map((all) => all.join(''))
    const flags = fc.constantFrom('', 'i', 's', 'm', 'im')
    await fc.assert(
      fc.asyncProperty(alternatives, flags, text, async (pattern, flag, given) => {
        const expected = new RegExp(pattern, flag).test(given)
        expect(await search(`/${pattern}/${flag}`, given)).toBe(expected ? 'found' : 'absent')
      }),
      { numRuns: 500 },
    )
  })
})

const refused = async (fields: Record<string, unknown>) => {
  const check = { type: 'command', command: 'true', frequency: 'daily', ...fields }
  const error = await acceptHealthCheck(check).then(
    () => undefined,
    (thrown: TrackerError) => thrown,
  )
  return error?.failures.map(({ field, message }) => `${field}: ${message}`)
}

describe('what the engine refuses is refused when the check is saved', () => {
  test.each([
    ['stdout matches /(a)\\1/', 'a back reference in a pattern at 20; it is not understood'],
    ['stdout matches /\\1(a)\\1/', 'a back reference in a pattern at 17'],
    ['stdout matches /[(?=]a(?=b)/', 'look-around in a pattern at 23; it is not understood'],
    ['stdout matches /a(?=b)/', 'look-around in a pattern at 18'],
    ['  stdout matches /(?<!b)a/i ', 'look-around in a pattern at 19'],
    ['stdout matches /(?!b)a/', 'look-around in a pattern at 17'],
    ['stdout matches /ab{2000}/', 'a repetition that runs backwards, or is over 1000, at 19'],
    ['stdout matches /(a/', 'the pattern is malformed: missing closing ) at 17; the grammar is that of RE2'],
    ['stdout matches /ab[c/', 'the pattern is malformed: missing closing ] at 19'],
    ['stdout matches /a**/', 'the pattern is malformed: invalid nested repetition operator at 18'],
    ['stdout matches /a\\/', 'the pattern is malformed: trailing backslash at end of expression at 17'],
    ['stdout matches /[z-a]/', 'the pattern is malformed: invalid character class range at 18'],
    ['stdout matches /a{1000}/', 'the pattern is too large at 17; all of a check may come to 1000 steps'],
    ['stdout matches /((a{30}){30}){30}/', 'a repetition that runs backwards, or is over 1000, at'],
    [`stdout matches /${'('.repeat(990)}a${')'.repeat(990)}/`, 'the pattern is too large at 17'],
  ])('%s', async (condition, message) => {
    expect(await refused({ expect: condition })).toEqual([
      expect.stringContaining(`healthCheck.expect: ${message}`),
    ])
  })

  test('by the name of its field, and with all else that is wrong', async () => {
    expect(
      await refused({
        expect: ['exit_code:0', 'stdout matches /(/'],
        degraded: 'stderr matches /a(?=b)/',
        frequency: 'dayly',
      }),
    ).toEqual([
      expect.stringMatching(/^healthCheck\.expect\[1\]: .* at 17/),
      expect.stringMatching(/^healthCheck\.degraded: .* at 18/),
      expect.stringMatching(/^healthCheck\.frequency: /),
    ])
  })

  test('all patterns of a check have one measure: 4000 characters, 1000 steps', async () => {
    const steps = Array.from({ length: 3 }, (_, index) => `stdout matches /${'abcdefgh'[index]}{400}/`)
    expect(await refused({ expect: steps.slice(0, 2) })).toBeUndefined()
    expect(await refused({ expect: steps })).toEqual([
      expect.stringMatching(/^healthCheck\.expect\[2\]: the pattern is too large at 17;/),
    ])
    const long = Array.from({ length: 4 }, (_, index) => `stdout matches /[${`${index}`.repeat(1200)}]/`)
    expect(await refused({ expect: long })).toEqual([
      expect.stringMatching(/^healthCheck\.expect\[3\]: the pattern is too long at 17;/),
    ])
  })

  test('whatever the text, it runs or is refused at a place inside', async () => {
    const piece = fc.constantFrom(
      ...'( ) [ ] { } | * + ? ^ $ . \\ a 1 , - : < = ! P p L Q E k x'.split(' '),
      '(?',
      '\\p{',
      '\ud800',
      '{9}',
    )
    const source = fc.oneof(
      fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/[\u0000-\u001f]/.test(text)),
    )
    await fc.assert(
      fc.asyncProperty(source, async (pattern) => {
        const condition = `stdout matches /${pattern}/`
        const failures = (await refused({ expect: condition })) ?? []
        if (failures.length === 0)
          expect(['found', 'absent']).toContain(await search(`/${pattern}/`, 'a(b)\n'))
        for (const failure of failures) {
          const place = Number(/ at (\d+)(;|$)/.exec(failure)?.[1])
          expect(place).toBeGreaterThanOrEqual(17)
          expect(place).toBeLessThanOrEqual(condition.length + 1)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a stored one that can not run is unknown, and stops nothing', async () => {
    expect(await search('/(?=a)/', 'a')).toBe('unread')
  })
})

describe('no pattern takes long', () => {
  const noise = (length: number, letters: string) => {
    let seed = 1
    const next = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      return seed >> 16
    }
    return Array.from({ length }, () => letters[next() % letters.length]).join('')
  }
  const megabyte = 1024 * 1024
  const texts = { a: 'a'.repeat(megabyte), noise: noise(megabyte, 'ab'), lines: noise(megabyte, 'ab \n') }

  const hostile = [
    '/(a|aa)+$/',
    '/(.*)*x/',
    '/(a*)*b/',
    '/a{990}/',
    '/(?:a?){200}a{200}!/',
    '/[ab]*a[ab]{60}[cd]/',
    '/[ab]*a[ab]{900}[cd]/i',
    '/\\p{L}{60}[cd]/',
    '/(\\bx?[ab]*\\b ?){100}[cd]/',
    `/${Array.from({ length: 190 }, (_, index) => `[^${index}]a${index}`).join('|')}/`,
    `/${'\\pL|'.repeat(490)}a/`,
  ]
  test.each(hostile.map((pattern) => [pattern.slice(0, 40), pattern]))('%s', async (_, pattern) => {
    for (const text of [texts.a, texts.noise, texts.lines, texts.noise.slice(0, 65_536)]) {
      const started = performance.now()
      await search(pattern, text)
      // About 0.3 s on a machine that is not busy; a backtracking engine takes years.
      expect(performance.now() - started).toBeLessThan(3000)
    }
  })

  test('a usual one is told of a whole megabyte, a large one of the start', async () => {
    expect(await search('/ready/', `${texts.a}ready`.slice(-megabyte))).toBe('found')
    expect(await search('/b{900}/', texts.a)).toBe('unread')
    expect(await search('/a{900}/', texts.a)).toBe('found')
  })
})
