/** Carries out what `domain/incident.ts` decides: an incident is an item, opened and closed by the monitor. */

import type { CheckPlan } from '../domain/health-check.ts'
import { decideIncident, incidentTitle } from '../domain/incident.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import type { Queries } from '../store/database.ts'
import {
  type IncidentRow,
  insertIncident,
  lastClosed,
  markRecovery,
  markReopened,
  markResolved,
  openIncident,
} from '../store/incidents.ts'
import { insertItem, lockItem } from '../store/items.ts'
import type { RecordedRun } from '../store/runs.ts'
import { indexItem } from '../store/search.ts'
import { log, store } from './change.ts'
import type { CheckedItem, Context } from './operation.ts'
import type { RunReport } from './run-report.ts'

type Change = CheckedItem['incident']

/**
 * @param subject the live item
 * @param run     with what its runs add up to, this one included
 * @returns       what was done to an incident, if anything
 */
export async function reconcileIncident(
  context: Context,
  subject: Item,
  plan: CheckPlan,
  run: RecordedRun,
  report: RunReport,
): Promise<Change> {
  const { q } = context
  const { state } = run.state
  const open = await lockedIncident(q, subject.id)
  const last = open || state !== 'down' ? undefined : await lastClosed(q, subject.id)
  const atMs = toMs(context.now)
  const decision = decideIncident({
    state,
    open: open && { itemId: open.item.id, takenUp: isTakenUp(open.item), recoveryNoted: open.recoveryNoted },
    last,
    rules: plan.incident,
    atMs,
  })
  switch (decision.do) {
    case 'nothing':
      return null
    case 'open':
      return { id: await openNew(context, subject, plan, report), change: 'opened' }
    case 'reopen':
      await reopen(context, decision.itemId, report)
      return { id: decision.itemId, change: 'reopened' }
    case 'resolve':
      await resolve(context, open!.item, report, atMs)
      return { id: decision.itemId, change: 'resolved' }
    case 'note-recovery':
      await markRecovery(q, decision.itemId, true)
      await log(context, decision.itemId, 'recovered', {
        note: `The check is ${report.result} again: ${report.summary}. ${
          isTakenUp(open!.item)
            ? 'Closing is left to whoever took it up.'
            : 'It is closed by hand: its check says autoResolve false.'
        }`,
      })
      return { id: decision.itemId, change: 'recovery-noted' }
    case 'note-failing-again':
      await markRecovery(q, decision.itemId, false)
      await log(context, decision.itemId, 'failing-again', { note: report.evidence })
      return { id: decision.itemId, change: 'failing-again' }
  }
}

/** The open incident with its item, kept from changing: what is decided about it holds when it is carried out. */
async function lockedIncident(
  q: Queries,
  subjectId: number,
): Promise<(IncidentRow & { item: Item }) | undefined> {
  const found = await openIncident(q, subjectId)
  const item = found && (await lockItem(q, found.itemId))
  // Whoever held the lock may just have closed it.
  const open = item && (await openIncident(q, subjectId))
  return open && { ...open, item }
}

const isTakenUp = ({ stage, assignee }: Item): boolean => stage !== 'idea' || assignee !== null

async function openNew(context: Context, subject: Item, plan: CheckPlan, report: RunReport): Promise<number> {
  const { q, now } = context
  const incident = await insertItem(q, {
    parentId: subject.id,
    projectId: subject.projectId,
    title: incidentTitle(subject.title, report.condition),
    type: 'incident',
    stage: 'idea',
    priority: plan.incident.severity === 'minor' ? 2 : 1,
    description: null,
    spec: null,
    assignee: null,
    severity: plan.incident.severity,
    healthCheck: null,
    branch: null,
    createdAt: now,
  })
  await indexItem(q, incident.id, incident)
  await insertIncident(q, incident.id, subject.id, toMs(now))
  const detail = { title: incident.title, type: 'incident', stage: 'idea', parentId: subject.id }
  await log(context, incident.id, 'incident-opened', { detail, note: report.evidence })
  await log(context, subject.id, 'incident-opened', {
    detail: { incidentId: incident.id, title: incident.title },
  })
  return incident.id
}

async function reopen(context: Context, itemId: number, report: RunReport): Promise<void> {
  const item = await lockItem(context.q, itemId)
  if (!item) return
  await markReopened(context.q, itemId)
  if (item.stage !== 'idea') await store(context, item, { stage: 'idea', doneAt: null, skipped: [] })
  const detail = { title: item.title, from: item.stage, to: 'idea' }
  await log(context, itemId, 'incident-reopened', { detail, note: report.evidence })
  if (item.parentId !== null) {
    await log(context, item.parentId, 'incident-reopened', {
      detail: { incidentId: itemId, title: item.title },
    })
  }
}

/** Open → resolved directly: no skip, no gate, since nobody had taken it up. */
async function resolve(context: Context, item: Item, report: RunReport, atMs: number): Promise<void> {
  const itemId = item.id
  await markResolved(context.q, itemId, 'system', atMs)
  await store(context, item, { stage: 'done', doneAt: context.now, blockedReason: null, blockedAt: null })
  const detail = { title: item.title, from: item.stage, to: 'done' }
  const note = `The check is ${report.result} again: ${report.summary}.`
  await log(context, itemId, 'incident-resolved', { detail, note })
  if (item.parentId !== null) {
    await log(context, item.parentId, 'incident-resolved', {
      detail: { incidentId: itemId, title: item.title },
    })
  }
}
