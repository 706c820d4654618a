/**
 * What others change, as the server tells it. Of all pages that this browser has open one holds the connection and
 * passes on what it hears, since a browser allows few connections to one server; when it goes, another one takes over.
 */

import { signal } from '@preact/signals'
import { base, type Out } from './api.ts'

export type Entry = Out<'activity.list'>['entries'][number]

/** What is told: entries of the log, checks that ran, or that too much was missed to tell. */
export type News =
  | { kind: 'activity'; entries: Entry[] }
  | { kind: 'health'; itemIds: number[] | null }
  | { kind: 'reset' }

type Link = 'starting' | 'open' | 'lost'

/** `lost`: the server has not answered for a moment; what is shown may be old. */
export const link = signal<Link>('starting')

/** Between the pages of a browser; `hello` asks the one that holds the connection how it is. */
type Passed = { news: News; place: string } | { link: Link } | { hello: true }

const name = 'throughline.events'
const bus = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : undefined
const listeners = new Set<(news: News) => void>()
let source: EventSource | undefined
/** Where in the log all that was told ends. */
let place = ''
let begun = false
let failures = 0

export function onNews(listener: (news: News) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function say(news: News): void {
  for (const listener of listeners) listener(news)
}

function tell(news: News): void {
  bus?.postMessage({ news, place } satisfies Passed)
  say(news)
}

function turn(to: Link): void {
  const was = link.value
  link.value = to
  if (source) bus?.postMessage({ link: to } satisfies Passed)
  // What was told while nobody listened is not known.
  if (to === 'open' && was === 'lost') say({ kind: 'reset' })
}

if (bus)
  bus.onmessage = ({ data }: MessageEvent<Passed>) => {
    if ('hello' in data) {
      if (source) bus.postMessage({ link: link.value } satisfies Passed)
    } else if (source) return
    else if ('link' in data) turn(data.link)
    else {
      place = data.place
      say(data.news)
    }
  }

/**
 * Listens from now on; once is enough.
 * @param since the highest id of the activity that is shown already; without one, all is asked for when it stands
 */
export function listen(since?: number): void {
  if (begun) return
  begun = true
  if (since !== undefined) place = String(since)
  if (!bus || !navigator.locks) connect(since === undefined)
  else
    void navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await hold(since === undefined)
      else void follow()
    })
}

/** Another page has it. What it passed on while this one was loaded is not known, so all is asked for once. */
async function follow(): Promise<void> {
  bus!.postMessage({ hello: true } satisfies Passed)
  say({ kind: 'reset' })
  await navigator.locks.request(name, () => hold(false))
}

let letGo: (() => void) | undefined

/** Resolves when this page lets go of the connection. */
function hold(isFresh: boolean): Promise<void> {
  connect(isFresh)
  return new Promise((resolve) => {
    letGo = resolve
  })
}

const againMs = [500, 1_000, 2_000, 5_000]

function connect(isFresh: boolean): void {
  source = new EventSource(`${base}/events${place === '' ? '' : `?since=${encodeURIComponent(place)}`}`)
  let fresh = isFresh
  const on = (kind: string, heard: (data: string) => void): void =>
    source!.addEventListener(kind, ({ data, lastEventId }) => {
      if (lastEventId !== '') place = lastEventId
      heard(data)
    })
  on('ready', () => {
    turn('open')
    failures = 0
    if (fresh) tell({ kind: 'reset' })
    fresh = false
  })
  on('activity', (data) => tell({ kind: 'activity', entries: JSON.parse(data).entries }))
  on('health', (data) => tell({ kind: 'health', itemIds: JSON.parse(data).itemIds }))
  on('reset', () => tell({ kind: 'reset' }))
  source.addEventListener('error', () => {
    turn('lost')
    // The browser tries again by itself, unless the answer was none of this kind.
    if (source?.readyState !== EventSource.CLOSED) return
    const waitMs = againMs[Math.min(failures, againMs.length - 1)]!
    failures += 1
    setTimeout(() => source && connect(false), waitMs)
  })
}

/** A page that is left in the background for long lets go, and catches up when it is looked at. */
const hiddenMs = 10 * 60_000
let leaving: ReturnType<typeof setTimeout> | undefined

export function mindVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving)
    if (document.hidden) leaving = setTimeout(leave, hiddenMs)
    else if (begun && !source && !letGo && link.value === 'lost') again()
  })
}

function leave(): void {
  if (!source) return
  source.close()
  source = undefined
  link.value = 'lost'
  letGo?.()
  letGo = undefined
}

function again(): void {
  begun = false
  listen()
}
