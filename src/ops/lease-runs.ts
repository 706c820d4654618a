/** Which runs a worker takes next. Called inside its turn. */

import * as z from 'zod/mini'
import type { Item } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import { type CheckRow, lockCheck, unschedule, unscheduledItems } from '../store/checks.ts'
import { findItem, findItems } from '../store/items.ts'
import {
  giveBack,
  type LeaseRequest,
  leaseDue,
  leaseOne,
  missedChecks,
  missRun,
  rewind,
} from '../store/leases.ts'
import { requireItem } from './change.ts'
import { followItem, planOrUndefined } from './check-life.ts'
import type { Context } from './operation.ts'
import { checkJson, isApproved } from './view.ts'

export const leasedRun = () =>
  z.strictObject({
    itemId: z.number(),
    title: z.string(),
    /** As stored: JSON text. */
    healthCheck: z.string(),
    epoch: z.number(),
    approved: z.boolean(),
    /** When it is to start; null for one that was asked for out of turn. */
    dueAtMs: z.nullable(z.number()),
    leaseUntilMs: z.number(),
    /** Heartbeat: the last report that the job ended, and a start without an end. */
    pingedMs: z.nullable(z.number()),
    begunMs: z.nullable(z.number()),
  })

export type LeasedRun = z.output<ReturnType<typeof leasedRun>>

export interface Wanted extends LeaseRequest {
  item?: number | undefined
  wake?: boolean | undefined
  look?: boolean | undefined
}

export async function leaseRuns(context: Context, wanted: Wanted): Promise<LeasedRun[]> {
  if (wanted.look) await lookAround(context, wanted)
  if (wanted.wake) await spreadMissed(context, wanted)
  const rows =
    wanted.item === undefined ? await leaseDue(context.q, wanted) : [await one(context, wanted.item, wanted)]
  const items = await findItems(
    context.q,
    rows.map((row) => row.itemId),
  )
  const runs: LeasedRun[] = []
  for (const row of rows) {
    const item = items.get(row.itemId)
    if (item?.stage !== 'live' || item.healthCheck === null) await unschedule(context.q, row.itemId)
    else if (await isSkipped(context, item.healthCheck, row, wanted)) continue
    else runs.push(leasedOf(item, item.healthCheck, row, wanted))
  }
  return runs.sort((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0) || a.itemId - b.itemId)
}

/** It gives its lease back: later than its check allows, it waits for its next turn; a heartbeat is not asked for. */
async function isSkipped(
  { q }: Context,
  healthCheck: string,
  row: CheckRow,
  { owner, nowMs, item }: Wanted,
): Promise<boolean> {
  const isHeartbeat = healthCheck.includes('"heartbeat"') && (await isHeartbeatCheck(healthCheck))
  if (isHeartbeat && item !== undefined && (row.nextRunMs === null || row.nextRunMs > nowMs)) {
    await giveBack(q, owner, [row.itemId])
    return true
  }
  if (isHeartbeat || item !== undefined) return false
  if (row.nextRunMs === null || row.nextRunMs >= nowMs || !healthCheck.includes('"maxLateness"')) return false
  const { isTooLate, nextRun } = await import('../domain/schedule.ts')
  const plan = await planOrUndefined(healthCheck)
  if (!plan || !isTooLate(plan, row.nextRunMs, nowMs)) return false
  await giveBack(q, owner, [row.itemId])
  const facts = { itemId: row.itemId, lastDueMs: row.nextRunMs, nowMs }
  await missRun(q, row.itemId, nextRun(plan, facts) ?? null)
  return true
}

const isHeartbeatCheck = async (healthCheck: string): Promise<boolean> =>
  (await planOrUndefined(healthCheck))?.schedule.kind === 'heartbeat'

const leasedOf = (item: Item, healthCheck: string, row: CheckRow, wanted: Wanted): LeasedRun => ({
  itemId: item.id,
  title: item.title,
  healthCheck,
  epoch: row.epoch,
  approved: isApproved(checkJson(item)!, row.approvedCommand),
  dueAtMs: wanted.item === undefined ? row.nextRunMs : null,
  leaseUntilMs: row.leaseUntilMs ?? wanted.nowMs,
  pingedMs: row.pingedMs,
  begunMs: row.begunMs,
})

/** Live items that the owner's own SQL put there get a schedule; what ran in a future that was none is due. */
async function lookAround(context: Context, { runner, nowMs }: Wanted): Promise<void> {
  for (const id of await unscheduledItems(context.q, 1000))
    await schedule(context, (await findItem(context.q, id))!)
  await rewind(context.q, runner, nowMs)
}

/** Nobody knows who wrote it, so its command waits for approval. */
const schedule = (context: Context, item: Item): Promise<void> =>
  followItem({ ...context, trust: 'remote', warn: () => {} }, undefined, item)

async function one(context: Context, id: number, request: LeaseRequest): Promise<CheckRow> {
  const item = await requireItem(context.q, id)
  if (!(await lockCheck(context.q, id))) await schedule(context, item)
  const row = await leaseOne(context.q, id, request)
  if (row) return row
  throw new TrackerError('conflict', `the check of #${id} is being run by another worker right now`, {
    hint: `see what it finds: pipeline show ${id}`,
  })
}

/** So many of what was missed run at once: whoever has a handful of checks need not wait for them. */
const atOnce = 5

/** After a start, a sleep or a clock set back: each gets an instant of its own, so that they do not fire together. */
async function spreadMissed({ q }: Context, { runner, nowMs }: Wanted): Promise<void> {
  const { spreadSlot } = await import('../domain/schedule.ts')
  const missed = await missedChecks(q, runner, nowMs)
  const items = await findItems(
    q,
    missed.map((row) => row.itemId),
  )
  let free = atOnce
  for (const { itemId } of missed) {
    const plan = await planOrUndefined(items.get(itemId)?.healthCheck ?? '')
    // Where nobody listened nobody could report: the job gets its grace once more.
    if (plan?.schedule.kind === 'heartbeat') await missRun(q, itemId, nowMs + plan.schedule.graceMs)
    else if (free > 0 && plan?.missedRun !== 'skip') free -= 1
    else if (plan) await missRun(q, itemId, spreadSlot(plan, { itemId, nowMs }) ?? null)
  }
}
