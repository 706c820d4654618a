/**
 * The monitor as a process, against a bare server: what a check costs, how late it is, what is written; how runs are
 * spread after a start and a freeze; and how several workers share one PostgreSQL.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sql from 'sql-template-tag'
import { slotAfter, slotMs } from '../src/domain/grid.ts'
import { toInstant } from '../src/domain/instant.ts'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/open.ts'
import type { Bench, Figure } from './figure.ts'
import { type Arrival, liveItems, quantile, sleep, startMonitor, startTarget } from './watched.ts'

const jitter = 0.1

interface Load {
  checks: number
  intervalMs: number
  forMs: number
}

export const benchMonitor: Bench = async ({ smoke }) => {
  const small: Load = smoke
    ? { checks: 100, intervalMs: 5_000, forMs: 12_000 }
    : { checks: 500, intervalMs: 20_000, forMs: 180_000 }
  const figures = [...(await steady(small, ['--keep-alive'])), ...(await steady(small, []))]
  if (!smoke)
    figures.push(...(await steady({ checks: 10_000, intervalMs: 60_000, forMs: 180_000 }, ['--keep-alive'])))
  figures.push(
    ...(await restarted(smoke ? { ...small, forMs: 0 } : { checks: 2000, intervalMs: 20_000, forMs: 0 })),
  )
  return figures
}

async function withPipeline<T>(load: Load, port: number, work: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-bench-'))
  const url = join(folder, 'pipeline.db')
  try {
    const database = await openDatabase(url, { now: toInstant(Date.now()) })
    await liveItems(database, load.checks, (n) => ({
      type: 'http',
      url: `http://127.0.0.1:${port}/${n}`,
      frequency: `${load.intervalMs / 1000}s`,
    }))
    await database.close()
    return await work(url)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** After three intervals: runs of the start are spread over the first, and up to one and a half later they are on the grid. */
async function steady(load: Load, flags: string[]): Promise<Figure[]> {
  const { checks, intervalMs, forMs } = load
  const target = await startTarget(0, flags.includes('--keep-alive') ? 'kept' : 'fresh')
  try {
    return await withPipeline(load, target.port, async (url) => {
      const monitor = startMonitor(url, flags)
      await sleep(3 * intervalMs)
      await target.seen()
      const [cpuMs, bytes, fromMs] = [monitor.cpuMs(), monitor.writtenBytes(), Date.now()]
      await sleep(forMs)
      const [usedMs, written, untilMs] = [monitor.cpuMs() - cpuMs, monitor.writtenBytes() - bytes, Date.now()]
      const arrivals = await target.seen()
      const peakMb = monitor.peakMb()
      await monitor.stop()
      const lags = arrivals.map((arrival) => lagMs(arrival, intervalMs))
      const wanted = slotsBetween(checks, intervalMs, fromMs + 1000, untilMs - 2000)
      const came = new Set(arrivals.map((arrival) => `${arrival.itemId}.${slotOf(arrival, intervalMs)}`))
      const missed = wanted.filter((slot) => !came.has(slot)).length
      const big = checks >= 5000
      const kept = flags.includes('--keep-alive')
      const name = `${checks} checks at ${intervalMs / 1000}s${kept ? '' : ', fresh'}`
      const runs = arrivals.length
      const lagGoal = { goal: big ? 1000 : 100, direction: 'at most' } as const
      return [
        { name: `${name}: runs`, value: runs, unit: '', broken: runs < (0.9 * checks * forMs) / intervalMs },
        { name: `${name}: missed`, value: missed, unit: '', goal: 0, direction: 'at most' },
        {
          name: `${name}: CPU a check`,
          value: usedMs / runs,
          unit: 'ms',
          ...(big ? {} : { goal: kept ? 1.5 : 2.5, direction: 'at most' as const }),
        },
        { name: `${name}: lag p50`, value: quantile(lags, 0.5), unit: 'ms' },
        { name: `${name}: lag p99`, value: quantile(lags, 0.99), unit: 'ms', ...lagGoal },
        {
          name: `${name}: lag max`,
          value: Math.max(...lags),
          unit: 'ms',
          ...(big ? {} : { goal: 500, direction: 'at most' as const }),
        },
        {
          name: `${name}: memory`,
          value: peakMb,
          unit: 'MB',
          ...(big ? {} : { goal: 120, direction: 'at most' as const }),
        },
        {
          name: `${name}: written a check`,
          value: written / runs / 1024,
          unit: 'KB',
          ...(big ? {} : { goal: 4, direction: 'at most' as const }),
        },
      ]
    })
  } finally {
    target.close()
  }
}

