/** One leased run, from its check to what is told of it. No database. */

import type { CheckPlan, HeartbeatSchedule } from '../domain/health-check.ts'
import { missedReport } from '../domain/heartbeat.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { readStoredCheck } from '../domain/stored-check.ts'
import type { LeasedRun } from '../ops/lease-runs.ts'
import type { RunReport } from '../ops/run-report.ts'
import { evidenceOf } from './evidence.ts'
import { notRun, type ProbeDoor, type RunOutcome, runCheck } from './run-check.ts'

/** Probes, with retries. `stopped`: it was ended from outside, and what it saw says nothing. */
export async function execute(
  leased: LeasedRun,
  { door, now, owner }: { door: ProbeDoor; now(): Instant; owner: string },
): Promise<{ report: RunReport; stopped: boolean }> {
  let startedMs = toMs(now())
  let outcome = await outcomeOf(leased, door, startedMs)
  if (outcome.stoodStill) {
    // Late now, so that the time until here is one that nobody watched.
    startedMs = toMs(now())
    outcome = await outcomeOf(leased, door, startedMs)
  }
  const { verdict, observation, attempts } = outcome
  return {
    stopped: door.context.signal?.aborted ?? false,
    report: {
      itemId: leased.itemId,
      epoch: leased.epoch,
      result: verdict.result,
      summary: verdict.summary,
      condition: verdict.failed?.expectation ?? verdict.summary,
      // What is well is like all others: what it says is made only where somebody will read it.
      evidence: verdict.result === 'up' ? '' : evidenceOf(outcome, owner),
      perfdata: verdict.perfdata?.length ? JSON.stringify(verdict.perfdata) : null,
      startedMs,
      durationMs: Math.round(observation.durationMs),
      attempts,
    },
  }
}

async function outcomeOf(leased: LeasedRun, door: ProbeDoor, nowMs: number): Promise<RunOutcome> {
  if (!leased.approved) return notApproved(leased)
  let plan: CheckPlan
  try {
    plan = readStoredCheck(leased.healthCheck).plan
  } catch (error) {
    return notRun('invalid-check', error instanceof Error ? error.message : String(error))
  }
  return plan.schedule.kind === 'heartbeat' ? missed(plan.schedule, leased, nowMs) : runCheck(plan, door)
}

/** Nothing is probed: it is due since no report came in time. */
function missed(schedule: HeartbeatSchedule, { pingedMs, begunMs }: LeasedRun, nowMs: number): RunOutcome {
  const facts = { lastPingMs: pingedMs, startedMs: begunMs, nowMs }
  const { summary, condition } = missedReport(schedule, facts)
  return {
    verdict: { result: 'down', summary, failed: { expectation: condition, got: summary } },
    observation: { durationMs: 0 },
    attempts: 0,
  }
}

const notApproved = ({ itemId }: LeasedRun): RunOutcome =>
  notRun('not-approved', `the check is not approved: pipeline check approve ${itemId}`)
