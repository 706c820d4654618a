/** Runs as a chart draws them: how wide its steps are, and what comes together in one. Pure; times in milliseconds. */

import type { RunResult } from './observation.ts'
import type { StateTimes } from './uptime.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Widths that people read: each a multiple of one before, so that hours and days are never cut. */
const widths = [
  ...[1, 2, 5, 10, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 30].map((n) => n * minute),
  ...[1, 2, 6, 12].map((n) => n * hour),
  ...Array.from({ length: 22 }, (_, n) => 2 ** n * day),
]

/** The narrowest width at which a range takes at most `points` steps (and one more where it begins inside one). */
export const widthOf = (rangeMs: number, points: number): number =>
  widths.find((width) => rangeMs <= width * points) ?? widths.at(-1)!

/** Half-open. */
export interface Bucket {
  fromMs: number
  toMs: number
  runs: number
  failed: number
  /** All runs together. */
  durationMs: number
  /** Null where only sums are known. */
  shortestMs: number | null
  longestMs: number
  worst: RunResult
}

/** The worst first. */
const ranks: readonly RunResult[] = ['down', 'degraded', 'unknown', 'maintenance', 'up']

export const worseOf = (a: RunResult, b: RunResult): RunResult =>
  ranks.indexOf(a) <= ranks.indexOf(b) ? a : b

/** What the state times of an hour or a day say was worst. */
export function worstOf(times: Omit<StateTimes, 'unknownMs'>, failed: number): RunResult {
  if (failed > 0 || times.downMs > 0) return 'down'
  if (times.degradedMs > 0) return 'degraded'
  if (times.maintenanceMs > 0) return 'maintenance'
  return times.upMs > 0 ? 'up' : 'unknown'
}

/**
 * Brings buckets to a width; what is wider stays as it is. In order of time, none empty.
 * @param buckets  each within one step of the grid, or wider than one
 */
export function inBuckets(buckets: readonly Bucket[], widthMs: number): Bucket[] {
  const found = new Map<string, Bucket>()
  for (const bucket of buckets) {
    if (bucket.runs === 0) continue
    const placed =
      bucket.toMs - bucket.fromMs < widthMs ? { ...bucket, ...stepAt(bucket.fromMs, widthMs) } : bucket
    const key = `${placed.fromMs}-${placed.toMs}`
    const before = found.get(key)
    found.set(key, before ? together(before, placed) : placed)
  }
  return [...found.values()].sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
}

const stepAt = (ms: number, widthMs: number): Pick<Bucket, 'fromMs' | 'toMs'> => {
  const fromMs = Math.floor(ms / widthMs) * widthMs
  return { fromMs, toMs: fromMs + widthMs }
}

const together = (a: Bucket, b: Bucket): Bucket => ({
  fromMs: a.fromMs,
  toMs: a.toMs,
  runs: a.runs + b.runs,
  failed: a.failed + b.failed,
  durationMs: a.durationMs + b.durationMs,
  shortestMs: a.shortestMs === null || b.shortestMs === null ? null : Math.min(a.shortestMs, b.shortestMs),
  longestMs: Math.max(a.longestMs, b.longestMs),
  worst: worseOf(a.worst, b.worst),
})
