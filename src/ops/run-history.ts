/** What `runs` says of one item. Loaded when it is asked for. */

import { type Instant, instantOr, toInstant, toMs } from '../domain/instant.ts'
import { type Item, type Severity, severities } from '../domain/item.ts'
import { type Bucket, inBuckets, widthOf, worstOf } from '../domain/run-series.ts'
import { dayMs, hourMs } from '../domain/uptime-pieces.ts'
import { TrackerError } from '../errors.ts'
import { findChecks } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import {
  countRuns,
  incidentsBetween,
  type Kept,
  keptOf,
  type RunRange,
  runBuckets,
  runsBetween,
} from '../store/run-history.ts'
import { listSums, type Sum, type Unit, unitMs } from '../store/states.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { kept } from './roll-up.ts'
import type { RunHistory } from './run-list-text.ts'
import { instantAhead, sinceInstant } from './since.ts'

export interface WantedRuns {
  since: string
  until?: string | undefined
  points?: number | undefined
  oldest?: boolean | undefined
  limit: number
  cursor?: string | undefined
}

const incidentsMax = 200

export async function runHistory(
  q: Queries,
  item: Item,
  wanted: WantedRuns,
  now: Instant,
): Promise<RunHistory> {
  const range = rangeOf(item.id, wanted, now)
  const rolledMs = (await findChecks(q, [item.id])).get(item.id)?.rolledMs ?? null
  const cuts = cutsOf(await keptOf(q, item.id), rolledMs)
  const single = { ...range, fromMs: Math.max(range.fromMs, cuts.runMs) }
  const sums = [
    ...(await sumsOf(q, range, 'day', 0, cuts.hourMs)),
    ...(await sumsOf(q, range, 'hour', cuts.hourMs, cuts.runMs)),
  ]
  const count = single.fromMs < single.toMs ? await countRuns(q, single) : 0
  const total = count + sums.reduce((sum, bucket) => sum + bucket.runs, 0)
  const isWhole = total === count && (wanted.points === undefined || count <= wanted.points)
  const series =
    wanted.points === undefined
      ? await onePage(q, range, wanted)
      : isWhole
        ? await allOf(q, range, wanted.points)
        : await inSteps(q, single, sums, widthOf(range.toMs - 1 - range.fromMs, wanted.points))
  return {
    itemId: item.id,
    title: item.title,
    from: toInstant(range.fromMs),
    to: wanted.until === undefined ? now : toInstant(range.toMs),
    total,
    rawFrom: Number.isFinite(cuts.runMs) ? instantOr(cuts.runMs) : null,
    ...series,
    incidents: await incidents(q, range),
  }
}

/** @throws TrackerError `invalid` where it ends before it begins */
function rangeOf(itemId: number, { since, until }: WantedRuns, now: Instant): RunRange {
  const fromMs = Math.max(0, toMs(sinceInstant(since, now)))
  // What begins at this very instant has begun.
  const untilMs = until === undefined ? toMs(now) + 1 : toMs(untilInstant(until, now))
  if (untilMs > fromMs) return { itemId, fromMs, toMs: untilMs }
  const message = 'until must be later than since'
  throw new TrackerError('invalid', message, {
    hint: 'say both as instants, or as ages: since 7d, until 1d',
    failures: [{ field: 'until', message }],
  })
}

/** An age lies behind, as with `since`. */
const untilInstant = (text: string, now: Instant): Instant =>
  text === 'now' ? instantAhead(text, now) : sinceInstant(text, now)

/** Where single runs begin, and hours; before are days. */
interface Cuts {
  runMs: number
  hourMs: number
}

/** Of the first hour of single runs some may be gone: where it is summed up, the sum counts. */
function cutsOf({ runMs, hour }: Kept, rolledMs: number | null): Cuts {
  const first = runMs === null ? Number.POSITIVE_INFINITY : Math.floor(runMs / hourMs)
  const isSummed = hour !== null && hour < first && rolledMs !== null && (first + 1) * hourMs <= rolledMs
  const runFromMs = (first + (isSummed ? 1 : 0)) * hourMs
  if (hour === null || rolledMs === null) return { runMs: runFromMs, hourMs: runFromMs }
  const isPruned = rolledMs / hourMs - hour >= kept.hours - 1
  const hourFromMs = isPruned ? Math.ceil((hour * hourMs) / dayMs) * dayMs : hour * hourMs
  return { runMs: runFromMs, hourMs: Math.min(hourFromMs, runFromMs) }
}

