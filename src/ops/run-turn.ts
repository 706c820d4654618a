import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { giveBack, nextDueMs } from '../store/leases.ts'
import { seeWorker } from '../store/workers.ts'
import * as field from './fields.ts'
import { leasedRun, leaseRuns } from './lease-runs.ts'
import { operation } from './operation.ts'
import { recordRuns } from './record-runs.ts'
import { recordedRun, runReport } from './run-report.ts'

/** One without places: it does not stay. */
const passingBy = (owner: string, runner: string, nowMs: number) => ({
  owner,
  runner,
  concurrency: 0,
  startedMs: nowMs,
  seenMs: nowMs,
  lagMs: 0,
})

export const runTurn = operation({
  name: 'run.turn',
  summary: 'Store the runs that ended, and lease those that come next: one transaction for many',
  kind: 'write',
  needs: 'check:run',
  input: () =>
    z.strictObject({
      owner: field.words('worker', 200),
      runner: field.words('label of the runner'),
      reports: z.array(runReport()),
      /** Leased, and not to be run by this worker after all. */
      release: z.optional(z.array(field.itemId())),
      lease: z.nullable(
        z.strictObject({
          limit: field.limit(),
          /** The run of this item, due or not. */
          item: z.optional(field.itemId()),
          /** Only what is due by then: also what is yet to come, so that it starts in time. */
          dueByMs: z.number(),
          /** Nobody has looked for a while: what was missed is spread. */
          wake: z.optional(z.boolean()),
          /** Look also for what the owner's own SQL made live, and whether the clock was set back. */
          look: z.optional(z.boolean()),
        }),
      ),
      /** What the configuration says of storms. */
      storm: z.optional(z.strictObject({ items: z.number(), windowMs: z.number() })),
      /** The worker tells that it is alive. */
      seen: z.optional(z.strictObject({ concurrency: z.number(), startedMs: z.number(), lagMs: z.number() })),
      /** It only passes by, and is remembered under this name. */
      passing: z.optional(field.words('worker', 200)),
    }),
  output: () =>
    z.strictObject({
      recorded: z.array(recordedRun()),
      runs: z.array(leasedRun()),
      nextDueMs: z.nullable(z.number()),
    }),
  http: null,
  command: null,
  async run({ owner, runner, reports, release = [], lease, seen, passing, storm }, context) {
    const nowMs = toMs(context.now)
    if (seen) await seeWorker(context.q, { owner, runner, ...seen, seenMs: nowMs })
    if (passing !== undefined) await seeWorker(context.q, passingBy(passing, runner, nowMs))
    if (release.length > 0) await giveBack(context.q, owner, release)
    const recorded = await recordRuns(context, reports, storm)
    const runs = lease ? await leaseRuns(context, { owner, runner, nowMs, ...lease }) : []
    return { recorded, runs, nextDueMs: (await nextDueMs(context.q, runner, nowMs)) ?? null }
  },
  toText: ({ recorded, runs }) => `${recorded.length} stored, ${runs.length} leased`,
})
