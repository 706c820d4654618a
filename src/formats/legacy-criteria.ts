/** Acceptance criteria of the predecessor: a JSON array, or a text with one a line. */

import { isObject } from '../domain/health-check-readers.ts'
import { type Verdict, verdicts } from '../domain/item.ts'
import { detailOf, readJson, withoutNul } from './legacy-values.ts'

export interface CriterionRead {
  text: string
  verdict: Verdict
  evidence: string | null
  /** What of it has no place here, as JSON. */
  rest: string | null
  /** It held NUL, as JSON can: that is taken out. */
  hadNul: boolean
}

export interface CriteriaRead {
  list: CriterionRead[]
  /** False where reading the JSON changed a number, or lost a key. */
  isWhole: boolean
}

/** @returns none for null, for an empty text and for an empty array */
export function readCriteria(text: string | null): CriteriaRead {
  const { value, isWhole } = text === null ? { value: null, isWhole: true } : readJson(text)
  if (text === null || value === null) return { list: [], isWhole: true }
  const isList = Array.isArray(value)
  const read = isList
    ? value.filter((each) => each !== null).map(readElement)
    : (typeof value === 'string' ? value : text).split(/\r?\n/).map(readLine)
  return { list: read.map(clean).filter((each) => each.text !== ''), isWhole: isWhole || !isList }
}

const criterionOf = (text: string, verdict: Verdict = 'open'): CriterionRead => ({
  text,
  verdict,
  evidence: null,
  rest: null,
  hadNul: false,
})

/** A list's sign or number, and a box: `- [x] Totals add up`. */
const marks = /^\s*(?:[-*](?:\s+|$))?(?:\d{1,3}\.(?:\s+|$))?(?:\[([ xX]?)\](?:\s+|$))?/

function readLine(line: string): CriterionRead {
  const [mark = '', box = ''] = marks.exec(line) ?? []
  return criterionOf(line.slice(mark.length), box.toLowerCase() === 'x' ? 'passed' : 'open')
}

function readElement(value: unknown): CriterionRead {
  if (typeof value === 'string') return criterionOf(value)
  if (!isObject(value)) return criterionOf(JSON.stringify(value))
  const name = ['text', 'criterion', 'title'].find((key) => typeof value[key] === 'string')
  if (name === undefined) return criterionOf(JSON.stringify(value))
  // Of one without words the rest is what there is.
  const hasWords = (value[name] as string).trim() !== ''
  if (!hasWords && detailOf({ ...value, [name]: null }) === null) return criterionOf('')
  const { [name]: words, passed, done, status, evidence, ...others } = value
  const verdict = passed === true || done === true ? 'passed' : verdictOf(status)
  const rest = {
    ...others,
    ...(isFlag(passed) ? {} : { passed }),
    ...(isFlag(done) ? {} : { done }),
    ...(status === undefined || verdictOf(status) ? {} : { status }),
    ...(typeof evidence === 'string' ? {} : { evidence }),
  }
  return {
    text: hasWords ? (words as string) : JSON.stringify(value),
    verdict: verdict ?? 'open',
    evidence: typeof evidence === 'string' ? evidence : null,
    rest: hasWords ? detailOf(rest) : null,
    hadNul: false,
  }
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean'

const verdictOf = (status: unknown): Verdict | undefined =>
  status === 'done' || status === 'completed' ? 'passed' : verdicts.find((verdict) => verdict === status)

const clean = (read: CriterionRead): CriterionRead => ({
  ...read,
  text: withoutNul(read.text).trim(),
  evidence: read.evidence === null ? null : withoutNul(read.evidence),
  hadNul: `${read.text}${read.evidence}`.includes('\0'),
})
