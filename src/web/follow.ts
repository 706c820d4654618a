/** Something asked of the server that keeps up with what others do. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from './api.ts'
import { listen, type News, onNews } from './events.ts'

/** Milliseconds from news to asking: a burst is one question, and checks run all the time. */
const gatherMs = { activity: 100, health: 3_000, reset: 0 }
/** Between two questions. */
const restMs = 900

export interface Followed<T> {
  /** What was answered last; it stays while the next is asked for. */
  value?: T
  /** Why there is nothing newer. */
  refused?: Refused
  /** What is shown is for another key. */
  isOld: boolean
  again(): void
}

const asRefused = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

/**
 * @param key     by value what is asked for: another one is asked for at once
 * @param load    asks
 */
export function useFollowed<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Followed<T> {
  const [shown, show] = useState<{ key?: string; value?: T; refused?: Refused }>({})
  const latest = useRef(load)
  latest.current = load
  const follower = useRef<{ again(): void } | undefined>(undefined)
  useEffect(() => {
    const following = follow(
      (signal) => latest.current(signal),
      (value) => show({ key, value }),
      (error) => show((old) => ({ ...old, refused: asRefused(error) })),
    )
    follower.current = following
    listen()
    return following.stop
  }, [key])
  const { value, refused } = shown
  return {
    ...(value === undefined ? {} : { value }),
    ...(refused === undefined ? {} : { refused }),
    isOld: shown.key !== key,
    again: () => follower.current?.again(),
  }
}

/** Asks at once, and again whenever something happened; one question at a time. */
function follow<T>(
  load: (signal: AbortSignal) => Promise<T>,
  show: (value: T) => void,
  fail: (error: unknown) => void,
): { again(): void; stop(): void } {
  const ended = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueMs = Number.POSITIVE_INFINITY
  let busy = false
  let lastMs = 0

  const run = async (): Promise<void> => {
    dueMs = Number.POSITIVE_INFINITY
    busy = true
    lastMs = pageMs()
    try {
      const value = await load(ended.signal)
      if (!ended.signal.aborted) show(value)
    } catch (error) {
      if (!ended.signal.aborted && !isAbort(error)) fail(error)
    } finally {
      busy = false
      if (dueMs < Number.POSITIVE_INFINITY) plan(0)
    }
  }
  const plan = (ms: number): void => {
    const wanted = Math.max(pageMs() + ms, lastMs + restMs)
    if (!busy && wanted >= dueMs && timer !== undefined) return
    dueMs = Math.min(dueMs, wanted)
    // What nobody looks at waits until somebody does.
    if (busy || document.hidden || ended.signal.aborted) return
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        timer = undefined
        void run()
      },
      Math.max(0, dueMs - pageMs()),
    )
  }
  const look = (): void => {
    if (!document.hidden && !busy && dueMs < Number.POSITIVE_INFINITY) plan(0)
  }
  const stopNews = onNews((news: News) => plan(gatherMs[news.kind]))
  document.addEventListener('visibilitychange', look)
  void run()
  return {
    again: () => {
      if (!busy) void run()
    },
    stop: () => {
      ended.abort()
      clearTimeout(timer)
      stopNews()
      document.removeEventListener('visibilitychange', look)
    },
  }
}

/** Of the page's own time, for pauses alone. */
const pageMs = (): number => document.timeline.currentTime as number