/** Sums of the range between two cuts; that in which the range begins, too. */
async function sumsOf(
  q: Queries,
  { itemId, fromMs, toMs: endMs }: RunRange,
  unit: Unit,
  firstMs: number,
  cutMs: number,
): Promise<Bucket[]> {
  const ms = unitMs[unit]
  const from = Math.floor(Math.max(fromMs, firstMs) / ms)
  // A day whose last hours are kept one by one is told by those.
  const to = Math.min(Math.ceil(endMs / ms), Math.floor(cutMs / ms))
  if (from >= to) return []
  const sums = await listSums(q, unit, itemId, from, Math.min(to, Number.MAX_SAFE_INTEGER))
  return sums.filter((sum) => sum.runs > 0).map((sum) => bucketOf(sum, ms))
}

const bucketOf = (sum: Sum, ms: number): Bucket => ({
  fromMs: sum.unit * ms,
  toMs: (sum.unit + 1) * ms,
  runs: sum.runs,
  failed: sum.failed,
  durationMs: sum.durationMs,
  shortestMs: null,
  longestMs: sum.longestMs,
  worst: worstOf(sum, sum.failed),
})

type Series = Pick<RunHistory, 'runs' | 'nextCursor' | 'bucketMs' | 'buckets'>

async function onePage(
  q: Queries,
  range: RunRange,
  { oldest = false, limit, cursor }: WantedRuns,
): Promise<Series> {
  const list = oldest ? 'runs-oldest' : 'runs'
  const [after] = cursor === undefined ? [] : (readCursor(list, ['number'], cursor) as [number])
  const found = await runsBetween(q, range, { oldestFirst: oldest, after, limit: limit + 1 })
  const page = found.slice(0, limit)
  const nextCursor = found.length > limit ? writeCursor(list, [page.at(-1)!.startedMs]) : null
  return { runs: page.map(runOf), nextCursor, bucketMs: null, buckets: [] }
}

async function allOf(q: Queries, range: RunRange, limit: number): Promise<Series> {
  const runs = await runsBetween(q, range, { oldestFirst: true, limit })
  return { runs: runs.map(runOf), nextCursor: null, bucketMs: null, buckets: [] }
}

const runOf = ({
  startedMs,
  ...run
}: Awaited<ReturnType<typeof runsBetween>>[number]): RunHistory['runs'][number] => ({
  at: toInstant(startedMs),
  ...run,
})

async function inSteps(q: Queries, single: RunRange, sums: Bucket[], widthMs: number): Promise<Series> {
  const fine = single.fromMs < single.toMs ? await runBuckets(q, single, widthMs) : []
  const buckets = inBuckets([...sums, ...fine], widthMs)
  return {
    runs: [],
    nextCursor: null,
    bucketMs: widthMs,
    buckets: buckets.map(
      ({ fromMs, toMs: endMs, runs, failed, durationMs, shortestMs, longestMs, worst }) => ({
        from: toInstant(fromMs),
        to: toInstant(endMs),
        runs,
        failed,
        minMs: shortestMs,
        meanMs: Math.round(durationMs / runs),
        maxMs: longestMs,
        worst,
      }),
    ),
  }
}

async function incidents(q: Queries, range: RunRange): Promise<RunHistory['incidents']> {
  const spans = await incidentsBetween(q, range, incidentsMax)
  return spans.map(({ id, title, severity, openedMs, resolvedMs }) => ({
    id,
    title,
    severity: severityOf(severity),
    from: toInstant(openedMs),
    to: resolvedMs === null ? null : instantOr(resolvedMs),
  }))
}

/** One without counts as major. */
const severityOf = (word: string | null): Severity => severities.find((each) => each === word) ?? 'major'
