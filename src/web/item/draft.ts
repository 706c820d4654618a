/**
 * What the reader writes and has not saved: it survives news, a reload and a closed window, until it is saved or
 * thrown away.
 */

import { signal } from '@preact/signals'
import { forget, keep, kept } from '../keep.ts'

export interface Draft {
  text: string
  /** Of the text that the reader began with: what somebody else wrote since differs from it. */
  base: string
}

/** Short, and the same for the same text. No secret hangs on it. */
export function printOf(text: string): string {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b) + at
  }
  return `${text.length}-${(a >>> 0).toString(36)}-${(b >>> 0).toString(36)}`
}

/** By place; the text changes in place, so that a letter draws nothing. */
export const drafts = signal<ReadonlyMap<string, Draft>>(new Map())

type Of = { id: number; createdAt: string }

/** Another pipeline at the same address has other items under the same numbers. */
const homeOf = (item: Of): string => `${item.id}.${Date.parse(item.createdAt).toString(36)}`

export const placeOf = (item: Of, field: string): string => `${homeOf(item)}/${field}`

const set = (place: string, draft: Draft | undefined): void => {
  const next = new Map(drafts.value)
  if (draft) next.set(place, draft)
  else next.delete(place)
  drafts.value = next
}

/** Fields of an item with a draft. */
export const draftedFields = (item: Of): string[] => {
  const home = `${homeOf(item)}/`
  return [...drafts.value.keys()].flatMap((place) =>
    place.startsWith(home) ? [place.slice(home.length)] : [],
  )
}

/** Opens what was left from another time. */
export function restore(item: Of): void {
  const found = kept<Record<string, Draft>>(`draft.${homeOf(item)}`, {})
  if (found === null || typeof found !== 'object') return
  for (const [field, draft] of Object.entries(found)) {
    const isDraft = typeof draft?.text === 'string' && typeof draft.base === 'string'
    if (isDraft && !drafts.value.has(placeOf(item, field))) set(placeOf(item, field), draft)
  }
}

export function begin(place: string, text: string): void {
  if (!drafts.value.has(place)) set(place, { text, base: printOf(text) })
}

let timer: ReturnType<typeof setTimeout> | undefined
const unkept = new Set<string>()
const typedMs = 250

/** A letter is kept a moment later: of a long text each one would be felt. */
export function write(place: string, text: string): void {
  const draft = drafts.value.get(place)
  if (!draft) return
  draft.text = text
  keepSoon(place)
}

function keepSoon(place: string): void {
  unkept.add(place.slice(0, place.indexOf('/')))
  clearTimeout(timer)
  timer = setTimeout(flush, typedMs)
}

/** Keeps what waits to be kept; called too when the page goes. */
export function flush(): void {
  for (const home of unkept) {
    const own = [...drafts.value].filter(([place]) => place.startsWith(`${home}/`))
    const named = own.map(([place, draft]) => [place.slice(home.length + 1), draft])
    if (named.length === 0) forget(`draft.${home}`)
    else keep(`draft.${home}`, Object.fromEntries(named))
  }
  unkept.clear()
}

/** From now on the draft stands on another text: the reader has seen it. */
export function rebase(place: string, onto: string): void {
  const draft = drafts.value.get(place)
  if (!draft) return
  set(place, { text: draft.text, base: printOf(onto) })
  keepSoon(place)
}

export function drop(place: string): void {
  set(place, undefined)
  keepSoon(place)
  flush()
}
