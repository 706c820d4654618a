/**
 * Due runs: lease (one operation), probe (no database), record (one operation). Two workers never run the same
 * due check; a result whose lease was lost is dropped.
 */

import { monitor } from '../domain/actor.ts'
import { type CheckPlan, parseHealthCheck } from '../domain/health-check.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { itemShow } from '../ops/item-show.ts'
import { type CheckedItem, call, type Environment, type OutputOf, type WorkerDoor } from '../ops/operation.ts'
import { runGiveBack } from '../ops/run-give-back.ts'
import { type LeasedRun, runLease } from '../ops/run-lease.ts'
import { runNext } from '../ops/run-next.ts'
import { type RunReport, runRecord } from '../ops/run-record.ts'
import type { Database } from '../store/database.ts'
import { evidenceOf } from './evidence.ts'
import { type ProbeDoor, type RunOutcome, runCheck } from './run-check.ts'

export interface WorkerOptions {
  database: Database
  now(): Instant
  door: ProbeDoor
  /** Who holds the leases: unique for each process. */
  owner: string
  /** Only checks with this label are run. */
  runner?: string
  /** Probes at once. */
  concurrency?: number
}

export interface Worker extends WorkerDoor {
  /**
   * Leases what is due up to the free places and starts it.
   * @param dueByMs leave what falls due later
   * @returns once started, the runs under way
   */
  start(dueByMs?: number): Promise<Promise<CheckedItem>[]>
  /** When something will be due; undefined when nothing is scheduled. */
  nextDueMs(): Promise<number | undefined>
  /** Gives back what is leased and not recorded. */
  giveBack(): Promise<void>
}

/** How often and how far apart a result is tried to be stored while the database can't be reached. */
const recordTries = 10
const recordPauseMs = 3_000

export function createWorker(options: WorkerOptions): Worker {
  const { database, now, owner, door } = options
  const runner = options.runner ?? 'local'
  const concurrency = options.concurrency ?? 16
  let underWay = 0
  const env: Environment = { database, now, actor: monitor, trust: 'local', permissions: 'all' }

  const lease = async (limit: number, which: { item?: number; dueByMs?: number }): Promise<LeasedRun[]> =>
    (await call(runLease, { owner, runner, limit, ...which }, env)).data.runs

  async function execute(leased: LeasedRun): Promise<CheckedItem> {
    const startedMs = toMs(now())
    const outcome = leased.approved ? await probed(leased, door) : notApproved(leased)
    const { verdict, observation, attempts } = outcome
    const shared = { itemId: leased.itemId, result: verdict.result, summary: verdict.summary, attempts }
    const durationMs = Math.round(observation.durationMs)
    if (door.context.signal?.aborted) {
      await giveBack()
      return { ...shared, title: leased.title, durationMs, state: null, stored: false, incident: null }
    }
    const report = {
      ...shared,
      epoch: leased.epoch,
      condition: verdict.failed?.expectation ?? verdict.summary,
      evidence: evidenceOf(outcome, owner),
      startedMs,
      durationMs,
    }
    const data = await recorded(report)
    return { ...shared, title: leased.title, durationMs, ...data }
  }

  /** A database that can't be reached for a moment does not cost the result: the lease outlasts a few tries. */
  async function recorded(report: RunReport): Promise<OutputOf<typeof runRecord>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return (await call(runRecord, report, env)).data
      } catch (error) {
        const passing = error instanceof TrackerError && error.kind === 'unavailable'
        if (!passing || tries >= recordTries || door.context.signal?.aborted) throw error
        await door.pause(recordPauseMs, door.context.signal)
      }
    }
  }

  async function giveBack(): Promise<void> {
    await call(runGiveBack, { owner }, env)
  }

  async function start(dueByMs?: number): Promise<Promise<CheckedItem>[]> {
    const free = concurrency - underWay
    if (free <= 0) return []
    const runs = await lease(free, dueByMs === undefined ? {} : { dueByMs })
    underWay += runs.length
    return runs.map((run) => execute(run).finally(() => (underWay -= 1)))
  }

  const isStopped = (): boolean => door.context.signal?.aborted ?? false

  async function checkDue({ dryRun }: { dryRun: boolean }): Promise<CheckedItem[]> {
    if (dryRun)
      throw new TrackerError('invalid', 'check --due has no dry run', {
        hint: 'try one: pipeline check ID --dry-run',
      })
    // What falls due in the meantime is left for the next pass: this one comes to an end.
    const dueByMs = toMs(now())
    const checked: CheckedItem[] = []
    const failed: unknown[] = []
    const pending = new Set<Promise<void>>()
    for (;;) {
      // Told to stop, what was given back is due again: it is left to the next pass.
      for (const run of isStopped() ? [] : await start(dueByMs)) {
        const done: Promise<void> = run
          .then((one) => void checked.push(one))
          .catch((error) => void failed.push(error))
          .finally(() => pending.delete(done))
        pending.add(done)
      }
      if (pending.size === 0) break
      await Promise.race(pending)
    }
    if (failed.length > 0) throw failed[0]
    return checked.sort((a, b) => a.itemId - b.itemId)
  }

  async function checkItem(itemId: number, { dryRun }: { dryRun: boolean }): Promise<CheckedItem> {
    const { data: item } = await call(itemShow, { id: itemId }, env)
    if (!item.healthCheck) {
      throw new TrackerError('invalid', `#${itemId} has no health check`, {
        hint: `give it one: pipeline update ${itemId} --health-check '{"type":"http","url":"…","frequency":"5m"}'`,
      })
    }
    if (!item.health!.approved) {
      throw new TrackerError(
        'not-permitted',
        `the check of #${itemId} was written over the network or by another program, and is not approved`,
        {
          hint: `read it (pipeline show ${itemId}), then: pipeline check approve ${itemId}`,
        },
      )
    }
    if (item.stage === 'live' && !dryRun) {
      const [leased] = await lease(1, { item: itemId })
      if (leased) return execute(leased)
    }
    const { plan } = parseHealthCheck(item.healthCheck)
    const { verdict, observation, attempts } = await runCheck(plan, door)
    return {
      itemId,
      title: item.title,
      result: verdict.result,
      state: null,
      summary: verdict.summary,
      durationMs: Math.round(observation.durationMs),
      attempts,
      stored: false,
      incident: null,
    }
  }

  return {
    start,
    checkDue,
    checkItem,
    nextDueMs: async () => (await call(runNext, { runner }, env)).data.dueAtMs ?? undefined,
    giveBack,
  }
}

async function probed(leased: LeasedRun, door: ProbeDoor): Promise<RunOutcome> {
  let plan: CheckPlan
  try {
    plan = parseHealthCheck(JSON.parse(leased.healthCheck)).plan
  } catch (error) {
    return notRun('invalid-check', error instanceof Error ? error.message : String(error))
  }
  return runCheck(plan, door)
}

const notApproved = ({ itemId }: LeasedRun): RunOutcome =>
  notRun('not-approved', `the check is not approved: pipeline check approve ${itemId}`)

const notRun = (code: string, message: string): RunOutcome => ({
  verdict: { result: 'unknown', summary: `not run: ${message}` },
  observation: { durationMs: 0, fault: { code, message, of: 'runner' } },
  attempts: 0,
})
