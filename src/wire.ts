/** Puts the parts together: what the command line and the library both need, and neither face may import. */

import { type Instant, toMs } from './domain/instant.ts'
import type { StormRules } from './domain/storm.ts'
import type { ChannelDoor, Environment, WorkerDoor } from './ops/operation.ts'
import type { ClosableProbe } from './probes/index.ts'
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
  /** For a pass over what is due: what it runs does not outlive it. */
  spawner?: StayingOptions['spawner']
}

/** What a worker that stays may be told, and one for a single command need not. */
export interface StayingOptions {
  /** Only checks with this label are run. */
  runner?: string
  /** Probes at once. */
  concurrency?: number
  /** When many failures are one storm. */
  storm?: StormRules
  /** Connections of http checks are kept open between runs. */
  keepAlive?: boolean
  /** Where programs are run from: a small process beside a large one. */
  spawner?: { path: string; execPath: string }
}

export interface StayingWorker {
  worker: Worker
  /** Lets go of connections and processes. */
  close(): Promise<void>
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

export async function createWorkerOf(
  options: WiringOptions,
  { keepAlive = false, spawner, ...staying }: StayingOptions = {},
): Promise<StayingWorker> {
  const [{ createWorker }, { createProbe }] = await Promise.all([
    import('./worker/worker.ts'),
    import('./probes/index.ts'),
  ])
  const programs = spawner && (await import('./probes/spawner.ts')).createSpawner(spawner)
  const probes: ClosableProbe = createProbe({ keepAlive, ...(programs ? { run: programs.run } : {}) })
  const { root, env, elapsedMs, now } = options
  const signal = options.signal?.()
  const context: ProbeDoor['context'] = { root, env, now, elapsedMs, ...(signal ? { signal } : {}) }
  const door: ProbeDoor = { probe: probes.probe, context, pause }
  const owner = await options.owner()
  return {
    worker: createWorker({ database: options.database, now, owner, door, ...staying }),
    async close() {
      await probes.close()
      await programs?.close()
    },
  }
}

/** What a worker does with the channels of the configuration, which is read when it is asked for. */
export function channelsOf({ root, env, now, elapsedMs, database }: WiringOptions): ChannelDoor {
  const notifier = async () =>
    (await import('./notifier.ts')).createNotifier({ root, env, elapsedMs, nowMs: () => toMs(now()) })
  return {
    findChannel: async (name) => (await notifier()).channel(name),
    async testChannel(name) {
      const { sendTest } = await import('./worker/send-test.ts')
      return sendTest(database, await notifier(), name, now())
    },
    async approveChannel({ actor, ...approval }) {
      const { call } = await import('./ops/operation.ts')
      const { channelApprove } = await import('./ops/notify-approve.ts')
      const who: Environment = { database, now, actor, trust: 'local', permissions: 'all' }
      await call(channelApprove, approval, who)
    },
  }
}

const spawnerOf = ({ spawner }: WiringOptions): Pick<StayingOptions, 'spawner'> =>
  spawner ? { spawner } : {}

/** Whoever runs checks from cron has nobody else who tells of them. */
async function deliveryOf(options: WiringOptions) {
  const { database, now, root, env, elapsedMs } = options
  const [{ createNotifier }, { deliver }] = await Promise.all([
    import('./notifier.ts'),
    import('./worker/keeper.ts'),
  ])
  const notifier = await createNotifier({ root, env, elapsedMs, nowMs: () => toMs(now()) })
  const signal = new AbortController().signal
  return {
    notifier,
    deliver: ({ config, send }: typeof notifier) => deliver({ database, config, now, send, signal }, true),
  }
}

/** A worker that is made when a check is asked for: other commands never load it. */
export function lazyWorker(options: WiringOptions): WorkerDoor {
  let made: Promise<StayingWorker> | undefined
  const worker = async (storm?: StormRules): Promise<Worker> => {
    made ??= createWorkerOf(options, storm ? { storm, ...spawnerOf(options) } : {})
    return (await made).worker
  }
  return {
    checkItem: async (itemId, how) => (await worker()).checkItem(itemId, how),
    async checkDue(how) {
      // A configuration that can't be read is told before anything runs.
      const { notifier, deliver } = await deliveryOf(options)
      const runs = await (await worker(notifier.config.storm)).checkDue(how)
      await (await made)?.close()
      made = undefined
      await deliver(notifier)
      return runs
    },
  }
}
