/** Every field of a health check: the types it goes with, whether this version acts on it, how it is read. */

import { isHost, parseEndpoint } from './address.ts'
import { isTimezone, validateCron } from './cron.ts'
import { maxDurationMs } from './duration.ts'
import { type Expectation, parseExpectation } from './expectation.ts'
import {
  type CheckType,
  type CronSchedule,
  type IncidentRules,
  type IntervalSchedule,
  type Maintenance,
  type RecordType,
  recordTypes,
} from './health-check.ts'
import {
  attempt,
  between,
  duration,
  flag,
  isObject,
  listOf,
  objectOf,
  oneOf,
  type Read,
  type Report,
  shown,
  text,
  textsByName,
  whole,
} from './health-check-readers.ts'
import { parseInstant, toMs } from './instant.ts'
import { severities } from './item.ts'
import { didYouMean } from './nearest.ts'
import { splitWords } from './shell-words.ts'

export const checkTypes = ['command', 'http', 'tcp', 'dns', 'tls', 'heartbeat'] as const

const second = 1000
const day = 86_400 * second
const shortestInterval = 5 * second
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** A month is 30 days: for a day of the calendar there is cron. */
const namedFrequencies: Record<string, number> = {
  minutely: 60 * second,
  hourly: 3600 * second,
  daily: day,
  weekly: 7 * day,
  monthly: 30 * day,
}

/** The text for a shell, or the program and its arguments. */
type Command = { line: string } | { argv: string[] }

/** `expression` for cron: its time zone is another field. */
export type Frequency = IntervalSchedule | Omit<CronSchedule, 'timezone'>

const command: Read<Command> = (value, report) => {
  if (!Array.isArray(value)) {
    const line = text()(value, report)
    return line === undefined ? undefined : { line }
  }
  const argv = listOf(text({ empty: true }), 1000)(value, report)
  if (value.length === 0 || value[0] === '') report('must name a program')
  return argv && { argv }
}

/**
 * The words of a command line; what a shell would take as an assignment is refused.
 * @throws nothing: it is reported
 */
export function wordsOf(line: string, report: Report): string[] | undefined {
  const argv = attempt(() => splitWords(line), report)
  if (argv === undefined) return undefined
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(argv[0] ?? '')) report('starts with a variable: put it into "env"')
  else if (!argv[0]) report('must name a program')
  else return argv
  return undefined
}

const cwd: Read<string> = (value, report) => {
  const folder = text()(value, report)
  if (folder === undefined) return undefined
  let depth = 0
  let escaped = /^([/\\]|[A-Za-z]:)/.test(folder)
  for (const part of folder.split(/[/\\]/)) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) escaped = true
  }
  if (!escaped) return folder
  report(`must be a folder inside the project, such as "." or "tools", not ${shown(folder)}`)
  return undefined
}

const url: Read<string> = (value, report) => {
  const address = text({ pattern: /^https?:\/\/[^\s\u0000-\u001f\u007f]+$/i, what: 'an http or https URL' })(
    value,
    report,
  )
  if (address === undefined) return undefined
  const parsed = URL.canParse(address) ? new URL(address) : undefined
  if (parsed === undefined) report(`must be an http or https URL, not ${shown(address)}`)
  else if (parsed.username || parsed.password) {
    report('must not hold a password: put it into "headers", as {"authorization": "Bearer ${secret:NAME}"}')
  } else return address
  return undefined
}

const method: Read<string> = (value, report) => oneOf(methods)(upperCase(value), report)
const record: Read<RecordType> = (value, report) => oneOf(recordTypes)(upperCase(value), report)

const upperCase = (value: unknown): unknown => (typeof value === 'string' ? value.toUpperCase() : value)

const headers = textsByName(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  "header's name",
  text({ empty: true, pattern: /^[^\r\n]*$/, what: 'one line' }),
)

