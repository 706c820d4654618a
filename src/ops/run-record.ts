import * as z from 'zod/mini'
import { nextState } from '../domain/check-state.ts'
import type { CheckPlan } from '../domain/health-check.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { nextRun } from '../domain/schedule.ts'
import { type CheckRow, lockCheck, pruneRuns, recordRun } from '../store/checks.ts'
import { lockItem } from '../store/items.ts'
import { log } from './change.ts'
import { planOrUndefined } from './check-life.ts'
import * as field from './fields.ts'
import { reconcileIncident } from './incident-reconcile.ts'
import { type Context, operation } from './operation.ts'

/** Runs are kept this long, but at least the last hundred. */
const keptMs = 7 * 86_400_000
const keptRuns = 100

const result = () => z.enum(['up', 'degraded', 'down', 'unknown'])

const input = () =>
  z.strictObject({
    itemId: field.itemId(),
    epoch: z.number(),
    result: result(),
    /** One line. */
    summary: z.string(),
    /** The condition that failed, for the title of an incident. */
    condition: z.string(),
    /** Expectation, got, exit code, output, worker: what an incident tells. */
    evidence: z.string(),
    startedMs: z.number(),
    durationMs: z.number(),
    attempts: z.number(),
  })

export type RunReport = z.output<ReturnType<typeof input>>

const change = () => z.enum(['opened', 'reopened', 'resolved', 'recovery-noted', 'failing-again'])

export const runRecord = operation({
  name: 'run.record',
  summary: 'Store a run, and bring the incident in step with the state',
  kind: 'write',
  needs: 'check:run',
  input,
  output: () =>
    z.strictObject({
      stored: z.boolean(),
      state: z.nullable(result()),
      incident: z.nullable(z.strictObject({ id: z.number(), change: change() })),
    }),
  http: null,
  command: null,
  async run(report, context) {
    const { q } = context
    const stale = { stored: false, state: null, incident: null }
    // The item first, as every change of it does: nobody waits for the other in a circle.
    const item = await lockItem(q, report.itemId)
    const check = await lockCheck(q, report.itemId)
    const plan = item?.healthCheck ? await planOrUndefined(item.healthCheck) : undefined
    if (!check || check.epoch !== report.epoch || !item || item.stage !== 'live') return stale
    const nowMs = toMs(context.now)
    const inStartPeriod = plan !== undefined && nowMs - (check.liveSinceMs ?? 0) < plan.startPeriodMs
    const thresholds = plan ?? { failureThreshold: 1, successThreshold: 1 }
    const state = nextState(check.state, report.result, thresholds, nowMs, { inStartPeriod })
    const { startedMs, durationMs, attempts, summary } = report
    const stored = await recordRun(q, item.id, check.epoch, {
      state,
      result: report.result,
      summary,
      startedMs,
      durationMs: Math.round(durationMs),
      attempts,
      nextRunMs: due(check, plan, nowMs),
    })
    if (!stored) return stale
    await pruneRuns(q, item.id, nowMs - keptMs, keptRuns)
    if (state.state !== check.state.state) await tell(context, item, check, state.state, summary)
    const incident = plan ? await reconcileIncident(context, item, plan, state.state, report) : null
    return { stored: true, state: state.state, incident }
  },
  toText: ({ state }) => state ?? 'stale',
})

/** A check that can't be read any more is asked again in an hour: it may have been mended. */
function due(check: CheckRow, plan: CheckPlan | undefined, nowMs: number): number | null {
  if (!plan) return nowMs + 3_600_000
  if (!plan.enabled) return null
  return nextRun(plan, { itemId: check.itemId, lastDueMs: check.nextRunMs ?? nowMs, nowMs }) ?? null
}

const tell = (context: Context, item: Item, check: CheckRow, to: string, summary: string): Promise<number> =>
  log(context, item.id, 'check-state', {
    detail: { title: item.title, from: check.state.state, to, summary },
  })
