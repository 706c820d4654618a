/**
 * The monitor: runs what is due, each at its instant, for as long as nobody stops it. Takes the runs of the next
 * seconds ahead and stores those of the last ones in the same turn, so that a hundred checks cost one commit.
 */

import { type Instant, toMs } from '../domain/instant.ts'
import type { LeasedRun } from '../ops/lease-runs.ts'
import type { CheckedItem } from '../ops/operation.ts'
import { sleptMs } from './run-check.ts'
import type { Ended, Turn, Worker } from './worker.ts'

export interface LoopOptions {
  worker: Pick<Worker, 'concurrency' | 'turn' | 'execute' | 'nextDueMs' | 'giveBack'>
  now(): Instant
  /** Resolves after `ms`, or at once when `signal` aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>
  signal: AbortSignal
  onRun?(run: CheckedItem): void
  /** After each look at what is due that worked. */
  onPass?(): void
  /** A turn that failed, because the database can't be reached, say. The loop goes on. */
  onError?(error: unknown): void
  /** The first turn that works after one or more that failed. */
  onRecovered?(): void
}

/** Others may schedule something at any moment: looked for this often, in milliseconds. */
const pollMs = 1000
/** Runs are taken so long before they are due, and so long a result that tells nothing new may wait for others. */
const aheadMs = 3000
/** A turn is taken when the next run that nobody holds is so near. */
const nearMs = 250
/** So many results are stored at once; more do not wait. */
const enough = 200
/** Between two turns at the least: bad news waits no longer, and a flood of it costs no turn each. */
const restMs = 200
/** Runs that are taken and not begun yet. */
const queueMax = 1000
/** Leasing writes, so it waits until something is due; but what the owner's own SQL made live is not known to be. */
const lookMs = 10_000
/** After turns that failed the next one waits twice as long each time, up to this. */
const failedMaxMs = 10_000