const gridOf = (itemId: number, intervalMs: number) => ({ itemId, intervalMs, jitter })

/** Timers and clocks round: what arrives so little before its instant is on time, in milliseconds. */
const roundingMs = 5

/** The slot that a request belongs to: the last one that was due. */
function slotOf({ itemId, atMs }: Arrival, intervalMs: number): number {
  const grid = gridOf(itemId, intervalMs)
  return slotAfter(grid, atMs + roundingMs) - 1
}

const lagMs = (arrival: Arrival, intervalMs: number): number =>
  Math.max(0, arrival.atMs - slotMs(gridOf(arrival.itemId, intervalMs), slotOf(arrival, intervalMs)))

function slotsBetween(checks: number, intervalMs: number, fromMs: number, untilMs: number): string[] {
  const slots: string[] = []
  for (let itemId = 1; itemId <= checks; itemId++) {
    const grid = gridOf(itemId, intervalMs)
    for (let slot = slotAfter(grid, fromMs); slotMs(grid, slot) < untilMs; slot++)
      slots.push(`${itemId}.${slot}`)
  }
  return slots
}

/** All due at a start; then frozen for a minute. */
async function restarted(load: Load): Promise<Figure[]> {
  const { checks, intervalMs } = load
  const target = await startTarget()
  try {
    return await withPipeline(load, target.port, async (url) => {
      const startedMs = Date.now()
      const monitor = startMonitor(url, ['--keep-alive'])
      await sleep(intervalMs + 3000)
      const first = await target.seen()
      const firstMs = new Map(first.toReversed().map(({ itemId, atMs }) => [itemId, atMs - startedMs]))
      await sleep(intervalMs)
      monitor.child.kill('SIGSTOP')
      const freezeMs = intervalMs >= 20_000 ? 60_000 : 15_000
      await sleep(freezeMs)
      await target.seen()
      monitor.child.kill('SIGCONT')
      await sleep(intervalMs + 5000)
      const after = await target.seen()
      await monitor.stop()
      const database = await openDatabase(url, { now: toInstant(Date.now()) })
      const gaps = await unknownGaps(database)
      await database.close()
      const mean = checks / (intervalMs / 1000)
      const name = `${checks} checks at ${intervalMs / 1000}s`
      return [
        {
          name: `${name}, start: last first run`,
          value: Math.max(...firstMs.values()) / intervalMs,
          unit: 'intervals',
          goal: 1.1,
          direction: 'at most',
          note: 'with the start of the process',
          broken: firstMs.size < checks,
        },
        {
          name: `${name}, start: busiest second`,
          value: busiest(first) / mean,
          unit: '× mean',
          goal: 2,
          direction: 'at most',
        },
        {
          name: `${name}, freeze: busiest second`,
          value: busiest(after) / mean,
          unit: '× mean',
          goal: 2,
          direction: 'at most',
        },
        {
          name: `${name}, freeze: told unknown`,
          value: gaps / checks,
          unit: 'of them',
          goal: 0.99,
          direction: 'at least',
        },
      ]
    })
  } finally {
    target.close()
  }
}

function busiest(arrivals: readonly Arrival[]): number {
  const seconds = new Map<number, number>()
  for (const { atMs } of arrivals) {
    const second = Math.floor(atMs / 1000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  return Math.max(0, ...seconds.values())
}

async function unknownGaps(database: Database): Promise<number> {
  const row = await database.read((q) =>
    q.get<{ n: number }>(
      sql`SELECT count(DISTINCT item_id) AS n FROM pipeline_states WHERE state = 'unknown'`,
    ),
  )
  return Number(row?.n ?? 0)
}
