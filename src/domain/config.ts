/** `.pipeline/config.json`: what the owner of a pipeline sets for its worker. Holds no secret, only the names of variables. */

import { type Failure, TrackerError } from '../errors.ts'
import type { Channel } from './channel.ts'
import { httpUrl, readChannel } from './channel-parse.ts'
import { duration, isObject, objectOf, type Read, type Report, shown, whole } from './health-check-readers.ts'
import { type StormRules, stormRules } from './storm.ts'

/** The effective values: every default resolved. */
export interface Config {
  /** By name; ask with `Object.hasOwn`. */
  channels: Record<string, Channel>
  /** Called every minute while a worker runs; may hold `${env:NAME}`. */
  deadmanUrl?: string
  /** From how many items that fail within `windowMs` on one incident gathers them: when there are more than `items`. */
  storm: StormRules
  /** Nothing is told of an incident that was resolved within it. */
  groupWaitMs: number
}

const second = 1000
const maxCharacters = 1_000_000
const channelsMax = 50
/** Of a file that is something else entirely, not every line is told. */
const failuresMax = 100
const channelName = /^[A-Za-z0-9][\w.-]{0,63}$/
const example = '{"channels":{"team":{"type":"slack","url":"${env:SLACK_URL}"}}}'

const channels: Read<Record<string, Channel>> = (value, report) => {
  if (!isObject(value)) {
    report('must be an object of channels by name')
    return undefined
  }
  const given = Object.entries(value)
  if (given.length > channelsMax) report(`must be at most ${channelsMax}, not ${given.length}`)
  const found = given.slice(0, channelsMax).flatMap(([name, inner]) => {
    if (!channelName.test(name)) {
      report(`${shown(name)} is no name of a channel: letters, digits, . _ - and at most 64`)
      return []
    }
    const channel = readChannel(name, inner, (why, at = '') => report(why, `.${name}${at}`))
    return channel ? [[name, channel] as const] : []
  })
  return Object.fromEntries(found)
}

const stormReaders = { items: whole(1, 10_000), window: duration(second, 24 * 3600 * second) }
const storm: Read<Config['storm']> = (value, report) => {
  const found = objectOf<{ items: number; window: number }>(stormReaders)(value, report)
  return found && { items: found.items ?? defaults.storm.items, windowMs: found.window ?? 60 * second }
}

const groupWait = duration(0, 3600 * second)

interface Written {
  channels: Record<string, Channel>
  deadmanUrl: string
  storm: Config['storm']
  groupWait: number
}

const read = objectOf<Written>({ channels, deadmanUrl: httpUrl, storm, groupWait })

/** What holds where there is no file. */
export const defaults: Config = {
  channels: {},
  storm: stormRules,
  groupWaitMs: 30 * second,
}

/**
 * @param text  the content of `.pipeline/config.json`
 * @throws      TrackerError `invalid` with a failure for everything that is wrong; `field` is the path, such as
 *              `channels.team.url`; no message holds a value that may be a secret
 */
export function parseConfigText(text: string): Config {
  if (text.length > maxCharacters) throw refusal([{ message: 'must have at most 1 MB' }])
  const json = text.replace(/^\ufeff/, '')
  let raw: unknown
  try {
    raw = JSON.parse(json)
  } catch (error) {
    // not the parser's own words: they quote what stands there
    const at = faultAt(json, (error as Error).message)
    throw refusal([{ message: `is no JSON${at === undefined ? '' : `: look at ${place(json, at)}`}` }])
  }
  return parseConfig(raw)
}

/** Where JSON breaks off, in UTF-16 units; undefined where its parser does not let us know. */
function faultAt(json: string, message: string): number | undefined {
  const [, at] = / at position (\d+)/.exec(message) ?? []
  if (at !== undefined) return Number(at)
  if (message.includes('end of JSON')) return json.length
  if (!isUnexpected(message)) return undefined
  // It is told what is wrong and not where: the shortest beginning in which that is so ends with it.
  let [sound, broken] = [0, json.length]
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1
    if (isUnexpected(faultIn(json.slice(0, middle)))) broken = middle
    else sound = middle
  }
  return sound
}

const isUnexpected = (message: string): boolean => message.startsWith('Unexpected token')

function faultIn(json: string): string {
  try {
    JSON.parse(json)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function place(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n')
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
}

/**
 * @param raw  the JSON value of the configuration
 * @throws     as `parseConfigText`
 */
export function parseConfig(raw: unknown): Config {
  const failures: Failure[] = []
  const report: Report = (message, at = '') => {
    if (failures.length >= failuresMax) return
    const field = at.replace(/^\./, '').slice(0, 200)
    failures.push(field === '' ? { message } : { field, message })
  }
  if (!isObject(raw)) report(`must be an object such as ${example}`)
  const found = isObject(raw) ? read(raw, report) : undefined
  if (failures.length > 0 || found === undefined) throw refusal(failures)
  const { groupWait: groupWaitMs = defaults.groupWaitMs, ...rest } = found
  return { ...defaults, ...rest, groupWaitMs }
}

const refusal = (failures: Failure[]): TrackerError =>
  new TrackerError('invalid', 'the configuration is not valid', {
    failures,
    hint: `correct the fields named in .pipeline/config.json; the smallest form is ${example}`,
  })
