/** The schedule of a check follows its item: it starts on live, and starts anew when the check is edited. */

import { commandFingerprint } from '../domain/fingerprint.ts'
import { isFlapping } from '../domain/flapping.ts'
import type { CheckPlan, ParsedHealthCheck } from '../domain/health-check.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { leaseMsOf } from '../domain/lease.ts'
import { isPaused } from '../domain/pause.ts'
import { TrackerError } from '../errors.ts'
import { approveCheck, type CheckRow, lockCheck, removeCheck, resetCheck } from '../store/checks.ts'
import { openIncident } from '../store/incidents.ts'
import { insertStates } from '../store/states.ts'
import { log } from './change.ts'
import type { Context } from './operation.ts'

/** Loaded when there is a check to read: most commands have none. */
const parser = () => import('../domain/health-check.ts')

/**
 * The JSON text to store for a check that somebody wrote.
 * @param itemId whose it is; undefined for an item that is yet to be made
 * @throws TrackerError `invalid` with a failure a field; `not-found` for an item to depend on that is not there
 */
export async function checkText(
  raw: Record<string, unknown>,
  context: Pick<Context, 'q'>,
  itemId?: number,
): Promise<string> {
  const { acceptHealthCheck } = await parser()
  const { check, plan } = await acceptHealthCheck(raw)
  if (plan.dependsOn.length > 0) {
    const { requireDependencies } = await import('./check-dependencies.ts')
    await requireDependencies(context, plan.dependsOn, itemId)
  }
  return JSON.stringify(check)
}

type Watched = Pick<Item, 'id' | 'stage' | 'healthCheck'>

/**
 * Brings the schedule in step with an item that was created or changed.
 * @param before undefined for a new item
 */
export async function followItem(
  context: Context,
  before: Watched | undefined,
  after: Watched,
): Promise<void> {
  const edited = (before?.healthCheck ?? null) !== after.healthCheck
  const wasLive = before?.stage === 'live'
  const isLive = after.stage === 'live'
  if (!edited && wasLive === isLive) return
  if (after.healthCheck === null) {
    if (edited) await forget(context, before)
  } else await startAnew(context, before, after)
  const hadCheck = (before?.healthCheck ?? after.healthCheck) !== null
  if (wasLive && hadCheck) await tellIncident(context, before, after)
}

async function forget(context: Context, before: Watched | undefined): Promise<void> {
  if (!before) return
  const known = await lockCheck(context.q, before.id)
  await endWatch(context, before, known)
  await endFlapping(context, before.id, known)
  await removeCheck(context.q, before.id)
}

/** What starts anew, or is gone, flaps no longer: its log says so, as it said that it did. */
async function endFlapping(context: Context, itemId: number, known: CheckRow | undefined): Promise<void> {
  if (!known || !isFlapping(known.history)) return
  const { logFlapping } = await import('./flapping-told.ts')
  await logFlapping(context, itemId, false, { state: 'unknown' })
}

/**
 * From now on nobody knows: what was so until now is told to its end, as a run would have told it. Else what nobody
 * watched, and maintenance, would count as what was before.
 * @param item, check as they were until now
 */
export async function endWatch(
  { q, now }: Context,
  item: Watched,
  check: CheckRow | undefined,
): Promise<void> {
  if (!check || check.told === null) return
  const nowMs = toMs(now)
  const { watchedOf } = await import('./uptime-of.ts')
  const [watched] = await watchedOf(q, [{ ...item, check, isLive: item.stage === 'live' }], nowMs)
  const changes = [...watched!.tail]
  if ((changes.at(-1)?.state ?? check.told) !== 'unknown') changes.push({ atMs: nowMs, state: 'unknown' })
  await insertStates(
    q,
    changes.map((change) => ({ itemId: item.id, ...change })),
  )
}

async function startAnew(context: Context, before: Watched | undefined, after: Watched): Promise<void> {
  const { plan, check } = (await parsedOrUndefined(after.healthCheck!)) ?? {}
  const nowMs = toMs(context.now)
  const isLive = after.stage === 'live'
  const known = before?.healthCheck ? await lockCheck(context.q, after.id) : undefined
  if (before) await endWatch(context, before, known)
  await endFlapping(context, after.id, known)
  // An edit ends no pause; to leave live does.
  const paused = isLive && before?.stage === 'live' && known && isPaused(known, nowMs) ? known : undefined
  await resetCheck(context.q, after.id, {
    nextRunMs: isLive ? await firstRunMs(plan, nowMs, paused) : null,
    pausedMs: paused?.pausedMs ?? null,
    pausedUntilMs: paused?.pausedUntilMs ?? null,
    liveSinceMs: !isLive ? null : before?.stage === 'live' ? (known?.liveSinceMs ?? nowMs) : nowMs,
    runner: plan?.runner ?? 'local',
    leaseMs: leaseMsOf(plan),
  })
  if (before?.healthCheck === after.healthCheck) return
  const fingerprint = check && commandFingerprint(check)
  if (fingerprint === undefined || fingerprint === known?.approvedCommand) return
  if (context.trust === 'local') await approveCheck(context.q, after.id, fingerprint, nowMs)
  else {
    context.warn(
      `the check of #${after.id} came over the network: it does not run until it is approved with: pipeline check approve ${after.id}`,
    )
  }
}

/**
 * When a check is due that starts anew: at once, or when a pause ends. Nothing is probed for a heartbeat: it is late
 * at its first deadline.
 */
export async function firstRunMs(
  plan: CheckPlan | undefined,
  nowMs: number,
  pause?: Pick<CheckRow, 'pausedUntilMs'>,
): Promise<number | null> {
  const fromMs = pause ? pause.pausedUntilMs : nowMs
  if (fromMs === null || !plan?.enabled) return null
  if (plan.schedule.kind !== 'heartbeat') return fromMs
  const { deadlineMs } = await import('../domain/heartbeat.ts')
  return deadlineMs(plan, { lastPingMs: null, startedMs: null, liveSinceMs: fromMs }) ?? null
}

/** What a stored check comes to; undefined for one that the owner's own SQL left invalid. */
export const planOrUndefined = async (text: string): Promise<CheckPlan | undefined> =>
  (await parsedOrUndefined(text))?.plan

async function parsedOrUndefined(text: string): Promise<ParsedHealthCheck | undefined> {
  const { readStoredCheck } = await import('../domain/stored-check.ts')
  try {
    return readStoredCheck(text)
  } catch (error) {
    if (error instanceof TrackerError) return undefined
    throw error
  }
}

/** An open incident stays open, with a note on what happened to its check. */
async function tellIncident(context: Context, before: Watched, after: Watched): Promise<void> {
  const open = await openIncident(context.q, after.id)
  if (!open) return
  const what =
    after.stage !== 'live'
      ? `#${after.id} left live (now ${after.stage}); its check no longer runs`
      : after.healthCheck === null
        ? `the health check of #${after.id} was removed`
        : before.healthCheck === null
          ? `#${after.id} has a health check again`
          : `the health check of #${after.id} was edited; it starts anew from unknown`
  await log(context, open.itemId, 'check-changed', { note: `${what}. This incident stays open.` })
}
