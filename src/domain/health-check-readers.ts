/** Readers for the values of a health check: each returns the effective value, or reports why there is none. */

import { TrackerError } from '../errors.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { didYouMean } from './nearest.ts'

/** `at` is the place inside the field: `.severity`, `[1]`. */
export type Report = (message: string, at?: string) => void

/** undefined: it was reported. */
export type Read<T> = (value: unknown, report: Report) => T | undefined

const longestText = 32_768

/** A message that also says what to do. */
export const sentence = (error: TrackerError): string =>
  error.hint === undefined ? error.message : `${error.message} (${error.hint})`

/** What `make` returns; a TrackerError it throws is reported. */
export function attempt<T>(make: () => T, report: Report, at?: string): T | undefined {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    report(sentence(error), at)
    return undefined
  }
}

/** Text without NUL in which every `${secret:…}` is well formed. */
export function text({ empty = false, pattern = /^/, what = 'text' } = {}): Read<string> {
  return (value, report) => {
    const fault = textFault(value, empty)
    if (fault !== undefined) report(fault)
    else if (!pattern.test(value as string)) report(`must be ${what}, not ${shown(value)}`)
    else return value as string
    return undefined
  }
}

function textFault(value: unknown, empty: boolean): string | undefined {
  if (typeof value !== 'string') return `must be text, not ${shown(value)}`
  if (value.includes('\0')) return 'must not hold a NUL character'
  if (value.length > longestText) return `must have at most ${longestText} characters`
  if (!empty && value.trim() === '') return 'must not be empty'
  if (/\$\{secret:(?![A-Za-z_][A-Za-z0-9_]*\})/.test(value))
    return 'has a secret that is not written ${secret:NAME}'
  return undefined
}

export const flag: Read<boolean> = (value, report) => {
  if (typeof value === 'boolean') return value
  report(`must be true or false, not ${shown(value)}`)
  return undefined
}

export function whole(min: number, max: number): Read<number> {
  return (value, report) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    report(`must be a whole number from ${min} to ${max}, not ${shown(value)}`)
    return undefined
  }
}

/** A share between `min` and `max`, both excluded. */
export const between =
  (min: number, max: number): Read<number> =>
  (value, report) => {
    if (typeof value === 'number' && value > min && value < max) return value
    report(`must be a number between ${min} and ${max}, not ${shown(value)}`)
    return undefined
  }

export function oneOf<const T extends string>(words: readonly T[]): Read<T> {
  return (value, report) => {
    const found = words.find((word) => word === value)
    if (found === undefined) {
      const near = typeof value === 'string' ? didYouMean(value, words) : ''
      report(`must be one of ${words.join(', ')}, not ${shown(value)}${near}`)
    }
    return found
  }
}

/** Text such as `30s`, as milliseconds from `min` to `max`; a `min` of 0 allows `0s`. */
export function duration(min: number, max: number): Read<number> {
  return (value, report) => {
    if (typeof value !== 'string') {
      report(`must be text such as "30s", not ${shown(value)}`)
      return undefined
    }
    const ms = attempt(() => parseDuration(value, { allowZero: min === 0 }), report)
    if (ms === undefined || (ms >= min && ms <= max)) return ms
    report(`must be from ${formatDuration(min)} to ${formatDuration(max)}, not ${shown(value)}`)
    return undefined
  }
}

/** A list of at most `max`; an entry that is wrong is reported and left out. */
export function listOf<T>(read: Read<T>, max: number): Read<T[]> {
  return (value, report) => {
    if (!Array.isArray(value) || value.length > max) {
      report(`must be a list of at most ${max}, not ${shown(value)}`)
      return undefined
    }
    const entries = value.map((entry, index) => read(entry, (why, at = '') => report(why, `[${index}]${at}`)))
    return entries.filter((entry) => entry !== undefined)
  }
}

/** An object of texts whose names match `name`. */
export function textsByName(name: RegExp, what: string, read: Read<string>): Read<Record<string, string>> {
  return (value, report) => {
    if (!isObject(value)) {
      report(`must be an object of texts, not ${shown(value)}`)
      return undefined
    }
    const entries: [string, string][] = []
    for (const [key, inner] of Object.entries(value)) {
      if (!name.test(key)) report(`${shown(key)} is no ${what}`)
      const found = read(inner, (why, at = '') => report(why, `.${key}${at}`))
      if (found !== undefined) entries.push([key, found])
    }
    return Object.fromEntries(entries)
  }
}

/** An object with these fields and no other; those that were not given are absent. */
export function objectOf<T extends object>(readers: { [K in keyof T]: Read<T[K]> }): Read<Partial<T>> {
  const names = Object.keys(readers) as (keyof T & string)[]
  return (value, report) => {
    if (!isObject(value)) {
      report(`must be an object, not ${shown(value)}`)
      return undefined
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(readers, key))
        report(`unknown field ${shown(key)}${didYouMean(key, names)}`, `.${key}`)
    }
    const result: Partial<T> = {}
    for (const name of names) {
      if (!Object.hasOwn(value, name)) continue
      const found = readers[name](value[name], (why, at = '') => report(why, `.${name}${at}`))
      if (found !== undefined) result[name] = found
    }
    return result
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A wrong value, short enough for a message. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing'
  return json.length > 60 ? `${json.slice(0, 57)}…` : json
}
