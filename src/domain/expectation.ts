/** Conditions such as `status in 200..299`, read from text. Whether one holds: `expectation-evaluate.ts`. */

import { TrackerError } from '../errors.ts'
import { parseDuration } from './duration.ts'
import {
  type Expectation,
  type JsonPath,
  type Operand,
  type OperandKind,
  type Operator,
  operandKind,
  operators,
  operatorsFor,
  readBare,
  readNumber,
  type Subject,
  subjects,
} from './expectation-shape.ts'
import { nearest } from './nearest.ts'

export { type Evaluation, evaluate } from './expectation-evaluate.ts'
export {
  type Expectation,
  formatExpectation,
  type Literal,
  type Operator,
  type Subject,
  subjects,
} from './expectation-shape.ts'

const longest = 2000
const hint =
  'such as status == 200, body contains ok, body.$.state == "up", response_time < 500, exit_code == 0'

/**
 * @param text  one condition, see `docs/reference.md`; `exit_code:0` is `exit_code == 0`
 * @throws      TrackerError `invalid` with the position, counted from 1. A pattern is not looked into:
 *              see `acceptHealthCheck`
 */
export function parseExpectation(text: string): Expectation {
  if (text.length > longest) {
    throw refusal(`the condition is too long at ${longest + 1}; it has at most ${longest} characters`)
  }
  const control = text.search(/[\u0000-\u001f]/)
  if (control >= 0) throw refusal(`a control character at ${control + 1}; a condition is one line of text`)
  return new Parser(text.trimEnd()).parse()
}

class Parser {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  parse(): Expectation {
    this.take(/\s*/y)
    const subject = this.subject()
    const header = subject === 'header' ? this.headerName() : undefined
    const path = subject === 'body' && this.text[this.at] === '.' ? this.path() : undefined
    const target = { subject, ...(header && { header }), ...(path && { path }) }
    this.take(/\s*/y)
    const operator = this.operator(target)
    this.take(/\s*/y)
    return { ...target, operator, operand: this.operand(operator, operandKind(target), subject) }
  }

