/**
 * From the JSON of a channel to the channel. What is wrong is told without its value, wherever that may be a secret
 * that somebody wrote into the wrong place.
 */

import {
  type Channel,
  type CommandChannel,
  channelTypes,
  mailAddress,
  placeholder,
  type QuietHours,
  type SlackChannel,
  type SmtpChannel,
  type WebhookChannel,
} from './channel.ts'
import { isTimezone } from './cron.ts'
import {
  flag,
  isObject,
  listOf,
  objectOf,
  oneOf,
  type Read,
  type Report,
  shown,
  textsByName,
  whole,
} from './health-check-readers.ts'
import { severities } from './item.ts'
import { notificationKinds } from './notification.ts'

const settingMax = 4096
const aVariable = 'give it as "${env:NAME}", and set NAME where the worker runs'

/** Text, on one line but with `lines`, in which every `${env:…}` is well formed. Its value is not shown. */
function setting({ empty = false, lines = false, pattern = /^/, what = 'text' } = {}): Read<string> {
  return (value, report) => {
    const fault = settingFault(value, empty, lines)
    if (fault !== undefined) report(fault)
    else if (!pattern.test((value as string).replace(placeholder, 'x'))) report(`must be ${what}`)
    else return value as string
    return undefined
  }
}

function settingFault(value: unknown, empty: boolean, lines: boolean): string | undefined {
  if (typeof value !== 'string') return 'must be text'
  if (!empty && value.trim() === '') return 'must not be empty'
  if (value.length > settingMax) return `must have at most ${settingMax} characters`
  if (value.includes('\0')) return 'must not hold a NUL character'
  if (!lines && /[\u0000-\u001f\u007f]/.test(value)) return 'must be one line without control characters'
  if (value.includes('${secret:')) return 'takes a variable as ${env:NAME}, not as ${secret:NAME}'
  if (value.replace(placeholder, '').includes('${env:')) {
    return 'has a variable that is not written ${env:NAME}'
  }
  return undefined
}

const whollySecret = /^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$/

const secret: Read<string> = (value, report) => {
  if (typeof value === 'string' && whollySecret.test(value)) return value
  report(`is a secret and does not belong into a file: ${aVariable}`)
  return undefined
}

