/** What others change, as the server tells it: one connection a page, which mends itself. */

import { signal } from '@preact/signals'
import { base, type Out } from './api.ts'

export type Entry = Out<'activity.list'>['entries'][number]

/** What is told: entries of the log, checks that ran, or that too much was missed to tell. */
export type News =
  | { kind: 'activity'; entries: Entry[] }
  | { kind: 'health'; itemIds: number[] | null }
  | { kind: 'reset' }

/** `lost`: the server has not answered for a moment; what is shown may be old. */
export const link = signal<'starting' | 'open' | 'lost'>('starting')

const listeners = new Set<(news: News) => void>()
let source: EventSource | undefined
let failures = 0

export function onNews(listener: (news: News) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const say = (news: News): void => {
  for (const listener of listeners) listener(news)
}

/** A page that is left in the background for long lets go, and catches up when it is looked at. */
const hiddenMs = 10 * 60_000
const againMs = [500, 1_000, 2_000, 5_000]

/** @param since the highest id of the activity that is shown already; without one, all is asked for when it stands */
export function listen(since?: number): void {
  if (source) return
  source = new EventSource(`${base}/events${since === undefined ? '' : `?since=${since}`}`)
  let fresh = since === undefined
  source.addEventListener('ready', () => {
    const was = link.value
    link.value = 'open'
    failures = 0
    if (fresh || was === 'lost') say({ kind: 'reset' })
    fresh = false
  })
  source.addEventListener('activity', ({ data }) =>
    say({ kind: 'activity', entries: JSON.parse(data).entries }),
  )
  source.addEventListener('health', ({ data }) => say({ kind: 'health', itemIds: JSON.parse(data).itemIds }))
  source.addEventListener('reset', () => say({ kind: 'reset' }))
  source.addEventListener('error', () => {
    link.value = 'lost'
    // The browser tries again by itself, unless the answer was none of this kind.
    if (source?.readyState === EventSource.CLOSED) again()
  })
}

function again(): void {
  source?.close()
  source = undefined
  const waitMs = againMs[Math.min(failures, againMs.length - 1)]!
  failures += 1
  setTimeout(() => listen(), waitMs)
}

let leaving: ReturnType<typeof setTimeout> | undefined

export function mindVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving)
    if (document.hidden) {
      leaving = setTimeout(() => {
        source?.close()
        source = undefined
      }, hiddenMs)
    } else if (!source) listen()
  })
}
