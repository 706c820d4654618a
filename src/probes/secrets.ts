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
  const forms = [...new Set([...values.values()].flatMap(writtenForms))].sort((a, b) => b.length - a.length)
  const pattern = forms.length > 0 ? new RegExp(forms.map(escapePattern).join('|'), 'g') : undefined
  return {
    ...(missing === undefined ? {} : { fault: missingSecret(missing) }),
    any: true,
    fill: (text) => text.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? ''),
    redact(text, cut = false) {
      const blotted = pattern === undefined ? text : text.replace(pattern, BLOT)
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

/** The secret as such, and as it looks in a URL, in JSON and in base64. */
function writtenForms(value: string): string[] {
  if (value === '') return []
  const lines = value.split(/\r?\n/).filter((line) => line.length >= MIN_LINE_LENGTH)
  return [value, ...lines].flatMap((text) => {
    const bytes = Buffer.from(text)
    // `bytes.toString()` has no lone surrogates, which encodeURIComponent would throw at
    const escaped = JSON.stringify(text).slice(1, -1)
    return [text, encodeURIComponent(bytes.toString()), escaped, bytes.toString('base64')]
  })
}

function dropBegunSecret(text: string, forms: readonly string[]): string {
  let keep = text.length
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, text.length); length > text.length - keep; length--) {
      if (text.endsWith(form.slice(0, length))) keep = text.length - length
    }
  }
  return text.slice(0, keep)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
