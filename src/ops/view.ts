/** Items as the outside sees them: rows joined with what hangs on them. One statement a question, never one an item. */

import type * as z from 'zod/mini'
import { commandFingerprint } from '../domain/fingerprint.ts'
import { isFlapping } from '../domain/flapping.ts'
import type { HealthCheck } from '../domain/health-check.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Criterion, Item } from '../domain/item.ts'
import { type CheckRow, findChecks } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import { criteriaOf, dependenciesOf, labelsOf, waitingFor } from '../store/links.ts'
import { projectNames } from '../store/projects.ts'
import type { fullItem, itemSummary } from './fields.ts'
import { watchedUntilMs } from './watched-until.ts'

export type ItemSummary = z.output<ReturnType<typeof itemSummary>>
export type FullItem = z.output<ReturnType<typeof fullItem>>
export type Health = NonNullable<ItemSummary['health']>

/** What hangs on items, by id. */
interface Links {
  labels: ReadonlyMap<number, string[]>
  waits: ReadonlyMap<number, number[]>
  /** Of projects. */
  names: ReadonlyMap<number, string>
  checks: ReadonlyMap<number, CheckRow>
  /** Until when the states of live items hold. */
  watched: ReadonlyMap<number, number | null>
}

async function projectsAndChecks(
  q: Queries,
  items: Item[],
): Promise<Pick<Links, 'names' | 'checks' | 'watched'>> {
  const names = await projectNames(q, [...new Set(items.flatMap((item) => item.projectId ?? []))])
  const checks = await findChecks(
    q,
    items.filter((item) => item.healthCheck !== null).map((item) => item.id),
  )
  return { names, checks, watched: await watchedUntil(items, checks) }
}

/** Only of live items with a run that is due. */
async function watchedUntil(
  items: Item[],
  checks: ReadonlyMap<number, CheckRow>,
): Promise<Map<number, number | null>> {
  const due = items.filter(
    ({ id, stage }) => stage === 'live' && (checks.get(id)?.nextRunMs ?? null) !== null,
  )
  const watched = new Map<number, number | null>()
  for (const { id, healthCheck } of due) watched.set(id, await watchedUntilMs(checks.get(id)!, healthCheck!))
  return watched
}

/** Items of a list, in the order given. */
export async function summarize(q: Queries, items: Item[]): Promise<ItemSummary[]> {
  const ids = items.map((item) => item.id)
  const links = {
    labels: await labelsOf(q, ids),
    waits: await waitingFor(q, ids),
    ...(await projectsAndChecks(q, items)),
  }
  return items.map((item) => summaryOf(item, links))
}

const summaryOf = (item: Item, { labels, waits, names, checks, watched }: Links): ItemSummary => ({
  id: item.id,
  title: item.title,
  type: item.type,
  stage: item.stage,
  priority: item.priority,
  project: item.projectId === null ? null : (names.get(item.projectId) ?? null),
  labels: labels.get(item.id) ?? [],
  assignee: item.assignee,
  parentId: item.parentId,
  waitingFor: waits.get(item.id) ?? [],
  blocked: item.blockedAt ? { reason: item.blockedReason ?? '', since: item.blockedAt } : null,
  severity: item.severity,
  skipped: item.skipped,
  branch: item.branch,
  health: healthOf(item, checks.get(item.id), watched.get(item.id)),
  version: item.version,
  createdAt: item.createdAt,
  updatedAt: item.updatedAt,
  startedAt: item.startedAt,
  doneAt: item.doneAt,
  liveAt: item.liveAt,
})

/** One item with everything that is its own. */
export async function fullView(q: Queries, item: Item): Promise<FullItem> {
  const [summary] = await summarize(q, [item])
  return fullOf(item, summary!, await criteriaOf(q, item.id), await dependenciesOf(q, item.id))
}

/** The same for an item that was just made: what hangs on it is known, and need not be asked for. */
export async function newItemView(
  q: Queries,
  item: Item,
  labels: readonly string[],
  criteria: readonly Criterion[],
): Promise<FullItem> {
  const links = {
    labels: new Map([[item.id, [...new Set(labels)].sort()]]),
    waits: new Map(),
    ...(await projectsAndChecks(q, [item])),
  }
  return fullOf(item, summaryOf(item, links), criteria, [])
}

const fullOf = (
  item: Item,
  summary: ItemSummary,
  criteria: readonly Criterion[],
  dependencies: number[],
): FullItem =>
  Object.assign(summary, {
    description: item.description,
    spec: item.spec,
    criteria: criteria.map(({ text, verdict, evidence }) => ({ text, verdict, evidence })),
    dependencies,
    healthCheck: checkJson(item),
  })

/** The stored health check as an object; what is none (a row of the owner's own SQL) as `{ invalid: text }`. */
export function checkJson(item: Pick<Item, 'healthCheck'>): Record<string, unknown> | null {
  if (item.healthCheck === null) return null
  try {
    const value: unknown = JSON.parse(item.healthCheck)
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {}
  return { invalid: item.healthCheck }
}

/** Is the check's command, if it has one, the one that was approved? */
export function isApproved(check: Record<string, unknown>, approvedCommand: string | null): boolean {
  try {
    const fingerprint = commandFingerprint(check as unknown as HealthCheck)
    return fingerprint === undefined || fingerprint === approvedCommand
  } catch {
    return false // a command that the owner's own SQL left unreadable
  }
}

function healthOf(
  item: Item,
  row: CheckRow | undefined,
  watchedMs: number | null | undefined,
): Health | null {
  const check = checkJson(item)
  if (!check) return null
  const live = item.stage === 'live'
  return {
    state: row && live ? row.state.state : 'unknown',
    since: row && live ? instantOf(row.state.sinceMs) : null,
    lastRunAt: instantOf(row?.lastRunMs),
    lastResult: row?.lastResult ?? null,
    summary: row?.lastSummary ?? null,
    durationMs: row?.lastDurationMs ?? null,
    nextRunAt: instantOf(row?.nextRunMs),
    watchedUntil: instantOf(watchedMs),
    flapping: row !== undefined && live && isFlapping(row.history),
    approved: isApproved(check, row?.approvedCommand ?? null),
    enabled: check.enabled !== false,
    paused:
      row && live && row.pausedMs !== null
        ? { since: toInstant(row.pausedMs), until: instantOf(row.pausedUntilMs) }
        : null,
    maintenanceUntil: live ? instantOf(row?.maintenanceUntilMs) : null,
  }
}

const instantOf = (ms: number | null | undefined): Instant | null =>
  ms === null || ms === undefined ? null : toInstant(ms)
