/** Runs as the lines of a chart: what went well is a line, what did not a mark, what nobody watched a gap. Pure. */

import type { Operations } from '../../ops/index.ts'
import type { OutputOf } from '../../ops/operation.ts'

export type RunHistory = OutputOf<Operations['run.list']>

/** A step of the chart: one run, or many summed up. */
export interface Step {
  fromMs: number
  toMs: number
  runs: number
  failed: number
  lowMs: number | null
  meanMs: number | null
  highMs: number | null
  worst: RunHistory['runs'][number]['result']
}

/** In the order of the chart's data: seconds, and milliseconds of the highest, the lowest and the mean. */
export type ChartData = [at: number[], high: Value[], low: Value[], mean: Value[]]
type Value = number | null

/** A gap is longer than so many of the usual distances. */
const gapTimes = 2.6

export function stepsOf({ runs, buckets, bucketMs }: RunHistory): Step[] {
  if (bucketMs !== null)
    return buckets.map((bucket) => ({
      fromMs: Date.parse(bucket.from),
      toMs: Date.parse(bucket.to),
      runs: bucket.runs,
      failed: bucket.failed,
      // Of runs that all failed there is no response time worth a line.
      ...(bucket.failed === bucket.runs
        ? nothing
        : { lowMs: bucket.minMs, meanMs: bucket.meanMs, highMs: bucket.maxMs }),
      worst: bucket.worst,
    }))
  return runs.map(({ at, result, durationMs }) => {
    const isGood = result === 'up' || result === 'degraded'
    return {
      fromMs: Date.parse(at),
      toMs: Date.parse(at),
      runs: 1,
      failed: result === 'down' ? 1 : 0,
      ...(isGood ? { lowMs: durationMs, meanMs: durationMs, highMs: durationMs } : nothing),
      worst: result,
    }
  })
}

const nothing = { lowMs: null, meanMs: null, highMs: null }

const middle = ({ fromMs, toMs }: Step): number => (fromMs + toMs) / 2

export function chartData(steps: readonly Step[]): ChartData {
  const usualMs = usualDistance(steps)
  const data: ChartData = [[], [], [], []]
  const add = (ms: number, high: Value, low: Value, mean: Value): void => {
    data[0].push(ms / 1000)
    data[1].push(high)
    data[2].push(low)
    data[3].push(mean)
  }
  let before: number | undefined
  for (const step of steps) {
    const at = middle(step)
    if (before !== undefined && usualMs > 0 && at - before > usualMs * gapTimes)
      add((at + before) / 2, null, null, null)
    // Where only sums are known there is a mean and a highest, and no lowest: the band begins at the mean.
    add(at, step.highMs, step.lowMs ?? step.meanMs, step.meanMs)
    before = at
  }
  return data
}

/** The median: a pause or a burst does not change what is usual. */
function usualDistance(steps: readonly Step[]): number {
  const distances = steps.slice(1).map((step, n) => middle(step) - middle(steps[n]!))
  distances.sort((a, b) => a - b)
  return distances[Math.floor(distances.length / 2)] ?? 0
}

/** Where runs failed. */
export const failures = (steps: readonly Step[]): { atMs: number; failed: number }[] =>
  steps.filter(({ failed }) => failed > 0).map((step) => ({ atMs: middle(step), failed: step.failed }))

/** The step that is nearest to an instant. */
export function stepAt(steps: readonly Step[], ms: number): Step | undefined {
  let found: Step | undefined
  for (const step of steps)
    if (!found || Math.abs(middle(step) - ms) < Math.abs(middle(found) - ms)) found = step
  return found
}
