/**
 * Runs health checks: leases them, probes, records; many in one turn. Two workers never run the same due check; a
 * result whose lease was lost is dropped.
 */

import { monitor } from '../domain/actor.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { readStoredCheck } from '../domain/stored-check.ts'
import type { StormRules } from '../domain/storm.ts'
import { TrackerError } from '../errors.ts'
import { itemShow } from '../ops/item-show.ts'
import type { LeasedRun } from '../ops/lease-runs.ts'
import { type CheckedItem, call, type Environment, type OutputOf, type WorkerDoor } from '../ops/operation.ts'
import { runGiveBack } from '../ops/run-give-back.ts'
import { runNext } from '../ops/run-next.ts'
import type { RecordedReport, RunReport } from '../ops/run-report.ts'
import { runTurn } from '../ops/run-turn.ts'
import type { Database } from '../store/database.ts'
import { execute } from './execute.ts'
import { type ProbeDoor, runCheck } from './run-check.ts'

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
  /** When many failures are one storm; the preset where it is not said. */
  storm?: StormRules
}

/** A run that was probed, and is to be recorded. */
export interface Ended {
  leased: LeasedRun
  report: RunReport
  stopped: boolean
}

export interface TurnRequest {
  ended: readonly Ended[]
  /** Items whose lease is given back. */
  release?: readonly number[]
  lease: { limit: number; dueByMs: number; item?: number; wake?: boolean; look?: boolean } | null
  /** Tells that this worker is alive, and how late a run began at the most since it last did, in milliseconds. */
  lagMs?: number
  /** Only checks with this label; default the worker's own. */
  runner?: string
}

export interface Turn {
  checked: CheckedItem[]
  runs: LeasedRun[]
  /** When something is due next that nobody holds. */
  nextDueMs: number | undefined
}

export interface Worker extends WorkerDoor {
  readonly concurrency: number
  /** Records what ended and leases what comes next, in one transaction. */
  turn(request: TurnRequest): Promise<Turn>
  /** Probes one leased run. */
  execute(leased: LeasedRun): Promise<Ended>
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
  const ownRunner = options.runner ?? 'local'
  const concurrency = options.concurrency ?? 50
  const env: Environment = { database, now, actor: monitor, trust: 'local', permissions: 'all' }
  const startedMs = toMs(now())
  const isStopped = (): boolean => door.context.signal?.aborted ?? false

  async function turn({ ended, release = [], lease, lagMs, runner = ownRunner }: TurnRequest): Promise<Turn> {
    const stopped = ended.filter((each) => each.stopped)
    const request = {
      owner,
      runner,
      reports: ended.filter((each) => !each.stopped).map((each) => each.report),
      release: [...release, ...stopped.map((each) => each.report.itemId)],
      lease,
      ...(options.storm ? { storm: options.storm } : {}),
      ...(lagMs === undefined ? {} : { seen: { concurrency, startedMs, lagMs } }),
    }
    const { recorded, runs, nextDueMs } = await patiently(request)
    const results = new Map(recorded.map((each, index) => [request.reports[index], each]))
    return {
      checked: ended.map((each) => checkedOf(each, results.get(each.report))),
      runs,
      nextDueMs: nextDueMs ?? undefined,
    }
  }

  /** A database that can't be reached for a moment does not cost the results: the leases outlast a few tries. */
  async function patiently(request: Parameters<typeof call>[1]): Promise<OutputOf<typeof runTurn>> {
    const hasResults = (request as { reports: unknown[] }).reports.length > 0
    for (let tries = 1; ; tries += 1) {
      try {
        return (await call(runTurn, request, env)).data
      } catch (error) {
        const passing = error instanceof TrackerError && error.kind === 'unavailable'
        if (!passing || !hasResults || tries >= recordTries || isStopped()) throw error
        await door.pause(recordPauseMs, door.context.signal)
      }
    }
  }

  const probe = async (leased: LeasedRun): Promise<Ended> => ({
    leased,
    ...(await execute(leased, { door, now, owner })),
  })

