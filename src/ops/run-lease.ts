import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { type CheckRow, leaseDue, leaseOne, unscheduledItems } from '../store/checks.ts'
import { findItem } from '../store/items.ts'
import { TrackerError } from '../errors.ts'
import { requireItem } from './change.ts'
import { followItem } from './check-life.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { isApproved, checkJson } from './view.ts'

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
    }),
  output: () => z.strictObject({ runs: z.array(leased()) }),
  http: null,
  command: null,
  async run(input, context) {
    const request = { owner: input.owner, nowMs: toMs(context.now), runner: input.runner, limit: input.limit }
    const rows = input.item === undefined ? await due(context, request) : [await one(context, input.item, request)]
    const runs: LeasedRun[] = []
    for (const row of rows) {
      const item = await findItem(context.q, row.itemId)
      if (!item?.healthCheck) continue
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

/** Live items that the owner's own SQL put there get a schedule first; their commands wait for approval. */
async function due(context: Context, request: Parameters<typeof leaseDue>[1]): Promise<CheckRow[]> {
  for (const id of await unscheduledItems(context.q, 100)) {
    const item = (await findItem(context.q, id))!
    const unknownOrigin = { ...context, trust: 'remote' as const, warn: () => {} }
    await followItem(unknownOrigin, undefined, item)
  }
  return leaseDue(context.q, request)
}

async function one(context: Context, id: number, request: { owner: string; nowMs: number }): Promise<CheckRow> {
  const row = await leaseOne(context.q, id, request)
  if (row) return row
  await requireItem(context.q, id)
  throw new TrackerError('conflict', `the check of #${id} is being run by another worker right now`, {
    hint: `see what it finds: pipeline show ${id}`,
  })
}
