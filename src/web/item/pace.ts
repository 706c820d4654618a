/** Asking anew for what others changed: soon after the first change, once for a burst, not while nobody looks. */

export interface Pace {
  /** Something changed. */
  note(): void
  stop(): void
}

const gatherMs = 100
const restMs = 1_000

/** Of the page's own time, for pauses alone. */
const pageMs = (): number => document.timeline.currentTime as number

/** @param ask one after the other, never two at once; what fails is asked for again with the next change */
export function startPace(ask: () => Promise<unknown>): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  let busy = false
  let lastMs = Number.NEGATIVE_INFINITY
  const plan = (): void => {
    clearTimeout(timer)
    timer = setTimeout(run, Math.max(gatherMs, restMs - (pageMs() - lastMs)))
  }
  const run = async (): Promise<void> => {
    if (document.hidden || busy) return
    busy = true
    wanted = false
    lastMs = pageMs()
    await ask().catch(() => undefined)
    busy = false
    if (wanted) plan()
  }
  const look = (): void => {
    if (!document.hidden && wanted) plan()
  }
  document.addEventListener('visibilitychange', look)
  return {
    note() {
      const first = !wanted
      wanted = true
      if (first && !busy) plan()
    },
    stop() {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
    },
  }
}
