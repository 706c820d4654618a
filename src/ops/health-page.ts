/** One page of `health`. A few statements, however many items. Loaded when it is asked for. */

import { type Instant, toInstant, toMs } from '../domain/instant.ts'
import { uptimeOf } from '../domain/uptime.ts'
import { dayMs } from '../domain/uptime-pieces.ts'
import type { Queries } from '../store/database.ts'
import { lastLookMs, liveItems } from '../store/live.ts'
import { listWorkers } from '../store/workers.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { HealthDays } from './health-days.ts'
import {
  isDown,
  isHere,
  isNobodyWatching,
  type ShownState,
  type Standing,
  standingOf,
} from './health-standing.ts'
import type { HealthEntry, HealthPage } from './health-text.ts'
import { cellsOf, lastHours, timesOf, watchedOf } from './uptime-of.ts'

interface Wanted {
  down?: boolean | undefined
  days?: boolean | undefined
  projectId: number | undefined
  limit: number
  cursor?: string | undefined
  now: Instant
  warn(text: string): void
}

const hoursShown = 24
const list = 'health'

export async function healthPage(q: Queries, wanted: Wanted): Promise<HealthPage> {
  const nowMs = toMs(wanted.now)
  const standings: Standing[] = []
  for (const item of await liveItems(q, wanted.projectId)) standings.push(await standingOf(item, nowMs))
  const workers = await listWorkers(q)
  if (isNobodyWatching(standings, workers, nowMs))
    wanted.warn('nobody is watching: start pipeline serve or pipeline monitor')
  const { page, next } = paged(wanted.down ? standings.filter(isDown) : standings, wanted)
  const seen = await lastLookMs(q)
  return {
    counts: countsOf(standings),
    flapping: standings.filter((each) => each.flapping).length,
    notWatched: standings.filter((each) => each.notWatchedMs !== null).length,
    workers: workers.filter((worker) => isHere(worker, nowMs)).length,
    lastPassAt: seen === undefined ? null : toInstant(seen),
    onlyDown: wanted.down ?? false,
    ...(await entries(q, page, wanted.days ?? false, nowMs)),
    nextCursor: next,
  }
}

/** The worst first. */
function rankOf(standing: Standing): number {
  if (standing.state === 'down') return 0
  if (isDown(standing)) return 1
  return ranks[standing.state] - (standing.flapping && standing.state === 'up' ? 3 : 0)
}

const ranks: Record<ShownState, number> = {
  down: 0,
  degraded: 2,
  unknown: 3,
  // 4: up, flapping
  maintenance: 5,
  paused: 6,
  up: 7,
  off: 8,
  'no-check': 9,
}

type Key = [rank: number, priority: number, id: number]

const keyOf = (standing: Standing): Key => [
  rankOf(standing),
  Math.min(4, Math.max(1, Math.trunc(Number(standing.item.priority)) || 2)),
  standing.item.id,
]

const compare = (a: Key, b: Key): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

/** @throws TrackerError `invalid` for a cursor of another list */
function paged(
  standings: readonly Standing[],
  { limit, cursor }: Wanted,
): { page: Standing[]; next: string | null } {
  const after =
    cursor === undefined ? undefined : (readCursor(list, ['number', 'number', 'number'], cursor) as Key)
  const rest = standings
    .map((standing) => ({ standing, key: keyOf(standing) }))
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key))
  const page = rest.slice(0, limit)
  const next = rest.length > limit ? writeCursor(list, page.at(-1)!.key) : null
  return { page: page.map(({ standing }) => standing), next }
}

function countsOf(standings: readonly Standing[]): HealthPage['counts'] {
  const counts = Object.fromEntries(Object.keys(ranks).map((state) => [state, 0])) as HealthPage['counts']
  for (const { state } of standings) counts[state] += 1
  return counts
}

async function entries(
  q: Queries,
  page: readonly Standing[],
  withDays: boolean,
  nowMs: number,
): Promise<Pick<HealthPage, 'items' | 'firstDay'>> {
  const live = page.map(({ item }) => ({ ...item, isLive: true }))
  const watched = await watchedOf(q, live, nowMs)
  const timed = await timesOf(
    q,
    watched.map((of) => ({ of, fromMs: nowMs - 30 * dayMs, toMs: nowMs })),
    { tallies: false },
  )
  const hours = await cellsOf(q, watched, 'hour', lastHours(hoursShown, nowMs), nowMs)
  const more = withDays ? await import('./health-days.ts') : undefined
  const days = await more?.healthDays(q, page, watched, nowMs)
  const items = page.map((standing, n) => {
    const { ratio: uptime, coverage } = uptimeOf(timed[n]!.times)
    return { ...factsOf(standing), uptime, coverage, hours: hours[n]!, ...days?.[n] }
  })
  return { items, ...(more ? { firstDay: more.firstDay(nowMs) } : {}) }
}

function factsOf({
  item,
  state,
  flapping,
  notWatchedMs,
}: Standing): Omit<HealthEntry, 'uptime' | 'coverage' | 'hours' | keyof HealthDays> {
  const check = item.healthCheck === null ? undefined : item.check
  return {
    id: item.id,
    title: item.title,
    state,
    lastState: check?.state.state ?? null,
    since: instantOf(check?.state.sinceMs),
    flapping,
    notWatchedSince: instantOf(notWatchedMs),
    lastRunAt: instantOf(check?.lastRunMs),
    nextRunAt: instantOf(check?.nextRunMs),
    summary: check?.lastSummary ?? null,
  }
}

const instantOf = (ms: number | null | undefined): Instant | null =>
  ms === null || ms === undefined ? null : toInstant(ms)
