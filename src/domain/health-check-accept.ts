/**
 * A health check that is to be stored: besides what `parseHealthCheck` holds it to, its patterns must run, and its
 * maintenance must end. One that was stored before can be read all the same.
 */

import type { Failure } from '../errors.ts'
import { type Expectation, parseExpectation } from './expectation.ts'
import type { ParsedHealthCheck } from './health-check.ts'
import { fields } from './health-check-fields.ts'
import { parseHealthCheck } from './health-check-parse.ts'
import { isObject } from './health-check-readers.ts'
import { endlessness } from './maintenance.ts'
import { compilePatterns, type Pattern, type Refusal } from './pattern.ts'

/**
 * As `parseHealthCheck`, and every pattern is given to the engine that will run it.
 * @throws TrackerError `invalid` with a failure for everything that is wrong, patterns and maintenance too
 */
export const acceptHealthCheck = async (raw: unknown): Promise<ParsedHealthCheck> =>
  parseHealthCheck(raw, [...(await patternFailures(raw)), ...maintenanceFailures(raw)])

/** Of the windows that can be read; what is wrong with the others is said by `parseHealthCheck`. */
function maintenanceFailures(raw: unknown): Failure[] {
  if (!isObject(raw) || !Object.hasOwn(raw, 'maintenance') || !Array.isArray(raw.maintenance)) return []
  return raw.maintenance.slice(0, mostWindows).flatMap((entry, index) => {
    const [window] = fields.maintenance.read([entry], () => {}) ?? []
    const why = window?.kind === 'cron' ? endlessness(window) : undefined
    return why === undefined ? [] : [{ field: `healthCheck.maintenance[${index}]`, message: why }]
  })
}

/** A longer list is refused as a whole. */
const mostWindows = 100

interface Written {
  field: string
  text: string
  expectation: Expectation
}

async function patternFailures(raw: unknown): Promise<Failure[]> {
  const written = isObject(raw) ? [...conditionsOf(raw, 'expect'), ...conditionsOf(raw, 'degraded')] : []
  const patterns = await compilePatterns(written.map(({ expectation }) => expectation))
  return written.flatMap(({ field, text, expectation: { operand } }) => {
    if (operand.kind !== 'pattern') return []
    const refusal = patterns?.refusalOf(operand)
    return refusal ? [{ field, message: sentenceOf(refusal, text, operand) }] : []
  })
}

/** Those that can be read; what is wrong with the others is said by `parseHealthCheck`. */
function conditionsOf(raw: Record<string, unknown>, name: 'expect' | 'degraded'): Written[] {
  const value = Object.hasOwn(raw, name) ? raw[name] : undefined
  const texts: unknown[] = Array.isArray(value) ? value.slice(0, mostConditions) : [value]
  return texts.flatMap((text, index) => {
    const field = `healthCheck.${name}${Array.isArray(value) ? `[${index}]` : ''}`
    const expectation = typeof text === 'string' ? readable(text) : undefined
    return expectation && typeof text === 'string' ? [{ field, text, expectation }] : []
  })
}

/** A longer list is refused as a whole. */
const mostConditions = 50

function readable(text: string): Expectation | undefined {
  try {
    return parseExpectation(text)
  } catch {
    return undefined
  }
}

/** The pattern is what a condition ends with: `/source/flags`. */
function sentenceOf({ what, at, way }: Refusal, text: string, { source, flags }: Pattern): string {
  const start = text.trimEnd().length - flags.length - 1 - source.length
  return `${what} at ${start + at + 1}${way}`
}
