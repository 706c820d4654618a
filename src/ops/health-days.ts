/** What a page shows of live items besides: 90 days, the last response times, the error budget, the open incident. */

import { type Instant, instantOr, toInstant } from '../domain/instant.ts'
import { type Severity, severities } from '../domain/item.ts'
import { budgetOf, type StateTimes, uptimeOf } from '../domain/uptime.ts'
import { dayMs } from '../domain/uptime-pieces.ts'
import type { Queries } from '../store/database.ts'
import { type OpenIncident, openIncidentsOf } from '../store/incident-lists.ts'
import { lastDurations } from '../store/run-history.ts'
import { planOrUndefined } from './check-life.ts'
import type { Standing } from './health-standing.ts'
import { cellsOf, lastDays, timesOf, type Watched } from './uptime-of.ts'

export interface HealthDays {
  /** The last one is today. */
  days: StateTimes[]
  /** Milliseconds of the last runs, the oldest first; null: that run did not go well. */
  spark: (number | null)[]
  sparkSince: Instant | null
  slo: ({ target: number; windowMs: number; coverage: number | null } & ReturnType<typeof budgetOf>) | null
  /** The worst open one, and how many are. */
  incident: {
    id: number
    title: string
    severity: Severity
    openedAt: Instant
    acknowledged: boolean
    open: number
  } | null
}

const daysShown = 90
const runsShown = 50

/** `2026-02-05`: the day of the first cell. */
export const firstDay = (nowMs: number): string => toInstant(lastDays(daysShown, nowMs) * dayMs).slice(0, 10)

/** In the order of the page. Few statements, however many items. */
export async function healthDays(
  q: Queries,
  page: readonly Standing[],
  watched: readonly Watched[],
  nowMs: number,
): Promise<HealthDays[]> {
  const ids = page.map(({ item }) => item.id)
  const days = await cellsOf(q, watched, 'day', lastDays(daysShown, nowMs), nowMs)
  const durations = await lastDurations(q, ids, runsShown)
  const budgets = await budgetsOf(q, page, watched, nowMs)
  const incidents = worstOf(await openIncidentsOf(q, ids))
  return ids.map((id, n) => {
    const spark = durations.get(id)
    return {
      days: days[n]!,
      spark: spark?.durations ?? [],
      sparkSince: spark ? instantOr(spark.fromMs) : null,
      slo: budgets.get(id) ?? null,
      incident: incidents.get(id) ?? null,
    }
  })
}

async function budgetsOf(
  q: Queries,
  page: readonly Standing[],
  watched: readonly Watched[],
  nowMs: number,
): Promise<Map<number, NonNullable<HealthDays['slo']>>> {
  const wanted: { of: Watched; target: number; windowMs: number }[] = []
  for (const [n, { item }] of page.entries()) {
    // Most have none: their plans need not be made.
    if (!item.healthCheck?.includes('"slo"')) continue
    const slo = (await planOrUndefined(item.healthCheck))?.slo
    if (slo) wanted.push({ of: watched[n]!, target: slo.target, windowMs: slo.windowMs })
  }
  const windows = wanted.map(({ of, windowMs }) => ({ of, fromMs: nowMs - windowMs, toMs: nowMs }))
  const timed = await timesOf(q, windows, { tallies: false })
  return new Map(
    wanted.map(({ of, target, windowMs }, n) => {
      const { times } = timed[n]!
      const { coverage } = uptimeOf(times)
      return [of.itemId, { target, windowMs, ...budgetOf(times, windowMs, target), coverage }]
    }),
  )
}

const severityOf = ({ severity }: OpenIncident): Severity =>
  severities.find((each) => each === severity) ?? 'major'

/** By item; of equally severe ones the first that was opened. */
function worstOf(open: readonly OpenIncident[]): Map<number, NonNullable<HealthDays['incident']>> {
  const found = new Map<number, NonNullable<HealthDays['incident']>>()
  for (const incident of open) {
    const before = found.get(incident.subjectId)
    const count = (before?.open ?? 0) + 1
    const severity = severityOf(incident)
    if (before && severities.indexOf(before.severity) <= severities.indexOf(severity)) before.open = count
    else {
      const { id, title, openedMs, createdAt, isAcknowledged: acknowledged } = incident
      const openedAt = (openedMs === null ? null : instantOr(openedMs)) ?? createdAt
      found.set(incident.subjectId, { id, title, severity, openedAt, acknowledged, open: count })
    }
  }
  return found
}
