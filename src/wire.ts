/** Puts the parts together: what the command line and the library both need, and neither face may import. */

import { type Instant, toMs } from './domain/instant.ts'
import type { StormRules } from './domain/storm.ts'
import type { Notifier } from './notifier.ts'
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

async function notifierOf({ root, env, now, elapsedMs }: WiringOptions): Promise<Notifier> {
  const { createNotifier } = await import('./notifier.ts')
  return createNotifier({ root, env, elapsedMs, nowMs: () => toMs(now()) })
}

/** What a worker does with the channels of the configuration, which is read when it is asked for. */
export function channelsOf(options: WiringOptions): ChannelDoor {
  const { database, now } = options
  const notifier = () => notifierOf(options)
  return {
    findChannel: async (name) => (await notifier()).channel(name),
    listChannels: async () => Object.values((await notifier()).config.channels),
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

/** A worker that is made when a check is asked for: other commands never load it. */
export function lazyWorker(options: WiringOptions): WorkerDoor {
  let made: Promise<StayingWorker> | undefined
  return {
    async checkItem(itemId, how) {
      made ??= createWorkerOf(options)
      return (await made).worker.checkItem(itemId, how)
    },
    async checkDue(how) {
      // A configuration that can't be read is told before anything runs.
      const { config, send } = await notifierOf(options)
      const { spawner, database, now } = options
      const pass = await createWorkerOf(options, { storm: config.storm, ...(spawner ? { spawner } : {}) })
      const runs = await pass.worker.checkDue(how).finally(pass.close)
      // Whoever runs checks from cron has nobody else who tells of them.
      const { deliver } = await import('./worker/keeper.ts')
      await deliver({ database, config, now, send, pause, signal: new AbortController().signal }, true)
      return runs
    },
  }
}
