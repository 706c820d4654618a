/**
 * `${env:NAME}` in a channel: filled in when it is used, and blotted out of everything that is told afterwards.
 * An empty variable counts as missing: a message signed with nothing tells nothing.
 */

import { Buffer } from 'node:buffer'

import { placeholder } from '../domain/channel.ts'
import type { NotifyDoor } from './notify.ts'

const blot = '***'
/** Parts of a URL and lines of a key are blotted out by themselves from this length on. */
const minPart = 8

export type Filled<T> =
  | { value: T; redact(text: string): string }
  /** The name of a variable that is not set. */
  | { missing: string }

/** @param value  JSON; every text in it may hold placeholders */
export function fill<T>(value: T, env: NotifyDoor['env']): Filled<T> {
  const variables = new Map<string, string>()
  let missing: string | undefined
  const lookUp = (_: string, name: string): string => {
    const found = (Object.hasOwn(env, name) ? env[name] : undefined) ?? ''
    if (found === '') missing ??= name
    variables.set(name, found)
    return found
  }
  const filled = mapTexts(value, (text) => text.replace(placeholder, lookUp))
  if (missing !== undefined) return { missing }
  return { value: filled, redact: redactor([...variables.values(), ...urlsIn(filled)]) }
}

function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)])) as T
}

/** The address of a chat's webhook is a secret, also where it was written as plain text. */
const urlsIn = (value: unknown): string[] => {
  const url = value !== null && typeof value === 'object' && 'url' in value ? value.url : value
  return typeof url === 'string' && URL.canParse(url) ? [url] : []
}

function redactor(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(writtenForms))].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return (text) => text
  const pattern = new RegExp(
    forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'gi',
  )
  return (text) => withoutBegun(text.replace(pattern, blot), forms)
}

/** Without the beginning of a secret at the end: what was heard was cut there. */
function withoutBegun(text: string, forms: readonly string[]): string {
  const lower = text.toLowerCase()
  for (const form of forms) {
    const start = form.toLowerCase()
    for (let length = Math.min(form.length - 1, text.length); length >= minPart; length--) {
      if (lower.endsWith(start.slice(0, length))) return text.slice(0, text.length - length)
    }
  }
  return text
}

/** The value as such, its telling parts, and each as it looks in a URL, in JSON and in base64. */
function writtenForms(value: string): string[] {
  const bare = value.replace(/^whsec_/, '')
  return [value, bare, ...partsOf(value)].filter(Boolean).flatMap((text) => {
    const bytes = Buffer.from(text)
    const escaped = JSON.stringify(text).slice(1, -1)
    return [text, encodeURIComponent(bytes.toString()), escaped, bytes.toString('base64').replace(/=+$/, '')]
  })
}

function partsOf(value: string): string[] {
  const parts = value.split(/[\r\n]+/)
  if (/^https?:/i.test(value) && URL.canParse(value)) {
    const { pathname, search, searchParams } = new URL(value)
    parts.push(pathname, `${pathname}${search}`, ...pathname.split('/'), ...searchParams.values())
  }
  return parts.filter((part) => part.length >= minPart)
}