  const checkDue: Worker['checkDue'] = async ({
    dryRun,
    runner = ownRunner,
    concurrency: places = concurrency,
  }) => {
    if (dryRun)
      throw new TrackerError('invalid', 'check --due has no dry run', {
        hint: 'try one: pipeline check ID --dry-run',
      })
    // What falls due in the meantime is left for the next pass: this one comes to an end.
    const dueByMs = toMs(now())
    const checked: CheckedItem[] = []
    const failed: unknown[] = []
    const ended: Ended[] = []
    const pending = new Set<Promise<void>>()
    let isFirst = true
    const start = (leased: LeasedRun): void => {
      const done: Promise<void> = probe(leased)
        .then((one) => void ended.push(one))
        .finally(() => pending.delete(done))
      pending.add(done)
    }
    for (;;) {
      // Told to stop, what was given back is due again: it is left to the next pass.
      const limit = isStopped() ? 0 : places - pending.size
      const lease = limit > 0 ? { limit: Math.min(limit, 1000), dueByMs, look: isFirst } : null
      isFirst = false
      const together = ended.splice(0)
      const { checked: stored, runs } = await turn({ ended: together, lease, runner }).catch(
        async (error) => {
          if (together.length === 0) throw error
          return oneByOne(together, failed)
        },
      )
      checked.push(...stored)
      for (const leased of runs) start(leased)
      if (pending.size === 0 && ended.length === 0 && (runs.length === 0 || isStopped())) break
      if (pending.size > 0 && ended.length === 0) await Promise.race(pending)
    }
    if (failed.length > 0) throw failed[0]
    return checked.sort((a, b) => a.itemId - b.itemId)
  }

  /** One result that can't be stored must not cost the others. */
  async function oneByOne(together: readonly Ended[], failed: unknown[]): Promise<Turn> {
    const checked: CheckedItem[] = []
    for (const each of together) {
      try {
        checked.push(...(await turn({ ended: [each], lease: null })).checked)
      } catch (error) {
        failed.push(error)
      }
    }
    return { checked, runs: [], nextDueMs: undefined }
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
    const paused = item.health!.paused
    const isPaused = paused !== null && (paused.until === null || paused.until > now())
    if (item.stage === 'live' && !dryRun && !isPaused) {
      const { runs } = await turn({ ended: [], lease: { limit: 1, dueByMs: toMs(now()), item: itemId } })
      const [leased] = runs
      if (leased) return (await turn({ ended: [await probe(leased)], lease: null })).checked[0]!
    }
    const { plan } = readStoredCheck(JSON.stringify(item.healthCheck))
    const none = { itemId, title: item.title, state: null, stored: false, maintenance: false, incident: null }
    if (plan.schedule.kind === 'heartbeat') {
      const { data } = await call(itemShow, { id: itemId }, env)
      return { ...none, ...heartbeatState(data.health!, data.stage), durationMs: 0, attempts: 0 }
    }
    const { verdict, observation, attempts } = await runCheck(plan, door)
    const durationMs = Math.round(observation.durationMs)
    return { ...none, result: verdict.result, summary: verdict.summary, durationMs, attempts }
  }

  return {
    concurrency,
    turn,
    execute: probe,
    checkDue,
    checkItem,
    nextDueMs: async () => (await call(runNext, { runner: ownRunner }, env)).data.dueAtMs ?? undefined,
    giveBack: async () => void (await call(runGiveBack, { owner }, env)),
  }
}

/** Nothing is probed for a heartbeat: what is known of it is told. */
function heartbeatState(
  { state, summary, lastRunAt, nextRunAt, paused }: NonNullable<OutputOf<typeof itemShow>['health']>,
  stage: string,
): Pick<CheckedItem, 'result' | 'summary'> {
  const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`
  const known =
    lastRunAt === null ? 'no heartbeat yet' : `${summary ?? 'a heartbeat came'} (${minute(lastRunAt)})`
  if (stage !== 'live') return { result: 'unknown', summary: 'heartbeats count once it is live' }
  const next = nextRunAt === null || paused ? '' : `; the next one is due by ${minute(nextRunAt)}`
  return { result: state, summary: `${known}${next}` }
}

const checkedOf = ({ leased, report }: Ended, recorded: RecordedReport | undefined): CheckedItem => ({
  itemId: leased.itemId,
  title: leased.title,
  result: report.result,
  summary: report.summary,
  durationMs: report.durationMs,
  attempts: report.attempts,
  state: recorded?.state ?? null,
  stored: recorded?.stored ?? false,
  maintenance: recorded?.maintenance ?? false,
  incident: recorded?.incident ?? null,
})
