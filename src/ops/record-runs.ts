/**
 * What ended runs come to: state, log, incident, next run. Many in one transaction, with few statements: almost all of
 * them find what was found before. Called inside a worker's turn, and by a heartbeat.
 */

import { nextState } from '../domain/check-state.ts'
import { isFlapping, nextFlapping } from '../domain/flapping.ts'
import type { CheckPlan, Maintenance } from '../domain/health-check.ts'
import { deadlineAfterMiss, deadlineMs } from '../domain/heartbeat.ts'
import { type NotOpened, notOpened } from '../domain/incident.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { maintenanceEnd, maintenanceSpans } from '../domain/maintenance.ts'
import { nextRun, toleranceMs } from '../domain/schedule.ts'
import type { StormRules } from '../domain/storm.ts'
import { changesBetween } from '../domain/timeline.ts'
import type { StateChange, TimedState } from '../domain/uptime.ts'
import { type CheckRow, lockChecks } from '../store/checks.ts'
import { incidentsToReconcile, type ToReconcile } from '../store/incidents.ts'
import { holdItems } from '../store/items.ts'
import { type RecordedRun, recordRuns as storeRuns } from '../store/runs.ts'
import { forgetStatesAfter, insertStates, lastStatesMs } from '../store/states.ts'
import { log } from './change.ts'
import { planOrUndefined } from './check-life.ts'
import { logFlapping } from './flapping-told.ts'
import { type Reconciled, reconcileIncident } from './incident-reconcile.ts'
import { verifyFixes } from './incident-verify.ts'
import { windowsOf } from './maintenance-windows.ts'
import { notify } from './notify-about.ts'
import type { Context } from './operation.ts'
import { rollUp } from './roll-up.ts'
import { notRecorded, type RecordedReport, type RunReport } from './run-report.ts'

/** A run that counts, and what it changes. */
interface Outcome {
  item: Item
  check: CheckRow
  plan: CheckPlan | undefined
  report: RunReport
  run: RecordedRun
  changes: StateChange[]
}

interface Known extends Omit<Outcome, 'run' | 'changes'> {
  windows: Maintenance[]
}

/**
 * @param storm   what the configuration says of storms
 * @returns one a report, in their order; what is stale (another lease since, an edit, no longer live) is not stored
 */
export async function recordRuns(
  context: Context,
  reports: readonly RunReport[],
  storm?: StormRules,
): Promise<RecordedReport[]> {
  if (reports.length === 0) return []
  const { q } = context
  const ids = [...new Set(reports.map((report) => report.itemId))].sort((a, b) => a - b)
  // The items first, as every change of them does: nobody waits for the other in a circle.
  const items = await holdItems(q, ids)
  const checks = await lockChecks(q, ids)
  const nowMs = toMs(context.now)
  const sinceMs = Math.min(nowMs, ...[...checks.values()].map((check) => check.lastRunMs ?? nowMs))
  const planned = await windowsOf(q, ids, sinceMs)
  const known: Known[] = []
  for (const report of reports) {
    const item = items.get(report.itemId)
    const check = checks.get(report.itemId)
    if (item?.stage !== 'live' || check?.epoch !== report.epoch) continue
    const plan = item.healthCheck ? await planOrUndefined(item.healthCheck) : undefined
    known.push({ item, check, plan, report, windows: [...(plan?.maintenance ?? []), ...planned(item.id)] })
  }
  const maintained = known.filter(({ windows }) => windows.length > 0)
  const told = await lastStatesMs(
    q,
    maintained.map(({ item }) => item.id),
  )
  const outcomes = new Map(
    known.map((each) => [each.report, outcomeOf({ ...each, toldMs: told.get(each.item.id) }, nowMs)]),
  )
  const counted = [...outcomes.values()]
  await storeRuns(
    q,
    counted.map((outcome) => outcome.run),
  )
  for (const { item, check, run } of counted)
    if (run.startedMs < (check.lastRunMs ?? 0)) await forgetStatesAfter(q, item.id, run.startedMs)
  await insertStates(
    q,
    counted.flatMap(({ item, changes }) => changes.map((change) => ({ itemId: item.id, ...change }))),
  )
  const concerned = await incidentsToReconcile(
    q,
    counted.map(({ item }) => item.id),
  )
  const recorded: RecordedReport[] = []
  const reconciled: Reconciled[] = []
  for (const report of reports) {
    const outcome = outcomes.get(report)
    if (!outcome) {
      recorded.push(notRecorded(report.itemId))
      continue
    }
    const one = await settle(context, outcome, concerned)
    if (one?.change) reconciled.push(one)
    recorded.push({
      itemId: report.itemId,
      stored: true,
      state: outcome.run.state.state,
      maintenance: outcome.run.result === 'maintenance',
      incident: one?.change ?? null,
      notOpened: whyNone(outcome, one),
    })
  }
  if (reconciled.length > 0) await followStorms(context, reconciled, storm)
  return recorded
}

/** Only of what was found down: a check that has yet to be believed to be up again asks for no incident. */
function whyNone({ report, run }: Outcome, reconciled: Reconciled | undefined): NotOpened | null {
  if (report.result !== 'down') return null
  return run.result === 'maintenance' ? notOpened('maintenance') : (reconciled?.notOpened ?? null)
}

/** Loaded when something begins or ends: most turns find what was found before. */
const followStorms = async (
  context: Context,
  reconciled: readonly Reconciled[],
  rules: StormRules | undefined,
): Promise<void> => (await import('./storm.ts')).followStorms(context, reconciled, rules)

