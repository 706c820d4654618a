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
  /** The process was stopped meanwhile: of that time nothing is known. */
  stoodStill?: true
}

/** Over so much later than it had to be: the machine slept, or the process was stopped. A killed program takes 1.5 s. */
export const sleptMs = 5000

/** Retries are inside the run: only the last attempt counts. A probe that throws is a fault of the runner. */
export async function runCheck(plan: CheckPlan, door: ProbeDoor): Promise<RunOutcome> {
  const patterns = await compilePatterns([...plan.expect, ...plan.degraded])
  const { elapsedMs, signal } = door.context
  for (let attempts = 1; ; attempts += 1) {
    const begunMs = elapsedMs()
    const observation = await attempt(plan, door)
    const endedMs = elapsedMs()
    const stopped = signal?.aborted ?? false
    if (endedMs - begunMs > plan.timeoutMs + sleptMs && !stopped) return stoodStill(attempts)
    const verdict = judge(plan, observation, patterns)
    if (verdict.result !== 'down' || attempts > plan.retries || stopped)
      return { verdict, observation, attempts }
    await door.pause(plan.retryIntervalMs, signal)
    if (elapsedMs() - endedMs > plan.retryIntervalMs + sleptMs) return stoodStill(attempts)
  }
}

/** How long the target took is not known, nor whether it was the target that did. */
const stoodStill = (attempts: number): RunOutcome => ({
  ...notRun('stood-still', 'the worker stood still during the check'),
  attempts,
  stoodStill: true,
})

/** The runner could not tell. */
export const notRun = (code: string, message: string): RunOutcome => ({
  verdict: { result: 'unknown', summary: `not run: ${message}` },
  observation: { durationMs: 0, fault: { code, message, of: 'runner' } },
  attempts: 0,
})

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
