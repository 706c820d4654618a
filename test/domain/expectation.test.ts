import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, formatExpectation, parseExpectation, subjects } from '../../src/domain/expectation.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { TrackerError } from '../../src/errors.ts'

const normal = (text: string) => formatExpectation(parseExpectation(text))
const ok = (text: string, seen: Partial<Observation>) =>
  evaluate(parseExpectation(text), { durationMs: 1, ...seen }).ok
const got = (text: string, seen: Partial<Observation>) =>
  evaluate(parseExpectation(text), { durationMs: 1, ...seen }).got

describe('a condition is read', () => {
  test.each([
    ['exit_code:0', 'exit_code == 0'],
    ['exit_code: 0', 'exit_code == 0'],
    ['  status==200 ', 'status == 200'],
    ['status in 200..299', 'status in 200..299'],
    ['status in 200 .. 299', 'status in 200..299'],
    ['body contains ok', 'body contains ok'],
    ['body contains "a b "', 'body contains "a b "'],
    ["body contains '12'", 'body contains 12'],
    ['body.$.x == 1', 'body.$.x == 1'],
    ['body.$.x == "1"', 'body.$.x == "1"'],
    ["body.$.x == 'up'", 'body.$.x == up'],
    ['body.$ == null', 'body.$ == null'],
    [`body.$.a['b c'][0].d >= -1.5`, `body.$.a['b c'][0].d >= -1.5`],
    ['response_time < 500', 'response_time < 500'],
    ['response_time <= 2s', 'response_time <= 2000'],
    ['stdout contains x', 'stdout contains x'],
    ['stderr contains \'say "hi"\'', 'stderr contains say "hi"'],
    ['stdout matches /^a|b$/im', 'stdout matches /^a|b$/im'],
    ['body matches /a/b/', 'body matches /a/b/'],
    ['header.Content-Type contains json', 'header.content-type contains json'],
    ['header.x-a == 1', 'header.x-a == 1'],
    ['certificate_days > 14', 'certificate_days > 14'],
    ['records contains 1.2.3.4', 'records contains 1.2.3.4'],
  ])('%j as %j', (text, canonical) => {
    expect(normal(text)).toBe(canonical)
  })

  test('the steps of a path are names and indexes', () => {
    const { path } = parseExpectation(`body.$.a-b['c d']["e"][12] == 1`)
    expect(path?.steps).toEqual(['a-b', 'c d', 'e', 12])
  })

  test.each([
    ['statsu == 200', 'unknown condition "statsu" at 1; did you mean status?'],
    ['  statsu == 200', 'unknown condition "statsu" at 3; did you mean status?'],
    ['', 'a condition is expected at 1'],
    ['status', 'an operator is expected at 7'],
    ['status = 200', 'unknown operator "=" at 8; did you mean ==?'],
    ['body contain ok', 'unknown operator "contain" at 6; did you mean contains?'],
    ['status contains 2', '"contains" does not go with status at 8; it takes == != < <= > >= in'],
    ['records == 1', '"==" does not go with records at 9; it takes contains'],
    ['status ==', 'a value is expected behind "==" at 10'],
    ['status == ok', 'a number is expected at 11, not "ok"'],
    ['status == 1e999', 'a number is expected at 11'],
    ['status in 200', 'a range such as 200..299 is expected at 11'],
    ['status in 3..2', 'the range runs backwards at 11; write 2..3'],
    ['header == 1', "a header's name is expected at 7, as in header.content-type"],
    ['body.x == 1', 'a path is expected at 5, as in body.$.state'],
    ['body.$..x == 1', "unknown step of a path at 7; only .name, ['name'] and [0] are understood"],
    ['body.$[*] == 1', 'unknown step of a path at 7'],
    ['body contains "a', 'wrong quotes at 15: they are not closed'],
    ['body contains "\\u0000"', 'a NUL character at 15'],
    ['body contains a\nb', 'a control character at 16'],
    ['stdout matches ready', 'a pattern such as /ready|ok/ is expected at 16'],
    ['stdout matches /a/g', 'unknown flags "g" at 19; only i, m and s'],
    ['stdout matches /a/ii ', 'unknown flags "ii" at 19'],
    ['response_time < 999999999d', 'a number is expected at 17'],
    ['response_time < 999999999m', '"999999999m" is longer than 366d at 17, write it as 500ms or 2s'],
    ['certificate > 3', 'unknown condition "certificate" at 1; did you mean certificate_days?'],
    ['weather == 1', `unknown condition "weather" at 1; there are ${subjects.join(' ')}`],
    [`body contains ${'x'.repeat(2000)}`, 'the condition is too long at 2001'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parseExpectation(text)).toThrow(message)
  })

  test('whatever it is, it is read or refused, and its canonical form reads as itself', () => {
    const piece = fc.constantFrom(
      ...'exit_code status response_time stdout body .$ .a [0] header.x records == != < in contains matches'.split(
        ' ',
      ),
      ...[' ', '1', '-0', '2..3', '"', "'", '/', 'null', '\\', 'é', '007', '1e3', ':'],
    )
    const text = fc.oneof(
      fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(' ')),
      fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
      fc
        .tuple(fc.constantFrom('body contains ', 'body.$.x == ', 'header.a != '), fc.string())
        .map((pair) => pair.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, (condition) => {
        let canonical: string
        try {
          canonical = normal(condition)
        } catch (error) {
          expect(error).toBeInstanceOf(TrackerError)
          expect(error).toMatchObject({ kind: 'invalid', hint: expect.stringContaining('such as') })
          const place = / at (\d+)(?=$|[;:,])/.exec((error as TrackerError).message)?.[1]
          expect(Number(place)).toBeGreaterThanOrEqual(1)
          expect(Number(place)).toBeLessThanOrEqual(condition.length + 1)
          return
        }
        expect(normal(canonical)).toBe(canonical)
        expect(parseExpectation(canonical)).toEqual(parseExpectation(condition))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a condition is judged', () => {
  test.each<[string, Partial<Observation>, boolean | 'unknown']>([
    ['exit_code:0', { exitCode: 0 }, true],
    ['exit_code:0', { exitCode: 3 }, false],
    ['exit_code != 1', { exitCode: null, signal: 'SIGKILL' }, false],
    ['exit_code:0', {}, 'unknown'],
    ['status in 200..299', { status: 299 }, true],
    ['status in 200..299', { status: 300 }, false],
    ['response_time < 500', { durationMs: 499.9 }, true],
    ['response_time < 500', { durationMs: 500 }, false],
    ['body contains ok', { body: 'all ok here' }, true],
    ['body contains ok', { body: 'OK' }, false],
    ['body contains ok', {}, 'unknown'],
    ['stdout == done', { stdout: 'done\n' }, true],
    ['stdout != done', { stdout: 'done\n' }, false],
    ['stderr contains warn', { stderr: '' }, false],
    ['header.content-type contains json', { headers: { 'content-type': 'application/json' } }, true],
    ['header.x == 1', { headers: {} }, false],
    ['header.x != 1', { headers: {} }, false],
    ['header.constructor != 1', { headers: {} }, false],
    ['certificate_days > 14', {}, 'unknown'],
    ['certificate_days > 14', { certificateDays: 14.01 }, true],
    ['certificate_days > 14', { certificateDays: 14 }, false],
    ['certificate_days < 0', { certificateDays: -0.5 }, true],
    ['records contains 1.2.3.4', {}, 'unknown'],
    ['records contains 1.2.3.4', { records: ['1.2.3.4', '5.6.7.8'] }, true],
    ['records contains 1.2.3', { records: ['1.2.3.4'] }, false],
    ['records contains 1.2.3.4', { records: ['11.2.3.4', '1.2.3.40'] }, false],
    ['records contains 10 MX.Example.com.', { records: ['10 mx.example.com'] }, true],
    ['records contains v=spf1 -ALL', { records: ['v=spf1 -ALL'] }, true],
    ['body.$.x == 1', { body: '{"x":1}' }, true],
    ['body.$.x == "1"', { body: '{"x":1}' }, false],
    ['body.$.x == "1"', { body: '{"x":"1"}' }, true],
    ['body.$.x == up', { body: '{"x":"up"}' }, true],
    ['body.$.x == true', { body: '{"x":true}' }, true],
    ['body.$.x == null', { body: '{"x":null}' }, true],
    ['body.$.x == null', { body: '{}' }, false],
    ['body.$.x != 1', { body: '{}' }, false],
    ['body.$.x > 1', { body: '{"x":"2"}' }, false],
    ['body.$.constructor != 1', { body: '{}' }, false],
    [`body.$['a b'][1].c in 1..3`, { body: '{"a b":[0,{"c":2}]}' }, true],
    ['body.$.tags contains b', { body: '{"tags":["a","b"]}' }, true],
    ['body.$.x == 1', { body: '<html>' }, false],
    ['body.$.x == 1', { body: '{"x":1', truncated: true }, 'unknown'],
    ['body contains ok', { body: 'ok, and', truncated: true }, true],
    ['body contains end', { body: 'ok, and', truncated: true }, 'unknown'],
    ['exit_code:0', { exitCode: 0, stdout: 'x', truncated: true }, true],
    ['status in 200..299', { status: 200 }, true],
    ['status in 200..299', { status: 199 }, false],
    ['body.$.a.b.c.d.e.f.g == 1', { body: '{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}' }, true],
    ['body.$.a.b.c == 1', { body: '{"a":{"b":1}}' }, false],
    ['body.$.__proto__ != 1', { body: '{}' }, false],
    ['body.$.__proto__ == 1', { body: '{"__proto__":1}' }, true],
    ['body.$.a.constructor.name == Object', { body: '{"a":{}}' }, false],
    ["body.$['toString'] != x", { body: '{"a":{}}' }, false],
    ['body.$.length == 2', { body: '[1,2]' }, false],
    ['body.$[2] != 1', { body: '[1,2]' }, false],
    ['body.$.x != 1', { body: '{"x":null}' }, true],
    ['stdout != x', { stdout: '' }, true],
    ['header.__proto__ != 1', { headers: {} }, false],
    ['body != end', { body: 'ok, and', truncated: true }, 'unknown'],
    ['body == ok', { body: 'ok', truncated: true }, 'unknown'],
    ['body.$.x == 1', { body: '{"x":1}', truncated: true }, 'unknown'],
    ['status == 200', { status: 200, body: 'ok', truncated: true }, true],
    ['stdout matches /a/', { stdout: 'a' }, 'unknown'],
  ])('%s of %j is %s', (text, seen, holds) => {
    expect(ok(text, seen)).toBe(holds)
  })

  test('what was got is short and harmless', () => {
    expect(got('exit_code:0', { exitCode: null, signal: 'SIGKILL' })).toBe('killed by SIGKILL')
    expect(got('stdout contains x', { stdout: '\u001b[31mno\u0007\nline' })).toBe('no line')
    expect(got('body contains y', { body: 'x'.repeat(5000) })).toHaveLength(200)
    expect(got('body contains y', { body: ' ' })).toBe('(empty)')
    expect(got('body.$.x == 1', { body: '{"x":{"a":[1]}}' })).toBe('{"a":[1]}')
    expect(got('body.$.x == 1', { body: '{}' })).toBe('nothing at $.x')
  })

  test('JSON that is nested too deeply to be shown is judged all the same', () => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(ok('body.$[0] == 1', { body })).toBe(false)
    expect(ok('body.$[0][0] != 1', { body })).toBe(true)
  })

  test('what is left of a certificate is told rounded down', () => {
    const got = (certificateDays: number) =>
      evaluate(parseExpectation('certificate_days > 14'), { durationMs: 1, certificateDays }).got
    expect([14, 13.99, 0.04, -0.04, -3].map(got)).toEqual(['14', '13.9', '0', '-0.1', '-3'])
  })

  test('records contains: each of them is found, and nothing else', () => {
    const record = fc.stringMatching(/^[a-z0-9][a-z0-9 .=-]{0,20}[a-z0-9]$/)
    fc.assert(
      fc.property(fc.uniqueArray(record, { minLength: 2 }), ([other, ...records]) => {
        const holds = (text: string) => {
          const expectation = parseExpectation(`records contains ${JSON.stringify(text)}`)
          return evaluate(expectation, { durationMs: 1, records }).ok
        }
        expect(records.every(holds)).toBe(true)
        expect(holds(other!)).toBe(false)
      }),
    )
  })

  test('comparisons agree with numbers', () => {
    const number = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(number, number, (left, right) => {
        const body = JSON.stringify({ x: left })
        const holds = (operator: string) => ok(`body.$.x ${operator} ${right}`, { body })
        expect(holds('==')).toBe(left === right)
        expect(holds('!=')).toBe(left !== right)
        expect(holds('<')).toBe(left < right)
        expect(holds('<=')).toBe(left <= right)
        expect(holds('>')).toBe(left > right)
        expect(holds('>=')).toBe(left >= right)
        expect(ok(`body.$.x in ${Math.min(right, 0)}..${Math.max(right, 0)}`, { body })).toBe(
          Math.min(right, 0) <= left && left <= Math.max(right, 0),
        )
      }),
    )
  })
})
