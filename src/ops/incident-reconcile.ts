/** Carries out what `domain/incident.ts` decides: an incident is an item, opened and closed by the monitor. */

import { isFlapping } from '../domain/flapping.ts'
import type { CheckPlan } from '../domain/health-check.ts'
import { decideIncident, incidentTitle, isTakenUp, type NotOpened } from '../domain/incident.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import type { Queries } from '../store/database.ts'
import {
  findIncident,
  type IncidentRow,
  insertIncident,
  lastClosed,
  mainCheck,
  markRecovery,
  markReopened,
  openIncident,
} from '../store/incidents.ts'
import { firstDown } from '../store/inhibition.ts'
import { insertItem, lockItem } from '../store/items.ts'
import type { RecordedRun } from '../store/runs.ts'
import { indexItem } from '../store/search.ts'
import { log, store } from './change.ts'
import { closeIncident, tellSubject } from './incident-close.ts'
import type { Notice } from './notify-about.ts'
import type { CheckedItem, Context } from './operation.ts'
import type { RunReport } from './run-report.ts'

export interface Reconciled {
  change: CheckedItem['incident']
  /** Of a check that is down, where nothing was done: why. */
  notOpened?: NotOpened | undefined
  /** Of one that began: told of once it is known whether a storm tells of it. */
  notice?: Notice
  /** The storm that gathered it before. */
  stormId: number | null
}

const unchanged: Reconciled = { change: null, stormId: null }

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
): Promise<Reconciled> {
  const { q } = context
  const { state } = run.state
  const open = await lockedIncident(q, subject.id)
  const last = open || state !== 'down' ? undefined : await lastClosed(q, subject.id)
  const decision = decideIncident({
    state,
    open: open && { itemId: open.item.id, takenUp: isTakenUp(open.item), recoveryNoted: open.recoveryNoted },
    last,
    rules: plan.incident,
    inhibitedBy: open || state !== 'down' ? undefined : await firstDown(q, plan.dependsOn),
    flapping: isFlapping(run.history),
    atMs: toMs(context.now),
  })
  if (decision.do === 'nothing') return { ...unchanged, notOpened: decision.why }
  if (decision.do === 'open') {
    const incident = await openNew(context, subject, plan, report)
    const notice = noticeOfRun(context, incident, subject, report)
    return { change: { id: incident.id, change: 'opened' }, notice, stormId: null }
  }
  if (decision.do === 'reopen') return reopen(context, decision.itemId, subject, report)
  const { item, stormId } = open!
  if (decision.do === 'resolve') {
    const note = `The check is ${report.result} again: ${report.summary}.`
    await closeIncident(context, item, { by: 'system', note })
    return { change: { id: item.id, change: 'resolved' }, stormId }
  }
  const recovered = decision.do === 'note-recovery'
  await markRecovery(q, item.id, recovered)
  if (!recovered) await log(context, item.id, 'failing-again', { note: report.evidence })
  else await log(context, item.id, 'recovered', { note: recoveryNote(item, report) })
  return { change: { id: item.id, change: recovered ? 'recovery-noted' : 'failing-again' }, stormId: null }
}

const recoveryNote = (item: Item, { result, summary }: RunReport): string =>
  `The check is ${result} again: ${summary}. ${
    isTakenUp(item)
      ? 'Closing is left to whoever took it up.'
      : 'It is closed by hand: its check says autoResolve false.'
  }`

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

async function openNew(context: Context, subject: Item, plan: CheckPlan, report: RunReport): Promise<Item> {
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
  const row = { itemId: incident.id, subjectId: subject.id, checkName: mainCheck, openedMs: toMs(now) }
  await insertIncident(q, row)
  const detail = { title: incident.title, type: 'incident', stage: 'idea', parentId: subject.id }
  await log(context, incident.id, 'incident-opened', { detail, note: report.evidence })
  await tellSubject(context, incident, 'incident-opened')
  return incident
}

async function reopen(
  context: Context,
  itemId: number,
  subject: Item,
  report: RunReport,
): Promise<Reconciled> {
  const item = await lockItem(context.q, itemId)
  if (!item) return unchanged
  await markReopened(context.q, itemId, toMs(context.now))
  if (item.stage !== 'idea') await store(context, item, { stage: 'idea', doneAt: null, skipped: [] })
  const detail = { title: item.title, from: item.stage, to: 'idea' }
  await log(context, itemId, 'incident-reopened', { detail, note: report.evidence })
  await tellSubject(context, item, 'incident-reopened')
  const { stormId } = (await findIncident(context.q, itemId))!
  const notice = noticeOfRun(context, item, subject, report)
  return { change: { id: itemId, change: 'reopened' }, notice, stormId }
}

const noticeOfRun = ({ actor }: Context, item: Item, subject: Item, report: RunReport): Notice => ({
  incident: item,
  subject: { id: subject.id, title: subject.title },
  severity: item.severity,
  summary: report.summary,
  detail: report.evidence,
  actor,
})
