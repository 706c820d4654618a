/** The shape of a probe: one attempt at a target, within `signal`. No retry, no judgement, no database. */

import type { CheckPlan } from '../domain/health-check.ts'
import type { Instant } from '../domain/instant.ts'
import type { Observation } from '../domain/observation.ts'

export interface ProbeContext {
  /** Folder that relative working folders start from: the project's root. */
  root: string
  /** The runner's environment, as handed in. */
  env: Readonly<Record<string, string | undefined>>
  /** Monotonic milliseconds. */
  elapsedMs(): number
  /** What certificates are compared with. */
  now(): Instant
  /** Aborts when the worker must stop at once. */
  signal?: AbortSignal
}

/** Never throws for what the target does: a fault is part of the observation. */
export type Probe = (plan: CheckPlan, context: ProbeContext) => Promise<Observation>