/** @param known.toldMs what was told since the last run, a pause say, is not told otherwise */
function outcomeOf(known: Known & { toldMs: number | undefined }, nowMs: number): Outcome {
  const { item, check, plan, windows, report } = known
  const startedMs = instantOfRun(report.startedMs, check.lastRunMs)
  const spans = maintenanceSpans(windows, check.lastRunMs ?? startedMs, startedMs + 1)
  const inMaintenance = spans.some(({ fromMs, toMs: end }) => fromMs <= startedMs && startedMs < end)
  const result = inMaintenance ? 'maintenance' : report.result
  const inStartPeriod = plan !== undefined && nowMs - (check.liveSinceMs ?? 0) < plan.startPeriodMs
  const thresholds = plan ?? { failureThreshold: 1, successThreshold: 1 }
  const state = nextState(check.state, result, thresholds, nowMs, { inStartPeriod })
  const counts = result !== 'unknown' && result !== 'maintenance' && !(result === 'down' && inStartPeriod)
  const told: TimedState = result === 'unknown' || result === 'maintenance' ? result : state.state
  return {
    item,
    check,
    plan,
    report,
    changes: changesBetween({
      told: check.told,
      held: check.lastResult === 'unknown' ? 'unknown' : check.state.state,
      lastMs: check.lastRunMs === null ? null : Math.max(check.lastRunMs, known.toldMs ?? 0),
      gapMs: gapOf(check, plan, startedMs),
      maintenance: spans,
      atMs: startedMs,
      state: told,
    }),
    run: {
      itemId: item.id,
      state,
      history: counts ? nextFlapping(check.history, result === 'down') : check.history,
      told,
      result,
      summary: report.summary,
      perfdata: report.perfdata,
      startedMs,
      durationMs: Math.round(report.durationMs),
      attempts: report.attempts,
      // Not from now: what was due since, while the machine slept, is missed and not forgotten.
      nextRunMs: nextDue(known, Math.min(nowMs, startedMs + Math.round(report.durationMs))),
      maintenanceUntilMs: inMaintenance ? (maintenanceEnd(windows, startedMs) ?? null) : null,
    },
  }
}

/** Runs are told apart by their instants: two within one millisecond follow each other. */
const instantOfRun = (startedMs: number, lastMs: number | null): number =>
  lastMs !== null && startedMs <= lastMs && lastMs - startedMs < 1000 ? lastMs + 1 : startedMs

/** From when on nobody looked, although it was time to; null: somebody did. */
function gapOf(check: CheckRow, plan: CheckPlan | undefined, startedMs: number): number | null {
  const dueMs = check.missedMs ?? check.nextRunMs
  return plan && dueMs !== null && startedMs - dueMs > toleranceMs(plan) ? dueMs : null
}

/** A check that can't be read any more is asked again in an hour: it may have been mended. */
function nextDue(
  { item, check, plan, report }: Omit<Outcome, 'run' | 'changes'>,
  nowMs: number,
): number | null {
  if (!plan) return nowMs + 3_600_000
  if (!plan.enabled) return check.nextRunMs
  if (plan.schedule.kind === 'heartbeat') return nextDeadline(check, plan, report, nowMs) ?? null
  return nextRun(plan, { itemId: item.id, lastDueMs: check.nextRunMs ?? nowMs, nowMs }) ?? null
}

/** Of a heartbeat: after a report, or after none came in time. */
function nextDeadline(
  check: CheckRow,
  plan: CheckPlan,
  report: RunReport,
  nowMs: number,
): number | undefined {
  const facts = { startedMs: check.begunMs, liveSinceMs: check.liveSinceMs ?? nowMs }
  if (check.pingedMs === report.startedMs || check.nextRunMs === null)
    return deadlineMs(plan, { ...facts, lastPingMs: check.pingedMs, afterMs: nowMs })
  return deadlineAfterMiss(plan, check.nextRunMs, { ...facts, nowMs })
}

/** What the few runs do that bring something new; and once an hour each check is summed up. */
async function settle(
  context: Context,
  outcome: Outcome,
  concerned: ToReconcile,
): Promise<Reconciled | undefined> {
  const { item, check, plan, report, run } = outcome
  const { state } = run.state
  if (state !== check.state.state) await tell(context, item, check, state, report.summary)
  if (isFlapping(run.history) !== isFlapping(check.history)) await tellFlapping(context, outcome)
  const matters = plan && run.result !== 'maintenance'
  const reconciled =
    matters && (concerned.open.has(item.id) || state === 'down')
      ? await reconcileIncident(context, item, plan, run, report)
      : undefined
  if (matters && concerned.fixing.has(item.id)) await verifyFixes(context, item, run)
  await rollUp(context, item.id, check, run.startedMs)
  return reconciled
}

const tell = (context: Context, item: Item, check: CheckRow, to: string, summary: string): Promise<number> =>
  log(context, item.id, 'check-state', {
    detail: { title: item.title, from: check.state.state, to, summary },
  })

async function tellFlapping(context: Context, { item, plan, report, run }: Outcome): Promise<void> {
  const flapping = isFlapping(run.history)
  const { summary } = report
  const detail = { title: item.title, state: run.state.state, summary }
  await logFlapping(context, item.id, flapping, detail)
  if (!flapping) return
  const severity = plan?.incident.severity ?? null
  const subject = { id: item.id, title: item.title }
  await notify(context, 'check.flapping', {
    incident: null,
    subject,
    severity,
    summary,
    detail: null,
    actor: context.actor,
  })
}
