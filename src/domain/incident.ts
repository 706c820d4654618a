/** Incidents are reconciled on the level: after each run the incident must match the state. Pure. */

import { gist } from './gist.ts'
import type { IncidentRules } from './health-check.ts'
import { titleMax } from './item.ts'
import type { CheckResult } from './observation.ts'

/** The incident of this check that is not resolved. */
export interface OpenIncident {
  itemId: number
  /** It left its first stage, or has an assignee: its owner closes it. */
  takenUp: boolean
  /** Its activity says that the check recovered, and not yet that it fails again. */
  recoveryNoted: boolean
}

/** The incident of this check that was closed last; a person may also have deleted it. */
export type ClosedIncident =
  | { resolvedBy: 'system'; resolvedAtMs: number; itemId: number }
  | { resolvedBy: 'person'; resolvedAtMs: number }

export interface IncidentFacts {
  state: CheckResult
  open?: OpenIncident | undefined
  last?: ClosedIncident | undefined
  rules: Pick<IncidentRules, 'open' | 'autoResolve' | 'reopenWindowMs'>
  atMs: number
}

export type IncidentDecision =
  | { do: 'nothing' }
  | { do: 'open' }
  | { do: 'reopen' | 'resolve' | 'note-recovery' | 'note-failing-again'; itemId: number }

const nothing: IncidentDecision = { do: 'nothing' }

/**
 * What has to happen so that the incident matches the state; carried out, the same facts give nothing.
 * What a person closed stays closed; a new one opens when the window has passed and the check is down still.
 */
export function decideIncident(facts: IncidentFacts): IncidentDecision {
  const { state, open } = facts
  if (state === 'unknown') return nothing
  if (state !== 'down') return open === undefined ? nothing : whenRecovered(open, facts.rules.autoResolve)
  if (open === undefined) return whenDown(facts)
  return open.recoveryNoted ? { do: 'note-failing-again', itemId: open.itemId } : nothing
}

function whenRecovered(
  { itemId, takenUp, recoveryNoted }: OpenIncident,
  autoResolve: boolean,
): IncidentDecision {
  if (autoResolve && !takenUp) return { do: 'resolve', itemId }
  return recoveryNoted ? nothing : { do: 'note-recovery', itemId }
}

function whenDown({ last, rules, atMs }: IncidentFacts): IncidentDecision {
  if (!rules.open) return nothing
  if (last === undefined || atMs - last.resolvedAtMs >= rules.reopenWindowMs) return { do: 'open' }
  return last.resolvedBy === 'system' ? { do: 'reopen', itemId: last.itemId } : nothing
}

const conditionMax = 200

/**
 * `<feature>: <condition that failed>` on one line, at most as long as a title may be; a long feature gives way.
 * @param failedCondition  the condition, or the run's summary where it was a fault or a timeout
 */
export function incidentTitle(featureTitle: string, failedCondition: string): string {
  const condition = gist(failedCondition, conditionMax)
  return `${gist(featureTitle, titleMax - condition.length - 2)}: ${condition}`
}
