/** One run of a health check: attempts and retries against the target. No database. */

import type { CheckPlan } from '../domain/health-check.ts'
import type { Observation } from '../domain/observation.ts'
import { compilePatterns } from '../domain/pattern.ts'
import { judge, type Verdict } from '../domain/verdict.ts'
import type { Probe, ProbeContext } from '../probes/probe.ts'

export interface ProbeDoor {
  probe: Probe
  context: ProbeContext
  /** Resolves after `ms`, or at once when `signal` aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>
}

export interface RunOutcome {
  verdict: Verdict
  observation: Observation
  attempts: number
}

/** Retries are inside the run: only the last attempt counts. A probe that throws is a fault of the runner. */
export async function runCheck(plan: CheckPlan, door: ProbeDoor): Promise<RunOutcome> {
  const patterns = await compilePatterns([...plan.expect, ...plan.degraded])
  for (let attempts = 1; ; attempts += 1) {
    const observation = await attempt(plan, door)
    const verdict = judge(plan, observation, patterns)
    const stopped = door.context.signal?.aborted ?? false
    if (verdict.result !== 'down' || attempts > plan.retries || stopped)
      return { verdict, observation, attempts }
    await door.pause(plan.retryIntervalMs, door.context.signal)
  }
}

async function attempt(plan: CheckPlan, { probe, context }: ProbeDoor): Promise<Observation> {
  const started = context.elapsedMs()
  try {
    return await probe(plan, context)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      durationMs: context.elapsedMs() - started,
      fault: { code: 'probe-failed', message, of: 'runner' },
    }
  }
}
