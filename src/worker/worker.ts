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
import { notRecorded, type RecordedReport, type RunReport } from '../ops/run-report.ts'
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

/** One pass over what is due. */
interface Pass {
  checked: CheckedItem[]
  failed: unknown[]
  /** Probed, and to be recorded. */
  ended: Ended[]
  /** Taken, not begun. */
  queue: LeasedRun[]
  pending: Set<Promise<void>>
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
  /** Tells that somebody looked who does not stay. */
  isPassing?: boolean
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

  async function turn({
    ended,
    release = [],
    lease,
    lagMs,
    runner = ownRunner,
    isPassing,
  }: TurnRequest): Promise<Turn> {
    const stopped = ended.filter((each) => each.stopped)
    const request = {
      owner,
      runner,
      reports: ended.filter((each) => !each.stopped).map((each) => each.report),
      release: [...release, ...stopped.map((each) => each.report.itemId)],
      lease,
      ...(isPassing ? { passing: `passes on ${owner.split(':')[0]}` } : {}),
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
    const pass: Pass = { checked: [], failed: [], ended: [], queue: [], pending: new Set() }
    // Taken and stored by the handful: a turn each would cost more than the runs.
    const handful = Math.max(20, 2 * places)
    let isFirst = true
    let isMore = true
    for (;;) {
      begin(pass, places)
      const { ended, queue, pending } = pass
      // Told to stop, what was given back is due again: it is left to the next pass.
      if (isStopped()) isMore = false
      const isLow = isMore && queue.length < places
      if (isLow || ended.length >= handful || pending.size === 0) {
        const limit = Math.min(1000, handful + places - queue.length)
        const lease = isMore ? { limit, dueByMs, look: isFirst } : null
        const release = isStopped() ? queue.splice(0).map((leased) => leased.itemId) : []
        const runs = await turnOf(pass, {
          ended: ended.splice(0),
          release,
          lease,
          runner,
          isPassing: isFirst,
        })
        if (runs) isMore = isMore && runs.length === limit
        isFirst = false
        queue.push(...(runs ?? []))
        if (queue.length + pending.size + ended.length === 0) break
      } else await Promise.race(pending)
    }
    if (pass.failed.length > 0) throw pass.failed[0]
    return pass.checked.sort((a, b) => a.itemId - b.itemId)
  }

  /** Begins what was taken, as far as there are places; each that ends makes room for the next. */
  function begin(pass: Pass, places: number): void {
    const { queue, pending, ended } = pass
    while (queue.length > 0 && pending.size < places && !isStopped()) {
      const done: Promise<void> = probe(queue.shift()!)
        .then((one) => void ended.push(one))
        .finally(() => {
          pending.delete(done)
          begin(pass, places)
        })
      pending.add(done)
    }
  }

  /** @returns what was leased; undefined where the results had to be stored one by one */
  async function turnOf(pass: Pass, request: TurnRequest): Promise<LeasedRun[] | undefined> {
    try {
      const { checked, runs } = await turn(request)
      pass.checked.push(...checked)
      return runs
    } catch (error) {
      if (request.ended.length === 0) throw error
      pass.checked.push(...(await oneByOne(request.ended, pass.failed)))
      return undefined
    }
  }

  /** One result that can't be stored must not cost the others. */
  async function oneByOne(together: readonly Ended[], failed: unknown[]): Promise<CheckedItem[]> {
    const checked: CheckedItem[] = []
    for (const each of together) {
      try {
        checked.push(...(await turn({ ended: [each], lease: null })).checked)
      } catch (error) {
        failed.push(error)
      }
    }
    return checked
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
    const none = { ...notRecorded(itemId), title: item.title }
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
  notOpened: recorded?.notOpened ?? null,
})
