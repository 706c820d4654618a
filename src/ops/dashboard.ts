/** The dashboard: its numbers, each with what shows the items behind it. Loaded when it is asked for. */

import { byWeek, cycleTimes, type Finished, lastWeeks, meanOf, spreadOf } from '../domain/flow.ts'
import { type Instant, toInstant, toMs } from '../domain/instant.ts'
import { isStage, type Stage, stages } from '../domain/stage.ts'
import { uptimeOf } from '../domain/uptime.ts'
import { dayMs } from '../domain/uptime-pieces.ts'
import { boardCounts } from '../store/board.ts'
import { finishedSince, type IncidentTimes, incidentTimes, type Stay, stays } from '../store/dashboard.ts'
import type { Queries } from '../store/database.ts'
import { liveItems } from '../store/live.ts'
import { listed, needsOf, refsOf } from './dashboard-needs.ts'
import type { Dashboard, ListedSpread, ListInput } from './dashboard-types.ts'
import { type Standing, standingOf } from './health-standing.ts'
import { timesOf, watchedOf } from './uptime-of.ts'

interface Wanted {
  project: string | null
  projectId: number | undefined
  now: Instant
}

const weeksShown = 12
const oldestShown = 10
const worstShown = 5
const uptimeDays = 30
/** What weeks and means look back over. */
const lookBackMs = 90 * dayMs

export async function dashboard(q: Queries, { project, projectId, now }: Wanted): Promise<Dashboard> {
  const nowMs = toMs(now)
  const weeks = lastWeeks(weeksShown, nowMs)
  const since = toInstant(Math.min(weeks[0]!, nowMs - lookBackMs))
  const inStages = await stays(q, projectId)
  const incidents = await incidentTimes(q, projectId, since)
  const standings: Standing[] = []
  for (const item of await liveItems(q, projectId, { onlyWatched: true }))
    standings.push(await standingOf(item, nowMs))
  const finished = await finishedSince(q, projectId, since)
  const within = finished.filter(({ finishedMs }) => finishedMs <= nowMs)
  return {
    project,
    at: now,
    needs: await needsOf(q, { projectId, inStages, incidents, standings }),
    stages: await stageFigures(q, { project, projectId }, inStages, nowMs),
    oldest: await oldestOf(q, inStages),
    throughput: throughputOf(within, weeks),
    cycle: cycleOf(within, weeks, nowMs),
    incidents: incidentFigures(incidents, weeks, nowMs),
    uptime: await uptimeFigures(q, standings, nowMs),
  }
}

/** Counted as the board does. */
async function stageFigures(
  q: Queries,
  { project, projectId }: Pick<Wanted, 'project' | 'projectId'>,
  inStages: ReadonlyMap<string, Stay[]>,
  nowMs: number,
): Promise<Dashboard['stages']> {
  const counted = await boardCounts(q, { projectId })
  const nameOf = (stage: string): Stage => (isStage(stage) ? stage : 'idea')
  return stages.map((stage) => ({
    stage,
    count: counted.reduce((sum, row) => sum + (nameOf(row.stage) === stage ? row.n : 0), 0),
    list: { stage, board: true, ...(project === null ? {} : { project }) },
    age: ageOf(
      [...inStages].flatMap(([name, inIt]) => (nameOf(name) === stage ? inIt : [])),
      nowMs,
    ),
  }))
}

function ageOf(inIt: readonly Stay[], nowMs: number): Dashboard['stages'][number]['age'] {
  const ages = inIt.flatMap(({ sinceMs }) => (sinceMs === null ? [] : [Math.max(0, nowMs - sinceMs)]))
  const { count: known, medianMs, p85Ms } = spreadOf(ages)
  return medianMs === null || p85Ms === null ? null : { known, medianMs, p85Ms }
}