const conditions: Read<Expectation[]> = (value, report) => {
  const one: Read<Expectation> = (entry, say) => {
    const condition = text()(entry, say)
    return condition === undefined ? undefined : attempt(() => parseExpectation(condition), say)
  }
  if (Array.isArray(value)) return listOf(one, 50)(value, report)
  const found = one(value, report)
  return found && [found]
}

const frequency: Read<Frequency> = (value, report) => {
  const words = text()(value, report)
  if (words === undefined) return undefined
  const named = Object.hasOwn(namedFrequencies, words) ? namedFrequencies[words] : undefined
  if (named !== undefined) return { kind: 'interval', intervalMs: named, name: words }
  if (words.startsWith('cron:')) {
    const expression = attempt(() => validateCron(words.slice(5).trim().replace(/\s+/g, ' '), 'UTC'), report)
    return expression === undefined ? undefined : { kind: 'cron', expression }
  }
  if (/^\d+(ms|s|m|h|d)$/.test(words)) {
    const intervalMs = duration(shortestInterval, maxDurationMs)(words, report)
    return intervalMs === undefined ? undefined : { kind: 'interval', intervalMs }
  }
  const names = Object.keys(namedFrequencies)
  report(
    `must be one of ${names.join(', ')}, a duration such as 5m, or cron:0 6 * * 1-5, not ${shown(words)}${didYouMean(words, names)}`,
  )
  return undefined
}

const timezone: Read<string> = (value, report) => {
  const name = text()(value, report)
  if (name === undefined || isTimezone(name)) return name
  report(`no such time zone: ${shown(name)}, write it as Europe/Vienna or UTC`)
  return undefined
}

const jitter: Read<number> = (value, report) => {
  const [, percent] = typeof value === 'string' ? (/^(\d{1,3}(?:\.\d+)?) ?%$/.exec(value) ?? []) : []
  const share = typeof value === 'number' ? value : percent === undefined ? Number.NaN : Number(percent) / 100
  if (share >= 0 && share <= 0.5) return share
  report(`must be from 0 % to 50 %, such as "10 %" or 0.1, not ${shown(value)}`)
  return undefined
}

const instant: Read<number> = (value, report) => {
  const at = text()(value, report)
  return at === undefined ? undefined : attempt(() => toMs(parseInstant(at)), report)
}

const maintenance: Read<Maintenance> = (value, report) => {
  if (isObject(value) && Object.hasOwn(value, 'cron')) return cronMaintenance(value, report)
  const { from, to } =
    objectOf<{ from: number; to: number }>({ from: instant, to: instant })(value, report) ?? {}
  if (from !== undefined && to !== undefined && from < to) return { kind: 'window', fromMs: from, toMs: to }
  report('must be {"cron", "duration", "timezone"} or {"from", "to"} with "from" before "to"')
  return undefined
}

function cronMaintenance(value: unknown, report: Report): Maintenance | undefined {
  const readers = { cron: text(), duration: duration(second, maxDurationMs), timezone }
  const found = objectOf<{ cron: string; duration: number; timezone: string }>(readers)(value, report)
  if (found?.cron === undefined) return undefined
  const { cron: expression, duration: durationMs, timezone: zone = 'UTC' } = found
  if (durationMs === undefined) report('needs a "duration" such as 2h')
  else if (attempt(() => validateCron(expression, zone), report)) {
    return { kind: 'cron', expression, timezone: zone, durationMs }
  }
  return undefined
}

const incident: Read<Partial<IncidentRules>> = (value, report) => {
  const readers = {
    open: flag,
    autoResolve: flag,
    severity: oneOf(severities),
    reopenWindow: duration(0, maxDurationMs),
    reminderInterval: duration(60 * second, maxDurationMs),
  }
  const found = objectOf<{ [K in keyof typeof readers]: NonNullable<ReturnType<(typeof readers)[K]>> }>(
    readers,
  )(value, report)
  if (found === undefined) return undefined
  const { reopenWindow, reminderInterval, ...rest } = found
  return {
    ...rest,
    ...(reopenWindow !== undefined && { reopenWindowMs: reopenWindow }),
    ...(reminderInterval !== undefined && { reminderIntervalMs: reminderInterval }),
  }
}

