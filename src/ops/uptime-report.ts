/** What `uptime` says of one item. Loaded when it is asked for. */

import { type Instant, toInstant, toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { budgetOf, burnRate, type StateTimes, uptimeOf } from '../domain/uptime.ts'
import { dayMs, hourMs } from '../domain/uptime-pieces.ts'
import type { CheckRow } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import { planOrUndefined } from './check-life.ts'
import { cellsOf, lastDays, lastHours, type Timed, timesOf, type Watched, watchedOf } from './uptime-of.ts'
import type { UptimeReport } from './uptime-text.ts'

const windows = [
  ['24h', dayMs],
  ['7d', 7 * dayMs],
  ['30d', 30 * dayMs],
  ['90d', 90 * dayMs],
] as const
const daysShown = 90
const hoursShown = 24

export async function uptimeReport(
  q: Queries,
  item: Item,
  check: CheckRow | undefined,
  now: Instant,
): Promise<UptimeReport> {
  const nowMs = toMs(now)
  const of = await watched(q, item, check, nowMs)
  const plan = item.healthCheck === null ? undefined : await planOrUndefined(item.healthCheck)
  const slo = plan?.slo ?? null
  const lengths = [...windows.map(([, ms]) => ms), ...(slo ? [slo.windowMs, hourMs] : [])]
  const timed = await timesOf(
    q,
    lengths.map((ms) => ({ of, fromMs: nowMs - ms, toMs: nowMs })),
  )
  const objective = slo && {
    target: slo.target,
    windowMs: slo.windowMs,
    ...budgetOf(timed[windows.length]!.times, slo.windowMs, slo.target),
    coverage: uptimeOf(timed[windows.length]!.times).coverage,
    burnRateHour: burnRate(timed[windows.length + 1]!.times, slo.target),
    burnRateDay: burnRate(timed[0]!.times, slo.target),
  }
  return {
    itemId: item.id,
    title: item.title,
    live: item.stage === 'live',
    hasCheck: item.healthCheck !== null,
    windows: windows.map(([window], n) => ({ window, ...figuresOf(timed[n]!) })),
    slo: objective,
    days: await days(q, of, nowMs),
    hours: await hours(q, of, nowMs),
  }
}

async function watched(
  q: Queries,
  { id, stage, healthCheck }: Pick<Item, 'id' | 'stage' | 'healthCheck'>,
  check: CheckRow | undefined,
  nowMs: number,
): Promise<Watched> {
  const [of] = await watchedOf(q, [{ id, check, healthCheck, isLive: stage === 'live' }], nowMs)
  return of!
}

const figuresOf = ({ times, tally }: Timed) => ({
  ...uptimeOf(times),
  ...times,
  runs: tally.runs,
  failed: tally.failed,
  meanDurationMs: tally.runs === 0 ? null : Math.round(tally.durationMs / tally.runs),
  longestDurationMs: tally.runs === 0 ? null : tally.longestMs,
})

async function days(q: Queries, of: Watched, nowMs: number): Promise<({ date: string } & StateTimes)[]> {
  const first = lastDays(daysShown, nowMs)
  const [times] = await cellsOf(q, [of], 'day', first, nowMs)
  return times!.map((each, n) => ({ date: toInstant((first + n) * dayMs).slice(0, 10), ...each }))
}

async function hours(q: Queries, of: Watched, nowMs: number): Promise<({ at: Instant } & StateTimes)[]> {
  const first = lastHours(hoursShown, nowMs)
  const [times] = await cellsOf(q, [of], 'hour', first, nowMs)
  return times!.map((each, n) => ({ at: toInstant((first + n) * hourMs), ...each }))
}

/** For `show`: the last 24 hours and 30 days, as shares. */
export async function uptimeInBrief(
  q: Queries,
  item: Pick<Item, 'id' | 'stage' | 'healthCheck'>,
  check: CheckRow | undefined,
  now: Instant,
): Promise<{ day: number | null; month: number | null; coverage: number | null }> {
  const nowMs = toMs(now)
  const of = await watched(q, item, check, nowMs)
  const [day, month] = await timesOf(
    q,
    [dayMs, 30 * dayMs].map((ms) => ({ of, fromMs: nowMs - ms, toMs: nowMs })),
  )
  const { ratio, coverage } = uptimeOf(month!.times)
  return { day: rounded(uptimeOf(day!.times).ratio), month: rounded(ratio), coverage: rounded(coverage) }
}

/** So that an answer stays the same for a while. */
const rounded = (ratio: number | null): number | null =>
  ratio === null ? null : Math.floor(ratio * 100_000) / 100_000
