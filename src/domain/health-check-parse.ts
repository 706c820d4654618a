/** From the JSON of a health check to its plan: every field read, every fault collected, every default resolved. */

import { type Failure, TrackerError } from '../errors.ts'
import { type Expectation, parseExpectation, type Subject } from './expectation.ts'
import type { CheckPlan, CheckType, HealthCheck, ParsedHealthCheck } from './health-check.ts'
import {
  checkTypes,
  type FieldName,
  fieldNames,
  fields,
  type Given,
  required,
  wordsOf,
} from './health-check-fields.ts'
import { isObject, type Report } from './health-check-readers.ts'
import { intervalMsOf, resolveSchedule, resolveTiming } from './health-check-timing.ts'
import { didYouMean } from './nearest.ts'

const maxBytes = 65_536
const hour = 3_600_000
const example = '{"type":"command","command":"node check.js","frequency":"daily"}'

const subjectsOf: Record<CheckType, readonly Subject[]> = {
  command: ['exit_code', 'stdout', 'stderr', 'response_time'],
  http: ['status', 'header', 'body', 'response_time'],
  tcp: ['response_time'],
  dns: ['records', 'response_time'],
  tls: ['certificate_days', 'response_time'],
  heartbeat: [],
}

/** Holds unless a condition names the same subject. tcp, dns: an answer is enough. */
const defaultExpectation: Partial<Record<CheckType, string>> = {
  command: 'exit_code == 0',
  http: 'status in 200..299',
  tls: 'certificate_days > 14',
}

/** Reports a fault of one field. */
type Fail = (field: string, message: string) => void

/**
 * @param raw  the JSON value of a health check, see `docs/reference.md`
 * @param found  what else was found wrong with it
 * @returns    `check` as it was written (a copy), `plan` with the effective values
 * @throws     TrackerError `invalid` with a failure for everything that is wrong, not for the first fault alone
 */
export function parseHealthCheck(raw: unknown, found: readonly Failure[] = []): ParsedHealthCheck {
  const failures: Failure[] = [...found]
  const fail: Fail = (field, message) =>
    failures.push({ field: `healthCheck${field && '.'}${field}`, message })
  const written = copyOf(raw, fail)
  const given = written && readFields(written, fail)
  const plan = given && makePlan(given, written, fail)
  if (failures.length > 0 || !plan) {
    const hint = `correct the fields named; the smallest form is ${example}`
    throw new TrackerError('invalid', 'the health check is not valid', { failures, hint })
  }
  return { check: written as unknown as HealthCheck, plan }
}

function copyOf(raw: unknown, fail: Fail): Record<string, unknown> | undefined {
  let json: string | undefined
  try {
    json = JSON.stringify(raw)
  } catch {
    fail('', 'must be JSON')
    return undefined
  }
  if (json !== undefined && new TextEncoder().encode(json).length > maxBytes)
    fail('', 'must have at most 64 KB')
  else {
    const copy: unknown = json === undefined ? undefined : JSON.parse(json)
    if (isObject(copy)) return copy
    fail('', `must be a JSON object such as ${example}`)
  }
  return undefined
}

function readFields(written: Record<string, unknown>, fail: Fail): Given {
  const given: Record<string, unknown> = {}
  const typed = Object.hasOwn(written, 'type')
  if (!typed) fail('type', `is required: one of ${checkTypes.join(', ')}`)
  const type = typed ? fields.type.read(written.type, reporter('type', fail)) : undefined
  for (const name of Object.keys(written)) {
    if (!isField(name))
      fail(
        name.slice(0, 60),
        `unknown field${didYouMean(name, fieldNames) || `; there are ${fieldNames.join(', ')}`}`,
      )
    else if (type !== undefined && !fields[name].types.includes(type)) fail(name, foreign(name, type))
    else if (name !== 'type') given[name] = fields[name].read(written[name], reporter(name, fail))
  }
  for (const name of type === undefined ? [] : required[type]) {
    if (!Object.hasOwn(written, name)) fail(name, `is required for ${article(type!)} check`)
  }
  return { ...given, ...(type && { type }) }
}

const isField = (name: string): name is FieldName => Object.hasOwn(fields, name)