/** An http or https URL, or one that a variable completes; not shown, since it may be the secret itself. */
export const httpUrl: Read<string> = (value, report) => {
  const address = setting()(value, report)
  if (address === undefined) return undefined
  // a variable may be all of the beginning, so that there is nothing to look at yet
  if (/^\$\{env:/.test(address)) return address
  const example = address.replace(placeholder, 'x')
  if (!/^https?:\/\/\S+$/i.test(example) || !URL.canParse(example)) {
    report('must be an http or https URL, or "${env:NAME}"')
    return undefined
  }
  const { username, password } = new URL(example)
  if (username === '' && password === '') return address
  report('must not hold a password: put it into "headers", as {"authorization": "Bearer ${env:NAME}"}')
  return undefined
}

/** What the sender itself sets, or the connection. */
const ownHeader =
  /^(?:webhook-.*|content-(?:type|length|encoding)|transfer-encoding|connection|keep-alive|upgrade|expect|host|te|trailer)$/i
const secretHeader = /^(?:proxy-)?authorization$|^cookie$|(?:^|-)(?:token|secret|password|api-?key)$/i

const headers: Read<Record<string, string>> = (value, report) => {
  if (!isObject(value)) {
    report('must be an object of texts')
    return undefined
  }
  const found = textsByName(
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/,
    "header's name",
    setting({ empty: true }),
  )(value, report)
  for (const [name, text] of Object.entries(found ?? {})) {
    if (ownHeader.test(name)) report('is set by the sender itself: leave it out', `.${name}`)
    else if (secretHeader.test(name) && text.search(placeholder) < 0) {
      report(`is a secret and does not belong into a file: ${aVariable}`, `.${name}`)
    }
  }
  return found
}

const source = setting({ pattern: /^[^\s"<>\\^`{|}]+$/, what: 'a URI or a path, such as /throughline' })
const host = setting({ pattern: /^[^\s/?#@]{1,253}$/, what: 'a host name or an address' })

const address: Read<string> = (value, report) => {
  const text = setting()(value, report)
  // a variable may be the whole address, or a part of it
  const filled = ['x@x', 'x'].map((value) => text?.replace(placeholder, value) ?? '')
  if (text === undefined || filled.some(mailAddress)) return text
  report('must be one address, such as max@example.com or Max <max@example.com>')
  return undefined
}

const atLeastOne =
  <T>(read: Read<T[]>): Read<T[]> =>
  (value, report) => {
    if (Array.isArray(value) && value.length > 0) return read(value, report)
    report(Array.isArray(value) ? 'must name at least one' : 'must be a list')
    return undefined
  }

const word = setting({ empty: true, lines: true })

const command: Read<string[]> = (value, report) => {
  if (typeof value === 'string') {
    report('must be a list, the program first, such as ["notify-send", "Throughline"]: no shell splits it')
    return undefined
  }
  const argv = atLeastOne(listOf(word, 200))(value, report)
  if (argv?.[0] === '') report('must name a program')
  return argv
}

const variables: Read<Record<string, string>> = (value, report) => {
  if (isObject(value)) {
    return textsByName(/^[A-Za-z_][A-Za-z0-9_]*$/, "variable's name", word)(value, report)
  }
  report('must be an object of texts')
  return undefined
}

const timeOfDay: Read<number> = (value, report) => {
  const [, hours, minutes] = typeof value === 'string' ? (/^(\d\d):(\d\d)$/.exec(value) ?? []) : []
  if (hours !== undefined && Number(hours) < 24 && Number(minutes) < 60) {
    return Number(hours) * 60 + Number(minutes)
  }
  report(`must be a time of day such as "22:00", not ${shown(value)}`)
  return undefined
}

const timezone: Read<string> = (value, report) => {
  if (typeof value === 'string' && isTimezone(value)) return value
  report(`no such time zone: ${shown(value)}, write it as Europe/Vienna or UTC`)
  return undefined
}

const quietHours: Read<QuietHours> = (value, report) => {
  const severity = oneOf(severities)
  const readers = { from: timeOfDay, to: timeOfDay, timezone, except: severity }
  const found = objectOf<GivenBy<typeof readers>>(readers)(value, report)
  if (found === undefined || !isObject(value)) return undefined
  for (const name of ['from', 'to']) if (!Object.hasOwn(value, name)) report('is required', `.${name}`)
  const { from, to, timezone: zone = 'UTC', except = null } = found
  if (from === undefined || to === undefined) return undefined
  if (from !== to) return { fromMinute: from, toMinute: to, timezone: zone, except }
  report('must differ from "from": the whole day is said by "enabled": false', '.to')
  return undefined
}

type GivenBy<R extends Record<string, Read<unknown>>> = { [K in keyof R]: NonNullable<ReturnType<R[K]>> }

const common = {
  type: oneOf(channelTypes),
  enabled: flag,
  minSeverity: oneOf(severities),
  kinds: atLeastOne(listOf(oneOf(notificationKinds), notificationKinds.length)),
  quietHours,
}
const readers = {
  webhook: { ...common, url: httpUrl, secret, headers, source },
  slack: { ...common, url: httpUrl },
  smtp: {
    ...common,
    host,
    port: whole(1, 65_535),
    secure: flag,
    user: setting(),
    password: secret,
    from: address,
    to: atLeastOne(listOf(address, 100)),
  },
  command: { ...common, command, env: variables },
}
const required: { [T in Channel['type']]: (keyof (typeof readers)[T] & string)[] } = {
  webhook: ['url'],
  slack: ['url'],
  smtp: ['host', 'from', 'to'],
  command: ['command'],
}

type Given<T extends Channel['type']> = Partial<GivenBy<(typeof readers)[T]>>

/**
 * @param name  under which it stands in the configuration
 * @returns     undefined when something was reported
 */
export function readChannel(name: string, value: unknown, report: Report): Channel | undefined {
  let faults = 0
  const count: Report = (why, at) => {
    faults++
    report(why, at)
  }
  const channel = readAny(name, value, count)
  return faults === 0 ? channel : undefined
}

function readAny(name: string, value: unknown, report: Report): Channel | undefined {
  if (!isObject(value)) {
    report('must be an object such as {"type":"slack","url":"${env:SLACK_URL}"}')
    return undefined
  }
  if (!Object.hasOwn(value, 'type')) {
    report(`is required: one of ${channelTypes.join(', ')}`, '.type')
    return undefined
  }
  const type = common.type(value.type, (why) => report(why, '.type'))
  if (type === undefined) return undefined
  for (const field of required[type]) {
    if (!Object.hasOwn(value, field)) report(`is required for the type ${type}`, `.${field}`)
  }
  // the readers of a type give the fields of that type
  const given = objectOf(readers[type] as Record<string, Read<unknown>>)(value, report) ?? {}
  return makers[type](name, given as never, report)
}

const makers: { [T in Channel['type']]: (name: string, given: Given<T>, report: Report) => Channel } = {
  webhook: (name, { url = '', secret = null, headers = {}, source = '/throughline', ...given }) =>
    ({ ...settled(name, given), type: 'webhook', url, secret, headers, source }) satisfies WebhookChannel,
  slack: (name, { url = '', ...given }) =>
    ({ ...settled(name, given), type: 'slack', url }) satisfies SlackChannel,
  smtp: smtpOf,
  command: (name, { command = [], env = {}, ...given }) =>
    ({ ...settled(name, given), type: 'command', command, env }) satisfies CommandChannel,
}

function smtpOf(name: string, given: Given<'smtp'>, report: Report): SmtpChannel {
  const { host = '', secure = false, user = null, password = null, from = '', to = [], ...rest } = given
  const { port = secure ? 465 : 587, ...general } = rest
  if (user !== null && password === null) report('is required with "user"', '.password')
  if (user === null && password !== null) report('is required with "password"', '.user')
  return { ...settled(name, general), type: 'smtp', host, port, secure, user, password, from, to }
}

const settled = (
  name: string,
  { enabled = true, minSeverity = 'minor', kinds, quietHours: quiet }: Given<'slack'>,
) => ({ name, enabled, minSeverity, kinds: kinds ?? null, quietHours: quiet ?? null })
