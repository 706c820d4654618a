/** Puts the parts together: what the command line and the library both need, and neither face may import. */

import type { Instant } from './domain/instant.ts'
import type { WorkerDoor } from './ops/operation.ts'
import type { Database } from './store/database.ts'
import type { ProbeDoor } from './worker/run-check.ts'
import type { Worker } from './worker/worker.ts'

export interface WiringOptions {
  database: Database
  /** Folder that commands of health checks start from. */
  root: string
  env: Readonly<Record<string, string | undefined>>
  now(): Instant
  /** Monotonic milliseconds. */
  elapsedMs(): number
  /** Who holds leases: unique for this process. */
  owner(): Promise<string> | string
  /** Called once, when a worker is made. */
  signal?: () => AbortSignal
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

/** 192 bits, as characters that need no escape in a URL, a shell or a crontab. */
export async function newToken(): Promise<string> {
  const { randomBytes } = await import('node:crypto')
  return randomBytes(24).toString('base64url')
}

export async function createWorkerOf(options: WiringOptions): Promise<Worker> {
  const [{ createWorker }, { probe }] = await Promise.all([
    import('./worker/worker.ts'),
    import('./probes/index.ts'),
  ])
  const { root, env, elapsedMs, now } = options
  const signal = options.signal?.()
  const door: ProbeDoor = {
    probe,
    context: { root, env, elapsedMs, now, ...(signal ? { signal } : {}) },
    pause,
  }
  return createWorker({ database: options.database, now, owner: await options.owner(), door })
}

/** A worker that is made when a check is asked for: other commands never load it. */
export function lazyWorker(options: WiringOptions): WorkerDoor {
  let made: Promise<Worker> | undefined
  const worker = (): Promise<Worker> => (made ??= createWorkerOf(options))
  return {
    checkItem: async (itemId, how) => (await worker()).checkItem(itemId, how),
    checkDue: async (how) => (await worker()).checkDue(how),
  }
}
