/** Incidents are reconciled on the level: after each run the incident must match the state. Pure. */

import { gist } from './gist.ts'
import type { IncidentRules } from './health-check.ts'
import { type Instant, toInstantOrNull, toMs } from './instant.ts'
import { type Item, titleMax } from './item.ts'
import type { CheckResult } from './observation.ts'
import { paths } from './stage.ts'

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
  /** An item that it depends on is down: that has an incident of its own. */
  inhibitedBy?: number | undefined
  /** Its results change too often to be believed. */
  flapping?: boolean
  atMs: number
}

/**
 * - `already-open`   of the incident `itemId`
 * - `depends-on`     the item `itemId`, which is down
 * - `flapping`       its results change too often to be believed
 * - `reopen-window`  a person closed the last one: nothing opens before `until`
 * - `switched-off`   its check says so
 * - `maintenance`    the run counts for nothing
 */
export const notOpenedReasons = [
  'already-open',
  'depends-on',
  'flapping',
  'reopen-window',
  'switched-off',
  'maintenance',
] as const

/** Why no incident opens although the check is down. */
export interface NotOpened {
  reason: (typeof notOpenedReasons)[number]
  itemId: number | null
  until: Instant | null
}

export const notOpened = (reason: NotOpened['reason'], more: Partial<NotOpened> = {}): NotOpened => ({
  reason,
  itemId: null,
  until: null,
  ...more,
})

export type IncidentDecision =
  /** `why`: of a check that is down. */
  | { do: 'nothing'; why?: NotOpened }
  | { do: 'open' }
  | { do: 'reopen' | 'resolve' | 'note-recovery' | 'note-failing-again'; itemId: number }

const nothing: IncidentDecision = { do: 'nothing' }
const nothingSince = (...why: Parameters<typeof notOpened>): IncidentDecision => ({
  do: 'nothing',
  why: notOpened(...why),
})

/**
 * What has to happen so that the incident matches the state; carried out, the same facts give nothing.
 * What a person closed stays closed; a new one opens when the window has passed and the check is down still.
 */
export function decideIncident(facts: IncidentFacts): IncidentDecision {
  const { state, open, flapping = false } = facts
  if (state === 'unknown' || (flapping && state !== 'down')) return nothing
  if (state !== 'down') return open === undefined ? nothing : whenRecovered(open, facts.rules.autoResolve)
  if (open === undefined) return whenDown(facts)
  const { itemId, recoveryNoted } = open
  return recoveryNoted && !flapping
    ? { do: 'note-failing-again', itemId }
    : nothingSince('already-open', { itemId })
}

function whenRecovered(
  { itemId, takenUp, recoveryNoted }: OpenIncident,
  autoResolve: boolean,
): IncidentDecision {
  if (autoResolve && !takenUp) return { do: 'resolve', itemId }
  return recoveryNoted ? nothing : { do: 'note-recovery', itemId }
}

function whenDown({ last, rules, inhibitedBy, flapping, atMs }: IncidentFacts): IncidentDecision {
  if (!rules.open) return nothingSince('switched-off')
  if (flapping) return nothingSince('flapping')
  if (inhibitedBy !== undefined) return nothingSince('depends-on', { itemId: inhibitedBy })
  if (last === undefined || atMs - last.resolvedAtMs >= rules.reopenWindowMs) return { do: 'open' }
  if (last.resolvedBy === 'system') return { do: 'reopen', itemId: last.itemId }
  return nothingSince('reopen-window', { until: toInstantOrNull(last.resolvedAtMs + rules.reopenWindowMs) })
}

/** Somebody works on it: it left its first stage, or has an assignee. To have been acknowledged is not enough. */
export const isTakenUp = ({ stage, assignee }: Pick<Item, 'stage' | 'assignee'>): boolean =>
  stage !== 'idea' || assignee !== null

/** Is the fix at the end of its path since before `atMs`? Then a run at `atMs` saw what it did. */
export function isFixedBy(fix: Pick<Item, 'type' | 'stage' | 'doneAt' | 'liveAt'>, atMs: number): boolean {
  if (fix.stage !== paths[fix.type].at(-1)) return false
  const finishedAt = fix.stage === 'live' ? fix.liveAt : fix.doneAt
  return finishedAt === null || toMs(finishedAt) <= atMs
}

export interface Reminded {
  acknowledged: boolean
  takenUp: boolean
  /** When it was opened, or opened again. */
  beganMs: number
  /** When it was last reminded of, null for never. */
  remindedMs: number | null
}

/** What nobody has answered is brought back to mind, `intervalMs` after it began or after the last reminder. */
export const isReminderDue = (incident: Reminded, intervalMs: number, nowMs: number): boolean =>
  !incident.acknowledged &&
  !incident.takenUp &&
  nowMs - Math.max(incident.beganMs, incident.remindedMs ?? incident.beganMs) >= intervalMs

const conditionMax = 200

/**
 * `<feature>: <condition that failed>` on one line, at most as long as a title may be; a long feature gives way.
 * @param failedCondition  the condition, or the run's summary where it was a fault or a timeout
 */
export function incidentTitle(featureTitle: string, failedCondition: string): string {
  const condition = gist(failedCondition, conditionMax)
  return `${gist(featureTitle, titleMax - condition.length - 2)}: ${condition}`
}
