/** Whether a condition holds for what a probe saw. Pure. */

import { type Expectation, formatExpectation, type Literal, type Operator } from './expectation-shape.ts'
import { gist } from './gist.ts'
import type { Observation } from './observation.ts'
import type { Pattern, Patterns } from './pattern.ts'

export interface Evaluation {
  /** `unknown`: the probe saw too little to say. */
  ok: boolean | 'unknown'
  /** The condition, as `formatExpectation` writes it. */
  expected: string
  /** One harmless line, at most 200 characters. */
  got: string
}

/** `value` is what was seen; without it `ok` is the answer. */
type Seen = { value: unknown; got: string } | { ok: false | 'unknown'; got: string }

const longest = 200

/**
 * What is absent (a header, a place in the JSON) fulfils no condition, `!=` neither. A text that was cut
 * can only prove that it contains something. Throws nothing, whatever was seen.
 * @param patterns  those of the plan, made ready; without them `matches` is unknown
 */
export function evaluate(
  expectation: Expectation,
  observation: Observation,
  patterns?: Patterns,
): Evaluation {
  const expected = formatExpectation(expectation)
  const answer = (ok: boolean | 'unknown', got: string): Evaluation => ({
    ok,
    expected,
    got: gist(got, longest),
  })
  const seen = look(expectation, observation)
  if ('ok' in seen) return answer(seen.ok, seen.got)
  const cut = observation.truncated === true && /^(stdout|stderr|body)$/.test(expectation.subject)
  if (expectation.operand.kind === 'pattern') {
    const { ok, note } = matched(expectation.operand, seen.value, cut, patterns)
    return answer(ok, note + seen.got)
  }
  const ok = holds(expectation, seen.value)
  if (cut && !(ok && expectation.operator === 'contains'))
    return answer('unknown', `only the start: ${seen.got}`)
  return answer(ok, seen.got)
}

function look({ subject, header, path }: Expectation, observation: Observation): Seen {
  switch (subject) {
    case 'exit_code':
      return exitCode(observation)
    case 'status':
      return number(observation.status)
    case 'response_time':
      return { value: observation.durationMs, got: `${Math.round(observation.durationMs)}ms` }
    case 'header':
      return headerOf(header!, observation.headers)
    case 'body':
      return path ? placeInJson(path.text, path.steps, observation) : text(observation.body)
    case 'stdout':
    case 'stderr':
      return text(observation[subject])
    case 'certificate_days':
      return days(observation.certificateDays)
    case 'records':
      return recordsOf(observation.records)
  }
}

const nothing: Seen = { ok: 'unknown', got: 'the probe did not see it' }

const number = (value: number | undefined): Seen =>
  value === undefined ? nothing : { value, got: String(value) }

/** Rounded down, so that what is told never looks like more than there is. */
const days = (value: number | undefined): Seen =>
  value === undefined ? nothing : { value, got: String(Math.floor(value * 10) / 10) }

const recordsOf = (records: string[] | undefined): Seen =>
  records === undefined ? nothing : { value: records, got: records.join(', ').slice(0, 2000) || '(none)' }

const text = (value: string | undefined): Seen =>
  value === undefined ? nothing : { value, got: value.trim() === '' ? '(empty)' : value.slice(0, 2000) }

function exitCode({ exitCode, signal }: Observation): Seen {
  if (exitCode === null) return { ok: false, got: `killed by ${signal ?? 'a signal'}` }
  return number(exitCode)
}

function headerOf(name: string, headers: Record<string, string> | undefined): Seen {
  if (headers === undefined) return nothing
  return Object.hasOwn(headers, name) ? text(headers[name]) : { ok: false, got: `no header ${name}` }
}

function placeInJson(path: string, steps: (string | number)[], { body, truncated }: Observation): Seen {
  if (body === undefined) return nothing
  let value = fromJson(body)
  if (value === undefined) {
    return truncated
      ? { ok: 'unknown', got: `only the start: ${body.slice(0, 2000)}` }
      : { ok: false, got: noJson(body) }
  }
  for (const step of steps) {
    value = childOf(value, step)
    if (value === undefined) return { ok: false, got: `nothing at ${path}` }
  }
  return { value, got: shortJson(value) }
}

/** JSON can be read deeper than it can be written. */
function shortJson(value: unknown): string {
  try {
    return JSON.stringify(value).slice(0, 2000)
  } catch {
    return 'JSON nested too deeply to show'
  }
}

const noJson = (body: string): string => `no JSON: ${body.trim() === '' ? '(empty)' : body.slice(0, 2000)}`

function fromJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function childOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined
  return (value as Record<string | number, unknown>)[step]
}

function holds({ subject, operator, operand }: Expectation, value: unknown): boolean {
  if (operand.kind === 'pattern') return false
  if (operand.kind === 'range')
    return typeof value === 'number' && operand.from <= value && value <= operand.to
  if (operator === 'contains') {
    return (
      contains(value, operand.value) || (subject === 'records' && contains(value, asRecord(operand.value)))
    )
  }
  if (operator === '==') return equal(value, operand.value)
  if (operator === '!=') return !equal(value, operand.value)
  return (
    typeof value === 'number' && typeof operand.value === 'number' && inOrder(operator, value, operand.value)
  )
}

function matched(
  pattern: Pattern,
  value: unknown,
  cut: boolean,
  patterns: Patterns | undefined,
): { ok: boolean | 'unknown'; note: string } {
  const refusal = patterns?.refusalOf(pattern)
  if (patterns === undefined || refusal) {
    return { ok: 'unknown', note: `not looked at, ${refusal ? refusal.what : 'patterns are not ready'}: ` }
  }
  if (typeof value !== 'string') return { ok: false, note: '' }
  const found = patterns.search(pattern, value, cut)
  return found === 'unread'
    ? { ok: 'unknown', note: 'only the start: ' }
    : { ok: found === 'found', note: '' }
}

/** A line break that a program prints last is not part of what it says. */
function equal(value: unknown, literal: Literal): boolean {
  return value === literal || (typeof value === 'string' && value.trimEnd() === literal)
}

function contains(value: unknown, literal: Literal): boolean {
  if (Array.isArray(value)) return value.includes(literal)
  return typeof value === 'string' && value.includes(String(literal))
}

/** DNS knows no case, and a name ends with a dot or without: the probe has lower case, and no dot. */
const asRecord = (literal: Literal): string => String(literal).toLowerCase().replace(/\.$/, '')

function inOrder(operator: Operator, left: number, right: number): boolean {
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}
