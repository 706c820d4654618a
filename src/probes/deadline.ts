/** When an attempt is ended from outside: its time is over, or the worker stops. */

import type { Fault } from '../domain/observation.ts'

export type Cut = 'timeout' | 'stopped'

/** What setTimeout can hold; more would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

export const stopped: Fault = {
  code: 'stopped',
  message: 'the worker stopped during the check',
  of: 'runner',
}

/**
 * Calls `onCut` at most once.
 * @returns  ends the watch
 */
export function watchDeadline(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  onCut: (cut: Cut) => void,
): () => void {
  let over = false
  const cut = (why: Cut) => {
    if (over) return
    cancel()
    onCut(why)
  }
  const stop = () => cut('stopped')
  // a blocked event loop runs timers before the events that came in meanwhile: let those go first
  const timer = setTimeout(() => setImmediate(cut, 'timeout'), Math.min(timeoutMs, MAX_TIMEOUT_MS))
  const cancel = () => {
    over = true
    clearTimeout(timer)
    endStop()
  }
  const endStop = signal ? onAbort(signal, stop) : () => {}
  if (signal?.aborted) stop()
  return cancel
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** One listener for all attempts of a worker: hundreds are slow to remove, and Node warns of them as a leak. */
function onAbort(signal: AbortSignal, stop: () => void): () => void {
  let stops = waiting.get(signal)
  if (stops === undefined) {
    const all = new Set<() => void>()
    const stopAll = () => {
      for (const each of [...all]) each()
    }
    signal.addEventListener('abort', stopAll, { once: true })
    waiting.set(signal, all)
    stops = all
  }
  stops.add(stop)
  return () => stops.delete(stop)
}
