/** Asking again when others changed something: gathered, so that a burst asks once, and rested, so that it stays cheap. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from './api.ts'
import { listen, type News, onNews } from './events.ts'

/** All in milliseconds. */
const gatherMs = 60
const restMs = 600
/** What takes long to answer is asked for seldom: at most a fifth of the time. */
const restTimes = 4

/** Of the page's own time, for pauses alone. */
const pageMs = (): number => document.timeline.currentTime as number

/**
 * Has `again` called when news is heeded, once at a time, and not while nobody looks.
 * @param listens false where `listen` is called by another
 * @returns ends it
 */
export function follow(
  heeds: (news: News) => boolean,
  again: () => Promise<void>,
  { listens = true } = {},
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWanted = false
  let isBusy = false
  let nextMs = 0
  const plan = (): void => {
    if (isBusy || document.hidden) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), Math.max(gatherMs, nextMs - pageMs()))
  }
  const run = async (): Promise<void> => {
    if (document.hidden) return
    isWanted = false
    isBusy = true
    const beganMs = pageMs()
    await again().catch(() => undefined)
    const tookMs = pageMs() - beganMs
    nextMs = pageMs() + Math.max(restMs, tookMs * restTimes)
    isBusy = false
    if (isWanted) plan()
  }
  const heard = (): void => {
    // What is planned already stays where it is: a steady stream does not put it off.
    if (isWanted) return
    isWanted = true
    plan()
  }
  const stop = onNews((news) => {
    if (heeds(news)) heard()
  })
  const looked = (): void => {
    if (!document.hidden && isWanted) plan()
  }
  document.addEventListener('visibilitychange', looked)
  if (listens) listen()
  return () => {
    stop()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', looked)
  }
}

/** News that may change what is shown of an item. */
export const isAbout = (news: News, id: number): boolean => {
  if (news.kind === 'reset') return true
  if (news.kind === 'health') return news.itemIds?.includes(id) ?? true
  return news.entries.some(({ itemId }) => itemId === id || itemId === null)
}

export interface Asked<T> {
  /** The last answer: it stays while another is asked for. */
  value: T | undefined
  refused: Refused | undefined
  isLoading: boolean
  /** What is shown is the answer for another key. */
  isOld: boolean
  again(): Promise<void>
}

/** Whatever happens to items: what checks see each time is no part of it. */
export const isActivity = (news: News): boolean => news.kind !== 'health'

/**
 * An answer of the server that is kept up with what happens.
 * @param key what is asked for: another one is asked for at once
 */
export function useAsked<T>(
  key: string,
  fetch: (signal: AbortSignal) => Promise<T>,
  heeds: (news: News) => boolean = isActivity,
): Asked<T> {
  const [shown, show] = useState<Pick<Asked<T>, 'value' | 'refused' | 'isLoading'> & { key?: string }>({
    value: undefined,
    refused: undefined,
    isLoading: true,
  })
  const latest = useRef({ fetch, heeds, key })
  latest.current = { fetch, heeds, key }
  const asked = useRef<AbortController | undefined>(undefined)
  const again = async (): Promise<void> => {
    asked.current?.abort()
    const mine = new AbortController()
    asked.current = mine
    try {
      const value = await latest.current.fetch(mine.signal)
      if (!mine.signal.aborted) show({ value, refused: undefined, isLoading: false, key: latest.current.key })
    } catch (error) {
      if (mine.signal.aborted) return
      const refused = refusalOf(error)
      show((before) => ({ ...before, refused, isLoading: false }))
    }
  }
  useEffect(() => {
    show((before) => ({ ...before, isLoading: true }))
    void again()
    return () => asked.current?.abort()
  }, [key])
  useEffect(() => follow((news) => latest.current.heeds(news), again), [])
  const { key: of, ...rest } = shown
  return { ...rest, isOld: of !== key, again }
}

export const refusalOf = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })
