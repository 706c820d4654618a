/** What a condition is, how it is written, and which operators go with which subject. */

export const operators = ['==', '!=', '<=', '>=', '<', '>', 'in', 'contains', 'matches'] as const
export type Operator = (typeof operators)[number]

const ofNumbers: readonly Operator[] = ['==', '!=', '<', '<=', '>', '>=', 'in']
const ofTexts: readonly Operator[] = ['contains', 'matches', '==', '!=']

const operatorsOf = {
  exit_code: ofNumbers,
  status: ofNumbers,
  response_time: ofNumbers,
  stdout: ofTexts,
  stderr: ofTexts,
  body: ofTexts,
  header: ofTexts,
  certificate_days: ofNumbers,
  records: ['contains'],
} as const satisfies Record<string, readonly Operator[]>

export type Subject = keyof typeof operatorsOf
export const subjects = Object.keys(operatorsOf) as Subject[]

export type Literal = string | number | boolean | null

/** `text` starts at `$`; `steps` are names and indexes. */
export interface JsonPath {
  text: string
  steps: (string | number)[]
}

export type Operand =
  | { kind: 'literal'; value: Literal }
  | { kind: 'range'; from: number; to: number }
  | { kind: 'pattern'; source: string; flags: string }

export interface Expectation {
  subject: Subject
  /** header: its name in lower case. */
  header?: string
  /** body: where in its JSON. */
  path?: JsonPath
  operator: Operator
  operand: Operand
}

type Target = Pick<Expectation, 'subject' | 'path'>

/** What an operand is compared as: a place in JSON holds numbers, texts, booleans and null. */
export type OperandKind = 'number' | 'text' | 'json'

export function operandKind({ subject, path }: Target): OperandKind {
  if (path !== undefined) return 'json'
  return operatorsOf[subject] === ofNumbers ? 'number' : 'text'
}

export const operatorsFor = ({ subject, path }: Target): readonly Operator[] =>
  path === undefined ? operatorsOf[subject] : operators

/** The one way to write a condition: parsing it gives the same condition again. */
export function formatExpectation(expectation: Expectation): string {
  const { header, path, operator, operand } = expectation
  const subject =
    expectation.subject + (header === undefined ? '' : `.${header}`) + (path ? `.${path.text}` : '')
  return `${subject} ${operator} ${formatOperand(operand, operandKind(expectation))}`
}

function formatOperand(operand: Operand, kind: OperandKind): string {
  if (operand.kind === 'range') return `${operand.from}..${operand.to}`
  if (operand.kind === 'pattern') return `/${operand.source}/${operand.flags}`
  const { value } = operand
  if (typeof value !== 'string') return String(value)
  return isBare(value, kind) ? value : JSON.stringify(value)
}

/** Whether a text reads as itself without quotes. */
function isBare(text: string, kind: OperandKind): boolean {
  if (text === '' || text !== text.trim() || /^["']|[\u0000-\u001f]/.test(text)) return false
  return kind !== 'json' || readBare(text) === text
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const words: Record<string, Literal> = { true: true, false: false, null: null }

/** A JSON number in JSON's own spelling; undefined for anything else, infinity too. */
export function readNumber(text: string): number | undefined {
  const value = number.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value + 0 : undefined
}

/** What an unquoted word means in JSON: a number, true, false, null, else the text itself. */
export const readBare = (text: string): Literal =>
  Object.hasOwn(words, text) ? (words[text] ?? null) : (readNumber(text) ?? text)
