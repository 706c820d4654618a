/** Health checks of the predecessor: those that can be read go on, and none runs a command before it is approved. */

import type { Entity } from '../domain/entity.ts'
import { commandFingerprint } from '../domain/fingerprint.ts'
import { type CheckPlan, type ParsedHealthCheck, parseHealthCheck } from '../domain/health-check.ts'
import { isObject } from '../domain/health-check-readers.ts'
import { toMs } from '../domain/instant.ts'
import { leaseMsOf } from '../domain/lease.ts'
import { TrackerError } from '../errors.ts'
import { entryOf, type Ledger, leave, log, put, ranks } from './legacy-ledger.ts'
import { jsonOf } from './legacy-values.ts'

/**
 * Gives the item its check, and the check its schedule. What can't be read becomes a note of the item, whole.
 * @param item  with its stage and its times; its `healthCheck` is set here
 * @param text  the column, null for none
 */
export function convertCheck(ledger: Ledger, item: Entity<'item'>, text: string | null): void {
  const value = text === null || text.trim() === '' ? null : jsonOf(text)
  if (text === null || value === null) return
  const parsed = read(value)
  if (typeof parsed === 'string') {
    const note = `This health check could not be read and was not carried over: ${text}`
    log(ledger, entryOf(ledger.now, item.id, 'noted', { note, noteType: 'progress' }), ranks.closing)
    const why = `${parsed}; its text is a note of the item now`
    leave(ledger, { what: 'health-check', id: null, itemId: item.id, why, text })
    return
  }
  item.healthCheck = JSON.stringify(parsed.check)
  put(ledger, 'check', item.id, scheduleOf(ledger, item, parsed.plan))
  const runsCommand = commandFingerprint(parsed.check) !== undefined
  if (item.stage === 'live' && runsCommand) ledger.report.unapproved.push(item.id)
}

/** The check, or what is wrong with it. */
function read(value: unknown): ParsedHealthCheck | string {
  if (!isObject(value)) return 'it is no JSON object'
  try {
    return parseHealthCheck(value)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    const [first] = error.failures
    return first ? `${first.field} ${first.message}` : error.message
  }
}

/** As the check of an item starts that just went live, or has not yet. */
function scheduleOf(
  { now }: Ledger,
  { id, stage, liveAt }: Entity<'item'>,
  plan: CheckPlan,
): Entity<'check'> {
  const isLive = stage === 'live'
  const isScheduled = isLive && plan.enabled && plan.schedule.kind !== 'heartbeat'
  return {
    itemId: id,
    state: 'unknown',
    sinceMs: null,
    failures: 0,
    successes: 0,
    liveSinceMs: isLive && liveAt !== null ? toMs(liveAt) : null,
    lastRunMs: null,
    lastResult: null,
    lastSummary: null,
    lastDurationMs: null,
    nextRunMs: isScheduled ? toMs(now) : null,
    runner: plan.runner,
    leaseMs: leaseMsOf(plan),
    epoch: 0,
    approvedCommand: null,
    dismissedMs: null,
    history: 0,
    told: null,
    rolledMs: null,
    missedMs: null,
    pausedMs: null,
    pausedUntilMs: null,
    begunMs: null,
    pingedMs: null,
    maintenanceUntilMs: null,
  }
}
