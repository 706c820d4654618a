/**
 * `${secret:NAME}` in a plan: read from the runner's environment, and blotted out of everything a probe hands back.
 * An empty variable counts as missing: a check that runs with an empty password tells nothing.
 */

import { Buffer } from 'node:buffer'

import type { Fault } from '../domain/observation.ts'
import type { ProbeContext } from './probe.ts'

const PLACEHOLDER = /\$\{secret:([^}]*)\}/g
const BEGINNING = '${secret:'
const BLOT = '***'
/** A line of a longer secret (a PEM key) is blotted out by itself from this length on. */
const MIN_LINE_LENGTH = 8
/** What is sure in the base64 of a longer text is looked for from this length on: less is in any text. */
const MIN_BASE64_LENGTH = 4
const BASE64_CHARACTER = '[A-Za-z0-9+/_-]'

export interface Secrets {
  /** Set when a secret is missing: the check can't be run here. */
  fault?: Fault
  /** Whether there is anything to fill in, and so to blot out. */
  any: boolean
  fill(text: string): string
  /** @param cut  the text was cut at a cap, so that it may end in the beginning of a secret */
  redact(text: string, cut?: boolean): string
}

/** @param texts  every text of the plan in which secrets may stand */
export function readSecrets(texts: readonly string[], env: ProbeContext['env']): Secrets {
  if (!texts.some((text) => text.includes(BEGINNING))) return noSecrets
  const values = new Map(secretNames(texts).map((name) => [name, readVariable(env, name)]))
  const missing = [...values].find(([, value]) => value === '')?.[0]
  const forms = [...values.values()].flatMap(writtenForms)
  // Apart: what begins with any character makes a long list of others ten times as slow.
  const patterns = [false, true].map((inside) => patternOf(forms.filter((form) => form.inside === inside)))
  return {
    ...(missing === undefined ? {} : { fault: missingSecret(missing) }),
    any: true,
    fill: (text) => text.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? ''),
    redact(text, cut = false) {
      const blotted = patterns.reduce((left, pattern) => (pattern ? left.replace(pattern, BLOT) : left), text)
      return cut ? dropBegunSecret(blotted, forms) : blotted
    },
  }
}

/** Of most plans, a thousand times a minute. */
const noSecrets: Secrets = { any: false, fill: (text) => text, redact: (text) => text }

export function hasSecret(text: string): boolean {
  return text.includes(BEGINNING) && secretNames([text]).length > 0
}

function secretNames(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')))]
}

function readVariable(env: ProbeContext['env'], name: string): string {
  return (Object.hasOwn(env, name) ? env[name] : undefined) ?? ''
}

function missingSecret(name: string): Fault {
  return {
    code: 'secret-missing',
    message: `the secret ${JSON.stringify(name)} is not set in the environment of this runner`,
    of: 'runner',
  }
}

interface Form {
  text: string
  /** Matches it, with what would tell of it beside it. */
  pattern: string
  /** In the base64 of a longer text. */
  inside: boolean
}

/** @returns undefined where there is nothing to look for */
function patternOf(forms: readonly Form[]): RegExp | undefined {
  const longestFirst = forms.toSorted((a, b) => b.text.length - a.text.length)
  const patterns = new Set(longestFirst.map((form) => form.pattern))
  return patterns.size > 0 ? new RegExp([...patterns].join('|'), 'g') : undefined
}

/** The secret as such, and as it looks in a URL, in JSON and in base64: by itself and inside a longer text. */
function writtenForms(value: string): Form[] {
  if (value === '') return []
  const lines = value.split(/\r?\n/).filter((line) => line.length >= MIN_LINE_LENGTH)
  const plain = [value, ...lines].flatMap((text) => {
    const bytes = Buffer.from(text)
    // `bytes.toString()` has no lone surrogates, which encodeURIComponent would throw at
    const escaped = JSON.stringify(text).slice(1, -1)
    return [text, encodeURIComponent(bytes.toString()), escaped, bytes.toString('base64')]
  })
  const asItIs = plain.map((text) => ({ text, pattern: escapePattern(text), inside: false }))
  return [...asItIs, ...formsInside(Buffer.from(value))]
}

/**
 * What the base64 of a longer text has of it, such as that of `user:secret`: three ways, by how many bytes are before
 * it. A character at an edge holds bits of its neighbour too, and may be any.
 */
function formsInside(bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((before) => {
    const bits = 8 * (before + bytes.length)
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const sure = encoded.slice(Math.ceil((8 * before) / 6), Math.floor(bits / 6))
    if (sure.length < MIN_BASE64_LENGTH) return []
    const lead = before === 0 ? '' : `${BASE64_CHARACTER}?`
    const trail = bits % 6 === 0 ? '' : `${BASE64_CHARACTER}?={0,2}`
    const forUrls = sure.replaceAll('+', '-').replaceAll('/', '_')
    return [sure, forUrls].map((text) => {
      return { text, pattern: `${lead}${escapePattern(text)}${trail}`, inside: true }
    })
  })
}

function dropBegunSecret(text: string, forms: readonly Form[]): string {
  let keep = text.length
  for (const form of forms) {
    for (let length = Math.min(form.text.length - 1, text.length); length > text.length - keep; length--) {
      if (text.endsWith(form.text.slice(0, length))) keep = text.length - length
    }
  }
  return text.slice(0, keep)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