const reporter =
  (name: string, fail: Fail): Report =>
  (why, at = '') =>
    fail(name + at, why)

const article = (type: CheckType): string => `${type === 'http' ? 'an' : 'a'} ${type}`

const foreign = (name: FieldName, type: CheckType): string =>
  `belongs to ${fields[name].types.join(', ')} checks, and this is ${article(type)} check`

/** undefined when too little is right to say more; what is wrong was reported. */
function makePlan(given: Given, written: Record<string, unknown>, fail: Fail): CheckPlan | undefined {
  const { type } = given
  const schedule = resolveSchedule(given)
  if (type === undefined) return undefined
  const expect = expectationsOf(type, given, fail)
  const command = commandOf(given, fail)
  if ((given.method ?? 'GET').match(/^(GET|HEAD)$/) && given.body !== undefined) {
    fail('body', `does not go with ${given.method ?? 'GET'}: set "method", such as POST`)
  }
  if (schedule === undefined) return undefined
  const misfit = Object.hasOwn(written, 'timeout') ? 'timeout' : 'retries'
  const timing = resolveTiming(given, intervalMsOf(schedule), reporter(misfit, fail))
  return { ...settings(given), ...timing, ...command, type, expect, schedule }
}

function settings(given: Given) {
  const { url, body, host, port, record, resolver, incident } = given
  return {
    ...defined({ url, body, host, port, record, resolver }),
    cwd: given.cwd ?? '.',
    env: given.env ?? {},
    method: given.method ?? 'GET',
    headers: given.headers ?? {},
    followRedirects: given.followRedirects ?? 5,
    degraded: given.degraded ?? [],
    exitCodes: given.exitCodes ?? ('binary' as const),
    timezone: given.timezone ?? 'UTC',
    // Who writes an hour means it.
    jitter: given.jitter ?? (given.frequency?.kind === 'cron' ? 0 : 0.1),
    startPeriodMs: given.startPeriod ?? 0,
    missedRun: given.missedRun ?? ('run_once' as const),
    maxLatenessMs: given.maxLateness ?? null,
    dependsOn: given.dependsOn ?? [],
    maintenance: given.maintenance ?? [],
    incident: { ...incidentDefaults, ...incident },
    slo: given.slo ?? null,
    runner: given.runner ?? 'local',
    enabled: given.enabled ?? true,
  }
}

const incidentDefaults = {
  open: true,
  autoResolve: true,
  severity: 'major' as const,
  reopenWindowMs: hour,
  reminderIntervalMs: 24 * hour,
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function commandOf(given: Given, fail: Fail): Pick<CheckPlan, 'argv' | 'shellCommand' | 'shell'> {
  const { command, shell = false } = given
  if (command === undefined) return { shell }
  if (!('line' in command)) {
    if (shell) fail('shell', 'needs a command that is text, not a list')
    return { argv: command.argv, shell }
  }
  if (shell && command.line.includes('${secret:'))
    fail('command', 'takes no secret where a shell reads it: put it into "env", and write "$NAME"')
  if (shell) return { shellCommand: command.line, shell }
  const argv = wordsOf(command.line, reporter('command', fail))
  return { ...(argv && { argv }), shell }
}

function expectationsOf(type: CheckType, given: Given, fail: Fail): Expectation[] {
  const { expect = [], degraded = [], exitCodes } = given
  const nagios = exitCodes === 'nagios'
  for (const [field, conditions] of Object.entries({ expect, degraded })) {
    for (const { subject } of conditions) {
      const fault = subjectFault(type, subject, nagios)
      if (fault !== undefined) fail(field, fault)
    }
  }
  const standard = defaultExpectation[type]
  if (standard === undefined || nagios) return expect
  const condition = parseExpectation(standard)
  return expect.some(({ subject }) => subject === condition.subject) ? expect : [condition, ...expect]
}

function subjectFault(type: CheckType, subject: Subject, nagios: boolean): string | undefined {
  const known = subjectsOf[type]
  if (!known.includes(subject)) return `${article(type)} check has no ${subject}; it has ${known.join(', ')}`
  if (nagios && subject === 'exit_code')
    return 'exitCodes nagios judges the exit code itself: leave exit_code out'
  return undefined
}