/** Resolves when stopped, with everything under way recorded or given back. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const loop = new Loop(options)
  while (!options.signal.aborted) await loop.step()
  await loop.end()
}

class Loop {
  readonly #options: LoopOptions
  readonly #underWay = new Set<Promise<void>>()
  /** Taken, not begun; the first due first. */
  #queue: LeasedRun[] = []
  #ended: { run: Ended; atMs: number }[] = []
  /** How late a run began at the most since that was told. */
  #lagMs = 0
  #seenMs = Number.NEGATIVE_INFINITY
  /** When the next one is due that nobody holds, as far as is known. */
  #nextDueMs: number | undefined
  #polledMs = Number.NEGATIVE_INFINITY
  #lookedMs = Number.NEGATIVE_INFINITY
  #turnedMs = Number.NEGATIVE_INFINITY
  /** When this loop meant to be awake again. */
  #awakeMs: number | undefined
  #wake = new AbortController()
  #missed = true
  #failed = 0
  #retryMs = Number.NEGATIVE_INFINITY

  constructor(options: LoopOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#wake.abort(), { once: true })
  }

  async step(): Promise<void> {
    if (this.#wake.signal.aborted && !this.#options.signal.aborted) this.#wake = new AbortController()
    this.#notice(this.#nowMs())
    this.#begin()
    try {
      if (this.#nowMs() >= this.#retryMs) {
        await this.#poll()
        if (this.#isTurn(this.#nowMs())) await this.#turn()
        if (this.#failed > 0) this.#options.onRecovered?.()
        this.#failed = 0
        this.#options.onPass?.()
      }
    } catch (error) {
      this.#retryMs = this.#nowMs() + Math.min(failedMaxMs, pollMs * 2 ** this.#failed++)
      this.#options.onError?.(error)
    }
    this.#begin()
    await this.#sleep()
  }

  /** Stopped: what is under way ends, is recorded or given back. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay)
    try {
      const ended = this.#ended.splice(0).map((each) => each.run)
      if (ended.length > 0) this.#tell(await this.#options.worker.turn({ ended, lease: null }))
    } catch (error) {
      this.#options.onError?.(error)
    }
    try {
      await this.#options.worker.giveBack()
    } catch (error) {
      this.#options.onError?.(error)
    }
  }

  #nowMs = (): number => toMs(this.#options.now())

  /** Did the clock go on while nobody looked, or back? Then what is due is spread anew. */
  #notice(nowMs: number): void {
    const awakeMs = this.#awakeMs ?? nowMs
    if (nowMs > awakeMs + sleptMs || nowMs < awakeMs - aheadMs - sleptMs) {
      this.#missed = true
      this.#polledMs = this.#lookedMs = this.#retryMs = Number.NEGATIVE_INFINITY
    }
  }

  /** Begins what is due, as far as there are places. */
  #begin(): void {
    const nowMs = this.#nowMs()
    if (this.#missed) return
    const { concurrency } = this.#options.worker
    while (this.#queue.length > 0 && this.#underWay.size < concurrency) {
      if ((this.#queue[0]!.dueAtMs ?? nowMs) > nowMs) return
      this.#run(this.#queue.shift()!, nowMs)
    }
  }

  #run(leased: LeasedRun, nowMs: number): void {
    const lagMs = Math.max(0, nowMs - (leased.dueAtMs ?? nowMs))
    const done = this.#options.worker
      .execute(leased)
      .then((run) => {
        this.#ended.push({ run, atMs: this.#nowMs() })
        this.#lagMs = Math.max(this.#lagMs, lagMs)
        if (run.report.result !== 'up' || this.#ended.length >= enough) this.#wake.abort()
      })
      .catch((error) => this.#options.onError?.(error))
      .finally(() => {
        this.#underWay.delete(done)
        // There was no place for the next one.
        if (this.#underWay.size === this.#options.worker.concurrency - 1) this.#wake.abort()
      })
    this.#underWay.add(done)
  }

  async #poll(): Promise<void> {
    const nowMs = this.#nowMs()
    if (nowMs - this.#polledMs < pollMs) return
    this.#polledMs = nowMs
    this.#nextDueMs = await this.#options.worker.nextDueMs()
  }

  /** Is there something new to tell, enough to store, or something near that nobody holds? */
  #isTurn(nowMs: number): boolean {
    if (this.#missed || nowMs - this.#lookedMs >= lookMs) return true
    if (nowMs - this.#turnedMs < restMs && nowMs >= this.#turnedMs) return false
    const [oldest] = this.#ended
    if (oldest && (nowMs - oldest.atMs >= aheadMs || this.#ended.length >= enough)) return true
    if (this.#hasNews()) return true
    return this.#nextDueMs !== undefined && this.#nextDueMs <= nowMs + nearMs && this.#free() > 0
  }

  #hasNews = (): boolean => this.#ended.some(({ run }) => run.stopped || run.report.result !== 'up')

  /**
   * How many more runs may be taken; none while half of those are waiting, since taking one at a time costs a turn
   * each. While all places are taken by slow ones, few: another worker may be free.
   */
  #free(): number {
    const { concurrency } = this.#options.worker
    const most = this.#underWay.size >= concurrency ? concurrency : queueMax
    return this.#queue.length > most / 2 ? 0 : most - this.#queue.length
  }

  async #turn(): Promise<void> {
    const nowMs = this.#nowMs()
    const together = this.#ended.splice(0)
    const wake = this.#missed
    const look = wake || nowMs - this.#lookedMs >= lookMs
    this.#turnedMs = nowMs
    const late = this.#queue.filter((leased) => wake || leased.leaseUntilMs < nowMs)
    const release = late.map((leased) => leased.itemId)
    const limit = Math.min(queueMax, this.#free())
    const ended = together.map((each) => each.run)
    const isSeen = nowMs - this.#seenMs < lookMs && nowMs >= this.#seenMs
    let turn: Turn
    try {
      turn = await this.#options.worker.turn({
        ended,
        release,
        ...(isSeen ? {} : { lagMs: this.#lagMs }),
        lease:
          limit > 0
            ? { limit, dueByMs: nowMs + aheadMs, ...(wake ? { wake } : {}), ...(look ? { look } : {}) }
            : null,
      })
    } catch (error) {
      turn = await this.#oneByOne(ended, error)
    }
    if (!isSeen) {
      this.#seenMs = nowMs
      this.#lagMs = 0
    }
    this.#missed = false
    if (look) this.#lookedMs = nowMs
    this.#nextDueMs = turn.nextDueMs
    this.#queue = [...this.#queue.filter((leased) => !late.includes(leased)), ...turn.runs].sort(
      (a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0),
    )
    this.#tell(turn)
  }

  /** One result that can't be stored must not cost the others. */
  async #oneByOne(ended: readonly Ended[], error: unknown): Promise<Turn> {
    if (ended.length < 2) throw error
    const checked: CheckedItem[] = []
    for (const each of ended) {
      try {
        checked.push(...(await this.#options.worker.turn({ ended: [each], lease: null })).checked)
      } catch (one) {
        this.#options.onError?.(one)
      }
    }
    return { checked, runs: [], nextDueMs: this.#nextDueMs }
  }

  #tell({ checked }: Turn): void {
    for (const run of checked) {
      try {
        this.#options.onRun?.(run)
      } catch (error) {
        this.#options.onError?.(error)
      }
    }
  }

  async #sleep(): Promise<void> {
    if (this.#options.signal.aborted) return
    const nowMs = this.#nowMs()
    const ms = Math.max(1, this.#untilMs(nowMs) - nowMs)
    this.#awakeMs = nowMs + ms
    await this.#options.pause(ms, this.#wake.signal)
  }

  /** When there is something to do again. */
  #untilMs(nowMs: number): number {
    if (this.#failed > 0) return this.#retryMs
    const full = this.#underWay.size >= this.#options.worker.concurrency
    const times = [nowMs + pollMs]
    if (!full && this.#queue[0]) times.push(this.#queue[0].dueAtMs ?? nowMs)
    if (this.#ended[0]) times.push(this.#ended[0].atMs + aheadMs)
    if (this.#hasNews()) times.push(this.#turnedMs + restMs)
    if (this.#nextDueMs !== undefined && this.#free() > 0) times.push(this.#nextDueMs - nearMs)
    return Math.min(...times)
  }
}
