/** What the benchmarks of the monitor share: a target, a pipeline of live items, the monitor as a process. */

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toInstant } from '../src/domain/instant.ts'
import { followItem } from '../src/ops/check-life.ts'
import type { Database } from '../src/store/database.ts'
import { insertItem } from '../src/store/items.ts'
import { root } from './figure.ts'

export interface Target {
  port: number
  /** Item and instant of each request since the last call. */
  seen(): Promise<Arrival[]>
  close(): void
}

export interface Arrival {
  itemId: number
  atMs: number
}

export async function startTarget(delayMs = 0, connections: 'kept' | 'fresh' = 'kept'): Promise<Target> {
  const child = fork(join(root, 'bench', 'target.mjs'), [String(delayMs), connections])
  const next = <T>(): Promise<T> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as T)))
  const { port } = await next<{ port: number }>()
  return {
    port,
    async seen() {
      const answer = next<{ seen: number[] }>()
      child.send('seen')
      const { seen } = await answer
      return Array.from({ length: seen.length / 2 }, (_, n) => ({
        itemId: seen[2 * n]!,
        atMs: seen[2 * n + 1]!,
      }))
    },
    close: () => void child.kill(),
  }
}

/** Live items with a check each, due at once; the check of an item asks for its id. */
export async function liveItems(
  database: Database,
  count: number,
  check: (itemId: number) => Record<string, unknown>,
): Promise<void> {
  const now = toInstant(Date.now())
  const context = {
    now,
    actor: 'human:bench',
    source: null,
    trust: 'local',
    warn: () => {},
    require: () => {},
    newToken: () => Promise.reject(new Error('no token here')),
    permissions: 'all',
    location: database.location,
  } as const
  for (let from = 1; from <= count; from += 1000) {
    await database.write(async (q) => {
      for (let n = from; n < Math.min(from + 1000, count + 1); n++) {
        const item = await insertItem(q, {
          parentId: null,
          projectId: null,
          title: `Watched ${n}`,
          type: 'feature',
          stage: 'live',
          priority: 2,
          description: null,
          spec: null,
          assignee: null,
          severity: null,
          healthCheck: JSON.stringify(check(n)),
          branch: null,
          createdAt: now,
        })
        await followItem({ ...context, q }, undefined, item)
      }
    })
  }
}

export interface MonitorProcess {
  child: ChildProcess
  /** CPU time of the process so far, in milliseconds. */
  cpuMs(): number
  /** Bytes that were handed to the disk. */
  writtenBytes(): number
  /** The most memory it ever held, in MB (10^6). */
  peakMb(): number
  stop(): Promise<void>
}

export function startMonitor(url: string, flags: string[] = []): MonitorProcess {
  const child = spawn(process.execPath, [join(root, 'dist', 'bin.cjs'), '--db', url, 'monitor', ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const proc = (name: string): string => readFileSync(`/proc/${child.pid}/${name}`, 'utf8')
  return {
    child,
    cpuMs() {
      const fields = proc('stat')
        .replace(/^.*\) /, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    writtenBytes: () => Number(/^write_bytes: (\d+)/m.exec(proc('io'))?.[1]),
    peakMb: () => (Number(/^VmHWM:\s+(\d+)/m.exec(proc('status'))?.[1]) * 1024) / 1e6,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
