/** What holds for every condition and every observation. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Evaluation,
  evaluate,
  formatExpectation,
  parseExpectation,
} from '../../src/domain/expectation.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { compilePatterns } from '../../src/domain/pattern.ts'

const name = fc.constantFrom('a', 'b', 'x-y', '__proto__', 'constructor', 'toString', 'length')
const step = fc.oneof(
  name.map((word) => `.${word}`),
  name.map((word) => `['${word}']`),
  fc.nat({ max: 3 }).map((index) => `[${index}]`),
)
const path = fc.array(step, { maxLength: 4 }).map((steps) => `body.$${steps.join('')}`)
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('ok', 'a', '', '12', '\ud800'),
)
const quoted = text.map((value) => JSON.stringify(value.replaceAll('\0', '')))
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 100, max: 599 }))

const ofNumbers = fc.tuple(
  fc.oneof(fc.constantFrom('exit_code', 'status', 'response_time', 'certificate_days'), path),
  fc.oneof(
    fc.tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>='), number).map((pair) => pair.join(' ')),
    fc.tuple(number, fc.nat({ max: 99 })).map(([from, more]) => `in ${from}..${from + more}`),
  ),
)
const ofTexts = fc.tuple(
  fc.oneof(fc.constantFrom('stdout', 'stderr', 'body', 'header.a', 'header.constructor'), path),
  fc.oneof(
    fc.tuple(fc.constantFrom('==', '!=', 'contains'), quoted).map((pair) => pair.join(' ')),
    fc.constantFrom('matches /a|b/', 'matches /^ok$/im', 'matches /(a+)+$/', 'matches /[/', 'matches /./s'),
  ),
)
const condition = fc.oneof(ofNumbers, ofTexts).map((pair) => pair.join(' '))

/** Numbers that conditions name too, or else hardly any would be equal. */
const near = fc.integer({ min: -3, max: 3 })
const json = fc.oneof(
  near.map((value) => JSON.stringify({ a: value, b: [value], 'x-y': { a: value } })),
  near.map(String),
  fc.json({ maxDepth: 4 }),
  fc.constantFrom('{"__proto__":{"a":1}}', '[[1,2],[3]]', '{"a":{"b":[1,"ok",null]}}', '"ok"', 'nul'),
)
const observation: fc.Arbitrary<Observation> = fc.record(
  {
    durationMs: fc.oneof(fc.nat(), fc.double(), near),
    exitCode: fc.option(fc.oneof(fc.integer(), near)),
    signal: fc.string(),
    stdout: text,
    stderr: text,
    status: fc.oneof(fc.integer(), near),
    headers: fc.dictionary(name, text),
    body: fc.oneof(text, json),
    truncated: fc.boolean(),
    timedOut: fc.boolean(),
  },
  { requiredKeys: ['durationMs'] },
)

async function told(written: string, seen: Observation): Promise<Evaluation> {
  const expectation = parseExpectation(written)
  return evaluate(expectation, seen, await compilePatterns([expectation]))
}

test('a condition is told of whatever was seen, in one short harmless line', async () => {
  await fc.assert(
    fc.asyncProperty(condition, observation, async (written, seen) => {
      const { ok, expected, got } = await told(written, seen)
      expect([true, false, 'unknown']).toContain(ok)
      expect(expected).toBe(formatExpectation(parseExpectation(written)))
      expect(got.length).toBeLessThanOrEqual(200)
      expect(got).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    }),
    { numRuns: 500 },
  )
})

test('a condition says the same as its canonical form', async () => {
  await fc.assert(
    fc.asyncProperty(condition, observation, async (written, seen) => {
      expect(await told(formatExpectation(parseExpectation(written)), seen)).toEqual(
        await told(written, seen),
      )
    }),
  )
})

const subject = fc.oneof(
  fc.constantFrom('exit_code', 'status', 'response_time', 'body', 'stdout', 'header.a'),
  path,
)

const absent = /^(nothing at|no header|no JSON|killed by)/

test('what is there is equal or different, and what is absent neither', async () => {
  await fc.assert(
    fc.asyncProperty(subject, number, observation, async (what, value, seen) => {
      const [same, different] = [
        await told(`${what} == ${value}`, seen),
        await told(`${what} != ${value}`, seen),
      ]
      expect(same.got).toBe(different.got)
      if (same.ok === 'unknown' || different.ok === 'unknown') expect(same.ok).toBe(different.ok)
      else if (absent.test(same.got)) expect([same.ok, different.ok]).toEqual([false, false])
      else expect(same.ok).toBe(!different.ok)
    }),
    { numRuns: 500 },
  )
})

test('what is ordered is less, equal or greater; "in" holds both of its ends', async () => {
  const ordered = fc.oneof(fc.constantFrom('exit_code', 'status', 'response_time'), path)
  await fc.assert(
    fc.asyncProperty(ordered, number, observation, async (what, value, seen) => {
      const is = async (operator: string) => (await told(`${what} ${operator}`, seen)).ok
      const [less, equal, greater] = [await is(`< ${value}`), await is(`== ${value}`), await is(`> ${value}`)]
      const both = (a: Evaluation['ok'], b: Evaluation['ok']) => (a === 'unknown' ? a : a || b)
      expect([less, equal, greater].filter((ok) => ok === true).length).toBeLessThanOrEqual(1)
      expect(await is(`<= ${value}`)).toBe(both(less, equal))
      expect(await is(`>= ${value}`)).toBe(both(greater, equal))
      expect(await is(`in ${value}..${value}`)).toBe(equal)
      expect((await is(`in ${value}..1e9`)) === true).toBe(
        (await is(`>= ${value}`)) === true && (await is('<= 1e9')) === true,
      )
    }),
    { numRuns: 300 },
  )
})

test('a text that was cut never claims what the whole text denies', async () => {
  const operators = fc.constantFrom(
    'contains ok',
    'contains a',
    'matches /a/',
    'matches /ok$/',
    'matches /^o/',
    'matches /k\\b/',
    'matches /a.*k/s',
    '== ok',
    '!= ok',
  )
  const piece = fc.constantFrom('o', 'k', 'ok', 'a', ' ', '\n')
  const words = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(operators, words, words, async (operator, start, rest) => {
      const cut = await told(`stdout ${operator}`, { durationMs: 1, stdout: start, truncated: true })
      const whole = await told(`stdout ${operator}`, { durationMs: 1, stdout: start + rest })
      if (cut.ok !== 'unknown') expect(cut.ok).toBe(whole.ok)
    }),
    { numRuns: 500 },
  )
})