  /** Moves past what `pattern` (sticky) matches here. */
  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text) ?? undefined
    if (found) this.at = pattern.lastIndex
    return found
  }

  private fail(what: string, at = this.at, more = ''): never {
    throw refusal(`${what} at ${at + 1}${more}`)
  }

  private subject(): Subject {
    const start = this.at
    const word = this.take(/[\p{L}\p{N}_-]+/uy)?.[0]
    if (word === undefined) this.fail('a condition is expected')
    const found = subjects.find((subject) => subject === word)
    return found ?? this.fail(`unknown condition ${shown(word)}`, start, didYouMean(word, subjects))
  }

  private headerName(): string {
    const name = this.take(/\.([A-Za-z0-9_-]+)/y)?.[1]
    return (
      name?.toLowerCase() ?? this.fail("a header's name is expected", this.at, ', as in header.content-type')
    )
  }

  private path(): JsonPath {
    const start = this.at + 1
    if (!this.take(/\.\$/y)) this.fail('a path is expected', this.at, ', as in body.$.state')
    const steps: (string | number)[] = []
    for (let step = this.step(); step !== undefined; step = this.step()) steps.push(step)
    return { text: this.text.slice(start, this.at), steps }
  }

  private step(): string | number | undefined {
    if (!'.['.includes(this.text[this.at] ?? ' ')) return undefined
    const found = this.take(/\.([\p{L}_][\p{L}\p{N}_-]*)|\['([^'\\]*)'\]|\["([^"\\]*)"\]|\[(\d{1,9})\]/uy)
    if (!found) this.fail('unknown step of a path', this.at, "; only .name, ['name'] and [0] are understood")
    const [, name, single, double, index] = found
    return name ?? single ?? double ?? Number(index)
  }

  private operator(target: { subject: Subject; path?: JsonPath }): Operator {
    const start = this.at
    const allowed = operatorsFor(target)
    if (/^(exit_code|status)$/.test(target.subject) && this.take(/:/y)) return '=='
    const word = this.take(/[=!<>~]+|[^\s\d"'/]+/y)?.[0]
    if (word === undefined) this.fail('an operator is expected', start, `: ${allowed.join(' ')}`)
    const found = operators.find((operator) => operator === word)
    if (!found) this.fail(`unknown operator ${shown(word)}`, start, didYouMean(word, allowed))
    if (!allowed.includes(found)) {
      this.fail(`"${found}" does not go with ${target.subject}`, start, `; it takes ${allowed.join(' ')}`)
    }
    return found
  }

  private operand(operator: Operator, kind: OperandKind, subject: Subject): Operand {
    if (this.at >= this.text.length) this.fail(`a value is expected behind "${operator}"`)
    if (operator === 'in') return this.range()
    if (operator === 'matches') return this.pattern()
    if (kind === 'number') return { kind: 'literal', value: this.number(subject) }
    return { kind: 'literal', value: this.literal(kind) }
  }

  private rest(): string {
    return this.text.slice(this.at)
  }

  private number(subject: Subject): number {
    const rest = this.rest()
    if (subject === 'response_time' && /^\d{1,15}(ms|s|m)$/.test(rest)) return this.duration(rest)
    return readNumber(rest) ?? this.fail('a number is expected', this.at, `, not ${shown(rest)}`)
  }

  private duration(text: string): number {
    try {
      return parseDuration(text, { allowZero: true })
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error
      return this.fail(error.message, this.at, ', write it as 500ms or 2s')
    }
  }

  private range(): Operand {
    const [, from = '', to = ''] = /^(.+?)\s*\.\.\s*(.+)$/.exec(this.rest()) ?? []
    const range = { kind: 'range', from: readNumber(from), to: readNumber(to) } as const
    if (range.from === undefined || range.to === undefined) {
      this.fail('a range such as 200..299 is expected', this.at, `, not ${shown(this.rest())}`)
    }
    if (range.from > range.to) this.fail('the range runs backwards', this.at, `; write ${to}..${from}`)
    return { ...range, from: range.from, to: range.to }
  }

  private literal(kind: OperandKind): string | number | boolean | null {
    const rest = this.rest()
    const quoted = rest.startsWith('"') || rest.startsWith("'") ? this.unquote(rest) : undefined
    return quoted ?? (kind === 'json' ? readBare(rest) : rest)
  }

  private unquote(text: string): string {
    const whole = text.length > 1 && text.at(-1) === text[0]
    const inner = text.slice(1, -1)
    if (whole && text.startsWith("'") && !inner.includes("'")) return inner
    const value = whole && text.startsWith('"') ? fromJson(text) : undefined
    if (value === undefined)
      this.fail('wrong quotes', this.at, ': they are not closed, or hold more than one text')
    if (value.includes('\0')) this.fail('a NUL character', this.at, '; what a probe sees holds none')
    return value
  }

  private pattern(): Operand {
    const [, source = '', flags = ''] = /^\/(.+)\/([a-z]*)$/.exec(this.rest()) ?? []
    if (source === '') this.fail('a pattern such as /ready|ok/ is expected')
    if (/[^ims]/.test(flags) || new Set(flags).size < flags.length) {
      const at = this.text.length - flags.length
      this.fail(`unknown flags ${shown(flags)}`, at, '; only i, m and s are understood, each once')
    }
    return { kind: 'pattern', source, flags }
  }
}

function fromJson(text: string): string | undefined {
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

/** The words of conditions stand without quotes. */
function didYouMean(word: string, known: readonly string[]): string {
  const found = nearest(word, known)
  return found === undefined ? `; there are ${known.join(' ')}` : `; did you mean ${found}?`
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 60))

const refusal = (message: string): TrackerError => new TrackerError('invalid', message, { hint })