/** The longest in their stage; an idea may lie. */
async function oldestOf(q: Queries, inStages: ReadonlyMap<string, Stay[]>): Promise<Dashboard['oldest']> {
  const begun = [...inStages].flatMap(([stage, inIt]) => (isStage(stage) && stage !== 'idea' ? inIt : []))
  const known = begun.flatMap(({ id, sinceMs }) => (sinceMs === null ? [] : [{ id, sinceMs }]))
  known.sort((a, b) => a.sinceMs - b.sinceMs || a.id - b.id)
  return refsOf(
    q,
    known.slice(0, oldestShown).map(({ id, sinceMs }) => ({ id, since: toInstant(sinceMs) })),
  )
}

const dateOf = (ms: number): string => toInstant(ms).slice(0, 10)
const idsOf = (items: readonly { id: number }[]): ListInput => listed(items.map(({ id }) => id))

function throughputOf(finished: readonly Finished[], weeks: readonly number[]): Dashboard['throughput'] {
  const lists = byWeek(finished, ({ finishedMs }) => finishedMs, weeks)
  return {
    total: lists.reduce((sum, list) => sum + list.length, 0),
    weeks: lists.map((list, n) => ({ from: dateOf(weeks[n]!), count: list.length, list: idsOf(list) })),
  }
}

function cycleOf(finished: readonly Finished[], weeks: readonly number[], nowMs: number): Dashboard['cycle'] {
  const started = finished.filter((item) => cycleTimes([item]).some((ms) => ms >= 0))
  const lastDays = (days: number): Finished[] =>
    started.filter(({ finishedMs }) => finishedMs > nowMs - days * dayMs)
  const spread = (items: readonly Finished[]): ListedSpread => ({
    ...spreadOf(cycleTimes(items)),
    list: idsOf(items),
  })
  const lists = byWeek(started, ({ finishedMs }) => finishedMs, weeks)
  return {
    days30: spread(lastDays(30)),
    days90: spread(lastDays(90)),
    weeks: lists.map((list, n) => ({ from: dateOf(weeks[n]!), ...spread(list) })),
  }
}

function incidentFigures(
  incidents: readonly IncidentTimes[],
  weeks: readonly number[],
  nowMs: number,
): Dashboard['incidents'] {
  const open = incidents.filter(({ isOpen }) => isOpen)
  const recent = incidents.filter(({ openedMs }) => openedMs > nowMs - lookBackMs && openedMs <= nowMs)
  const until = (end: 'acknowledgedMs' | 'resolvedMs') =>
    meanOf(recent.flatMap((each) => (each[end] === null ? [] : [each[end] - each.openedMs])))
  const lists = byWeek(
    incidents.filter(({ openedMs }) => openedMs <= nowMs),
    ({ openedMs }) => openedMs,
    weeks,
  )
  return {
    open: { count: open.length, list: idsOf(open) },
    weeks: lists.map((list, n) => ({ from: dateOf(weeks[n]!), opened: list.length, list: idsOf(list) })),
    acknowledged: until('acknowledgedMs'),
    resolved: until('resolvedMs'),
  }
}

/** Each item counts alike, however often it is probed. */
async function uptimeFigures(
  q: Queries,
  standings: readonly Standing[],
  nowMs: number,
): Promise<Dashboard['uptime']> {
  const live = standings.map(({ item }) => ({ ...item, isLive: true }))
  const watched = await watchedOf(q, live, nowMs)
  const windows = watched.map((of) => ({ of, fromMs: nowMs - uptimeDays * dayMs, toMs: nowMs }))
  const timed = await timesOf(q, windows, { tallies: false })
  const seen = standings.flatMap(({ item: { id, title } }, n) => {
    const { ratio, coverage } = uptimeOf(timed[n]!.times)
    return ratio === null ? [] : [{ id, title, ratio, coverage }]
  })
  const imperfect = seen.filter(({ ratio }) => ratio < 1).sort((a, b) => a.ratio - b.ratio || a.id - b.id)
  return {
    days: uptimeDays,
    items: standings.length,
    watched: seen.length,
    mean: seen.length === 0 ? null : seen.reduce((sum, { ratio }) => sum + ratio, 0) / seen.length,
    worst: imperfect.slice(0, worstShown),
    list: idsOf(imperfect),
  }
}
