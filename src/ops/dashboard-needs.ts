/** What needs a human now. */

import { instantOr, toInstant } from '../domain/instant.ts'
import { severities } from '../domain/item.ts'
import { reviews } from '../domain/stage.ts'
import {
  blockedItems,
  type IncidentTimes,
  type Stay,
  titlesOf,
  unapprovedChannels,
  uncheckedItems,
} from '../store/dashboard.ts'
import type { Queries } from '../store/database.ts'
import { openIncidentsOf } from '../store/incident-lists.ts'
import { itemsById } from '../store/lists.ts'
import { notApproved } from './channel-rules.ts'
import type { ListInput, Needs, Ref } from './dashboard-types.ts'
import { isDown, type Standing } from './health-standing.ts'
import { checkJson, isApproved } from './view.ts'

/** Items shown of each kind; ids behind a number. */
const most = { items: 10, ids: 100 }

export const listed = (ids: readonly number[]): ListInput => ({ ids: ids.slice(0, most.ids) })

interface Since {
  id: number
  since: string | null
}

/** Items as they are spoken of, in the order given; what is gone is left out. */
export async function refsOf<T extends Since>(q: Queries, wanted: readonly T[]): Promise<(Ref & T)[]> {
  const items = await itemsById(
    q,
    wanted.map(({ id }) => id),
  )
  const byId = new Map(items.map((item) => [item.id, item]))
  return wanted.flatMap((each) => {
    const item = byId.get(each.id)
    if (!item) return []
    const { title, type, stage, severity, assignee } = item
    return [{ title, type, stage, severity, assignee, ...each }]
  })
}

async function grouped<T extends Since>(
  q: Queries,
  found: readonly T[],
  count = found.length,
): Promise<{ count: number; items: (Ref & T)[]; list: ListInput }> {
  const items = await refsOf(q, found.slice(0, most.items))
  return { count, items, list: listed(found.map(({ id }) => id)) }
}

interface Known {
  projectId: number | undefined
  inStages: ReadonlyMap<string, Stay[]>
  incidents: readonly IncidentTimes[]
  standings: readonly Standing[]
}

export async function needsOf(
  q: Queries,
  { projectId, inStages, incidents, standings }: Known,
): Promise<Needs> {
  const blocked = await blockedItems(q, projectId, most.ids)
  const unchecked = await uncheckedItems(q, projectId, most.ids)
  const names = await unapprovedChannels(q, notApproved)
  return {
    blocked: await grouped(q, blocked.first, blocked.count),
    reviews: await grouped(q, reviewsOf(inStages)),
    incidents: await unacknowledged(q, incidents),
    approvals: await grouped(q, standings.flatMap(approvalOf)),
    channels: { count: names.length, names },
    failing: await failing(q, standings),
    unwatched: await grouped(q, unchecked.first, unchecked.count),
  }
}

/** Whoever waits longest comes first, of whom nobody knows since when, last. */
function reviewsOf(inStages: ReadonlyMap<string, Stay[]>): Since[] {
  const waiting = reviews.flatMap((stage) => inStages.get(stage) ?? [])
  const rank = ({ sinceMs }: Stay): number => sinceMs ?? Number.POSITIVE_INFINITY
  return waiting
    .toSorted((a, b) => (rank(a) === rank(b) ? a.id - b.id : rank(a) - rank(b)))
    .map(({ id, sinceMs }) => ({ id, since: sinceMs === null ? null : toInstant(sinceMs) }))
}

const severityRank = (severity: string | null): number => {
  const rank = (severities as readonly (string | null)[]).indexOf(severity)
  return rank < 0 ? severities.indexOf('major') : rank
}

/** The worst first, then the oldest. */
async function unacknowledged(q: Queries, incidents: readonly IncidentTimes[]): Promise<Needs['incidents']> {
  const waiting = incidents
    .filter(({ isOpen, acknowledgedMs }) => isOpen && acknowledgedMs === null)
    .toSorted(
      (a, b) => severityRank(a.severity) - severityRank(b.severity) || a.openedMs - b.openedMs || a.id - b.id,
    )
  const shown = waiting.slice(0, most.items)
  const titles = await titlesOf(q, [...new Set(shown.flatMap(({ subjectId }) => subjectId ?? []))])
  const found = waiting.map(({ id, openedMs, subjectId }) => ({
    id,
    since: instantOr(openedMs),
    subject:
      subjectId === null || !titles.has(subjectId) ? null : { id: subjectId, title: titles.get(subjectId)! },
  }))
  return grouped(q, found)
}

/** Only what could need one is looked at closely: most checks run no command and send no secret. */
function approvalOf({ item: { id, healthCheck, check } }: Standing): (Since & { command: string })[] {
  if (!healthCheck || !/"command"|\$\{secret:/.test(healthCheck)) return []
  const json = checkJson({ healthCheck })
  if (!json || isApproved(json, check?.approvedCommand ?? null)) return []
  const { command, url, host } = json
  return [
    { id, since: null, command: [command ?? url ?? host ?? ''].flat().map(String).join(' ').slice(0, 500) },
  ]
}

/** Down before degraded, then the longest. */
async function failing(q: Queries, standings: readonly Standing[]): Promise<Needs['failing']> {
  const down = standings.filter(isDown)
  const degraded = standings.filter((each) => each.state === 'degraded')
  const sinceMs = ({ item }: Standing): number => item.check?.state.sinceMs ?? Number.POSITIVE_INFINITY
  const longest = (those: Standing[]): Standing[] =>
    those.sort((a, b) => (sinceMs(a) === sinceMs(b) ? a.item.id - b.item.id : sinceMs(a) - sinceMs(b)))
  const all = [...longest(down), ...longest(degraded)]
  const shown = all.slice(0, most.items).map(({ item }) => item.id)
  const incidents = new Map(
    (await openIncidentsOf(q, shown)).toReversed().map(({ subjectId, id }) => [subjectId, id]),
  )
  const isWorse = new Set(down)
  const found = all.map((each) => ({
    id: each.item.id,
    since: Number.isFinite(sinceMs(each)) ? instantOr(sinceMs(each)) : null,
    state: isWorse.has(each) ? ('down' as const) : ('degraded' as const),
    summary: each.item.check?.lastSummary ?? null,
    incidentId: incidents.get(each.item.id) ?? null,
  }))
  return grouped(q, found)
}
