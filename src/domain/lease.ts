import type { CheckPlan } from './health-check.ts'

/** A run may take its longest, and so much more, before another worker takes it over. */
const spareMs = 30_000

/** How long a run is leased, in milliseconds. @param plan undefined for a check that can't be read */
export const leaseMsOf = (
  plan: Pick<CheckPlan, 'timeoutMs' | 'retries' | 'retryIntervalMs'> | undefined,
): number => spareMs + (plan ? plan.timeoutMs * (plan.retries + 1) + plan.retryIntervalMs * plan.retries : 0)
