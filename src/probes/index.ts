/**
 * The kinds of check this version runs, one file each, loaded at first use. What lives here: one attempt at one
 * target. What never does: retries, judgement, the database, the clock.
 */

import type { CheckPlan } from '../domain/health-check.ts'
import { notRun, runnerFault } from './faults.ts'
import type { Probe } from './probe.ts'

export const probes: Partial<Record<CheckPlan['type'], () => Promise<Probe>>> = {
  command: async () => (await import('./command.ts')).commandProbe,
  http: async () => (await import('./http.ts')).httpProbe,
}

/** The probe for every plan: finds the kind, and says so where there is none. */
export const probe: Probe = async (plan, context) => {
  const load = probes[plan.type]
  if (load) return (await load())(plan, context)
  const message = `checks of type ${plan.type} are stored, but this version does not run them`
  return notRun(runnerFault('not-supported', message))
}
