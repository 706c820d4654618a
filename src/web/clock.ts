/** The one place where the page reads the clock: an instant that every text of an age hangs on. */

import { signal } from '@preact/signals'

const tickMs = 10_000

export const nowMs = (): number => Date.now()

export const now = signal(nowMs())

function tick(): void {
  // Nobody looks: the next look brings it up.
  if (!document.hidden) now.value = nowMs()
  setTimeout(tick, tickMs)
}

export function startClock(): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) now.value = nowMs()
  })
  setTimeout(tick, tickMs)
}
