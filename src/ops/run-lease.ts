import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import {
  type CheckRow,
  type LeaseRequest,
  leaseDue,
  leaseOne,
  lockCheck,
  unschedule,
  unscheduledItems,
} from '../store/checks.ts'
import { findItem } from '../store/items.ts'
import { requireItem } from './change.ts'
import { followItem } from './check-life.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { checkJson, isApproved } from './view.ts'

const leased = () =>
  z.strictObject({
    itemId: z.number(),
    title: z.string(),
    /** As stored: JSON text. */
    healthCheck: z.string(),
    epoch: z.number(),
    approved: z.boolean(),
    dueAtMs: z.nullable(z.number()),
  })

export type LeasedRun = z.output<ReturnType<typeof leased>>

export const runLease = operation({
  name: 'run.lease',
  summary: 'Lease runs that are due, or the run of one item',
  kind: 'write',
  needs: 'check:run',
  input: () =>
    z.strictObject({
      owner: field.words('worker', 200),
      runner: field.words('label of the runner'),
      limit: field.limit(),
      item: z.optional(field.itemId()),
      /** Only what was due by then: one pass ends, however long it takes. */
      dueByMs: z.optional(z.number()),
    }),
  output: () => z.strictObject({ runs: z.array(leased()) }),
  http: null,
  command: null,
  async run(input, context) {
    const nowMs = toMs(context.now)
    const { owner, runner, limit } = input
    const request = { owner, runner, limit, nowMs, dueByMs: Math.min(nowMs, input.dueByMs ?? nowMs) }
    const rows =
      input.item === undefined ? await due(context, request) : [await one(context, input.item, request)]
    const runs: LeasedRun[] = []
    for (const row of rows) {
      const item = await findItem(context.q, row.itemId)
      if (item?.stage !== 'live' || item.healthCheck === null) {
        await unschedule(context.q, row.itemId)
        continue
      }
      runs.push({
        itemId: item.id,
        title: item.title,
        healthCheck: item.healthCheck,
        epoch: row.epoch,
        approved: isApproved(checkJson(item)!, row.approvedCommand),
        dueAtMs: row.nextRunMs,
      })
    }
    return { runs }
  },
  toText: ({ runs }) => runs.map((run) => `#${run.itemId}`).join(' '),
})

/** Live items that the owner's own SQL put there get a schedule first. */
async function due(context: Context, request: LeaseRequest): Promise<CheckRow[]> {
  for (const id of await unscheduledItems(context.q, 100))
    await schedule(context, (await findItem(context.q, id))!)
  return leaseDue(context.q, request)
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