const slo: Read<{ target: number; windowMs: number }> = (value, report) => {
  const readers = { target: between(0, 1), window: duration(day, maxDurationMs) }
  const found = objectOf<{ target: number; window: number }>(readers)(value, report)
  if (found === undefined) return undefined
  if (found.target !== undefined) return { target: found.target, windowMs: found.window ?? 30 * day }
  if (isObject(value) && !Object.hasOwn(value, 'target')) report('is required', '.target')
  return undefined
}

const host: Read<string> = (value, report) => {
  const name = text()(value, report)
  if (name === undefined || isHost(name)) return name
  const hasPort = parseEndpoint(name)?.port !== undefined
  report(`must be a host name or address${hasPort ? ' without a port' : ''}, not ${shown(name)}`)
  return undefined
}

const resolver: Read<string> = (value, report) => {
  const server = text()(value, report)
  if (server === undefined || parseEndpoint(server)) return server
  report(`must be a name server such as 9.9.9.9, [2620:fe::9]:53 or ns.example.com:53, not ${shown(server)}`)
  return undefined
}

interface Field<T> {
  types: readonly CheckType[]
  read: Read<T>
}

const field = <T>(types: readonly CheckType[], read: Read<T>): Field<T> => ({ types, read })

const all = checkTypes
const probed = all.filter((type) => type !== 'heartbeat')

export const fields = {
  type: field(all, oneOf(checkTypes)),
  command: field(['command'], command),
  shell: field(['command'], flag),
  cwd: field(['command'], cwd),
  env: field(['command'], textsByName(/^[A-Za-z_][A-Za-z0-9_]*$/, "variable's name", text({ empty: true }))),
  url: field(['http'], url),
  method: field(['http'], method),
  headers: field(['http'], headers),
  body: field(['http'], text({ empty: true })),
  followRedirects: field(['http'], whole(0, 10)),
  host: field(['tcp', 'dns', 'tls'], host),
  port: field(['tcp', 'tls'], whole(1, 65_535)),
  record: field(['dns'], record),
  resolver: field(['dns'], resolver),
  expect: field(probed, conditions),
  degraded: field(probed, conditions),
  exitCodes: field(['command'], oneOf(['binary', 'nagios'])),
  frequency: field(all, frequency),
  timezone: field(all, timezone),
  jitter: field(all, jitter),
  startPeriod: field(all, duration(0, maxDurationMs)),
  timeout: field(probed, duration(100, day)),
  retries: field(probed, whole(0, 10)),
  retryInterval: field(probed, duration(0, day)),
  failureThreshold: field(all, whole(1, 100)),
  successThreshold: field(all, whole(1, 100)),
  grace: field(['heartbeat'], duration(0, maxDurationMs)),
  missedRun: field(all, oneOf(['run_once', 'skip'])),
  maxLateness: field(all, duration(second, maxDurationMs)),
  dependsOn: field(all, listOf(whole(1, Number.MAX_SAFE_INTEGER), 100)),
  maintenance: field(all, listOf(maintenance, 100)),
  incident: field(all, incident),
  slo: field(all, slo),
  runner: field(
    all,
    text({ pattern: /^[A-Za-z0-9][\w.-]{0,63}$/, what: 'a label of letters, digits, . _ -' }),
  ),
  enabled: field(all, flag),
}

export type FieldName = keyof typeof fields
export const fieldNames = Object.keys(fields) as FieldName[]

/** The effective values of the fields that were given and are right. */
export type Given = { [K in FieldName]?: NonNullable<ReturnType<(typeof fields)[K]['read']>> }

export const required: Record<CheckType, readonly FieldName[]> = {
  command: ['command', 'frequency'],
  http: ['url', 'frequency'],
  tcp: ['host', 'port', 'frequency'],
  dns: ['host', 'record', 'frequency'],
  tls: ['host', 'port', 'frequency'],
  heartbeat: [],
}
