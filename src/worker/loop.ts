/** The monitor: starts what is due, for as long as nobody stops it. Sleeps until something is due, a second at most. */

import { type Instant, toMs } from '../domain/instant.ts'
import type { CheckedItem } from '../ops/operation.ts'
import type { Worker } from './worker.ts'

export interface LoopOptions {
  worker: Worker
  now(): Instant
  /** Resolves after `ms`, or at once when `signal` aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>
  signal: AbortSignal
  onRun?(run: CheckedItem): void
  /** A pass or a run that failed, because the database can't be reached, say. The loop goes on. */
  onError?(error: unknown): void
  /** The first pass that works after one or more that failed. */
  onRecovered?(): void
}

/** Others may schedule something at any moment: looked for this often, in milliseconds. */
const pollMs = 1000
const busyMs = 250
/** Leasing writes, so it waits until something is due; but what the owner's own SQL made live is not known to be. */
const lookMs = 10_000

/** After passes that failed the next one waits twice as long each time, up to this. */
const failedMaxMs = 10_000

/** What is due already and was not started waits for a free place; the rest is woken for in time. */
const waitFor = (untilDueMs: number): number =>
  untilDueMs <= 0 ? busyMs : Math.min(pollMs, Math.max(20, untilDueMs))

/** Resolves when stopped, with everything under way recorded or given back. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { worker, now, pause, signal, onRun, onError } = options
  const pending = new Set<Promise<void>>()
  const follow = (run: Promise<CheckedItem>): void => {
    const done = run
      .then((checked) => onRun?.(checked))
      .catch((error) => onError?.(error))
      .finally(() => pending.delete(done))
    pending.add(done)
  }
  let lookedMs = Number.NEGATIVE_INFINITY
  let failed = 0
  while (!signal.aborted) {
    let waitMs = pollMs
    try {
      const nowMs = toMs(now())
      let dueMs = await worker.nextDueMs()
      if ((dueMs !== undefined && dueMs <= nowMs) || nowMs - lookedMs >= lookMs || nowMs < lookedMs) {
        lookedMs = nowMs
        for (const run of await worker.start()) follow(run)
        dueMs = await worker.nextDueMs()
      }
      if (dueMs !== undefined) waitMs = waitFor(dueMs - toMs(now()))
      if (failed > 0) options.onRecovered?.()
      failed = 0
    } catch (error) {
      waitMs = Math.min(failedMaxMs, pollMs * 2 ** failed++)
      onError?.(error)
    }
    await pause(waitMs, signal)
  }
  await Promise.all(pending)
  try {
    await worker.giveBack()
  } catch (error) {
    onError?.(error)
  }
}
