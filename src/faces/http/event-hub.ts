/**
 * What is new, told to every open page: one look at the database for all of them, and the same bytes for each. Looks
 * only while somebody listens.
 */

import { toMs } from '../../domain/instant.ts'
import { advance, formatCursor, type LogCursor, withoutOld } from '../../domain/log-cursor.ts'
import { TrackerError } from '../../errors.ts'
import { activityFollow } from '../../ops/activity-follow.ts'
import { call, type OutputOf } from '../../ops/operation.ts'
import { activityEvents, healthEvent, heartbeat, readyEvent, resetEvent, retry } from './event-text.ts'
import type { FaceOptions } from './face.ts'

export interface Listener {
  /** Bytes that it has not taken yet. */
  waiting(): number
  write(bytes: Buffer): void
  end(): void
  cut(): void
}

export interface Joining {
  /** The place where it left off; `lost` for one that can't be read. */
  from: LogCursor | 'now' | 'lost'
  /** Called once it is in; undefined when nobody is there any more. */
  open(): Listener | undefined
}

export interface HubOptions extends Pick<FaceOptions, 'database' | 'now' | 'actor' | 'pause'> {
  /** A look failed: told once, until one works again. */
  onError(error: unknown): void
}

type Followed = OutputOf<typeof activityFollow>

/** All in milliseconds. */
const lookMs = 250
/** Health is looked at less often: that is a look at every check. */
const healthMs = 1_000
/** After a look that failed. */
const failedMs = 1_000
const heartbeatMs = 15_000
/** No transaction takes longer: see the time that a statement is given in store/postgres.ts. */
const gapMs = 60_000
/** A run is recorded within a few seconds of its end; the rest is for clocks of workers that go wrong. */
const recordedMs = 20_000

const listenersMax = 1_000
/** Entries of one look. */
const lookMax = 500
/** Entries that are sent again to one that comes back; of more it is told to fetch all anew. */
const replayMax = 1_000
/** Characters of the same. */
const replayLengthMax = 1_000_000
/** Of those who wait, so many are let in at one look. */
const joiningMax = 50
/** Bytes that one may leave untaken. */
const waitingMax = 1_000_000

interface Waiting extends Joining {
  resolve(): void
  reject(error: unknown): void
}

export class EventHub {
  readonly #options: HubOptions
  readonly #listeners = new Set<Listener>()
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false
  #failing = false
  #wake = new AbortController()
  /** Where everybody is who listens; undefined before the first look. */
  #place: LogCursor | undefined
  #stamp: string | undefined
  /** Runs may have been recorded since they were looked at. */
  #healthIsOld = true
  /** The last run of each check that ran of late; undefined before the first look. */
  #runs: Map<number, number> | undefined
  /** Milliseconds that this hub has looked on for: a scale that only goes up. */
  #elapsedMs = 0
  #healthAtMs = 0
  #writtenMs = 0
  #joined = 0

  constructor(options: HubOptions) {
    this.#options = options
  }

  get elapsedMs(): number {
    return this.#elapsedMs
  }

  /**
   * Resolves once it is in, and has been told what it missed.
   * @throws TrackerError `unavailable` when there are too many, or the server closes; what the database throws
   */
  join(joining: Joining): Promise<void> {
    if (this.#closed) return Promise.reject(closing())
    if (this.#listeners.size + this.#waiting.length >= listenersMax) return Promise.reject(tooMany())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...joining, resolve, reject })
      this.#wake.abort()
      this.#running ??= this.#run()
    })
  }

  leave(listener: Listener): void {
    this.#listeners.delete(listener)
  }

  /** Ends every stream. A look that is under way, at a database that hangs say, is not waited for. */
  close(): void {
    this.#closed = true
    this.#refuse(this.#waiting.splice(0), closing())
    for (const listener of this.#listeners) listener.end()
    this.#listeners.clear()
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    while (this.#listeners.size + this.#waiting.length > 0) {
      this.#wake = new AbortController()
      const restMs = await this.#step()
      if (this.#elapsedMs >= this.#writtenMs + heartbeatMs) this.#tell(heartbeat)
      if (restMs > 0 && !this.#wake.signal.aborted) await this.#rest(restMs)
    }
    this.#place = undefined
    this.#runs = undefined
    this.#stamp = undefined
    this.#healthIsOld = true
    this.#running = undefined
  }

  /** @returns after which time to look again */
  async #step(): Promise<number> {
    const waiting = this.#waiting.splice(0, joiningMax)
    try {
      const isAll = await this.#look(waiting)
      this.#failing = false
      return isAll && this.#waiting.length === 0 ? lookMs : 0
    } catch (error) {
      this.#refuse(waiting, error)
      if (!this.#failing && !this.#closed) this.#options.onError(error)
      this.#failing = true
      return failedMs
    }
  }

  /** @returns false when there is more */
  async #look(waiting: Waiting[]): Promise<boolean> {
    // Before the question: what comes after it is seen at the next look.
    const stamp = this.#options.database.stamp()
    const isNew = stamp === undefined || stamp !== this.#stamp
    this.#healthIsOld ||= isNew
    const asksHealth = this.#healthIsOld && this.#elapsedMs >= this.#healthAtMs
    if (!isNew && !asksHealth && waiting.length === 0) return true
    const places = new Map(
      waiting.flatMap(({ from }) => (typeof from === 'object' ? [[formatCursor(from), from]] : [])),
    )
    const found = await this.#ask([...places.values()], asksHealth)
    const { joining, runs } = found
    this.#stamp = joining ? stamp : undefined
    this.#follow(found)
    if (runs) this.#tellHealth(runs)
    // With more to come it is not known yet where everybody will be.
    if (!joining) this.#waiting.unshift(...waiting)
    else this.#letIn(waiting, new Map([...places.keys()].map((key, at) => [key, joining[at]!])))
    return joining !== null
  }

  async #ask(joining: LogCursor[], asksHealth: boolean): Promise<Followed> {
    const { database, now, actor } = this.#options
    const runsSinceMs = asksHealth ? toMs(now()) - recordedMs : undefined
    const question = {
      after: this.#place ?? null,
      limit: lookMax,
      joining,
      joiningLimit: replayMax,
      runsSinceMs,
    }
    const env = { database, now, actor, trust: 'remote', permissions: 'all' } as const
    return (await call(activityFollow, question, env)).data
  }

  #follow({ entries, ids, start }: Followed): void {
    const from = this.#place ?? { last: start, gaps: [] }
    if (entries.length > 0) this.#tell(activityEvents(from, entries, this.#elapsedMs))
    const place = advance(from, ids, this.#elapsedMs)
    // SQLite hands out ids one after the other: what is missing there never comes.
    const oldMs =
      this.#options.database.engine === 'sqlite' ? Number.POSITIVE_INFINITY : this.#elapsedMs - gapMs
    this.#place = withoutOld(place, oldMs)
  }

  #tellHealth(runs: NonNullable<Followed['runs']>): void {
    const before = this.#runs
    this.#runs = new Map(runs.map(({ itemId, startedMs }) => [itemId, startedMs]))
    this.#healthIsOld = false
    this.#healthAtMs = this.#elapsedMs + healthMs
    if (!before) return
    const ran = runs.filter(({ itemId, startedMs }) => before.get(itemId) !== startedMs)
    if (ran.length > 0) this.#tell(healthEvent(ran.map(({ itemId }) => itemId).sort((a, b) => a - b)))
  }

  #letIn(waiting: Waiting[], replays: Map<string, Followed['entries']>): void {
    for (const one of waiting) {
      if (this.#closed) {
        one.reject(closing())
        continue
      }
      const listener = one.open()
      if (listener) {
        const text = this.#missed(one.from, replays)
        listener.write(Buffer.from(retry(this.#joined++) + text + readyEvent(this.#place!)))
        this.#listeners.add(listener)
      }
      one.resolve()
    }
  }

  #missed(from: Joining['from'], replays: Map<string, Followed['entries']>): string {
    if (from === 'now') return ''
    const entries = from === 'lost' ? undefined : replays.get(formatCursor(from))
    // Another pipeline, if it has been further than this one is.
    if (from === 'lost' || !entries || from.last > this.#place!.last || entries.length >= replayMax)
      return resetEvent(this.#place!)
    const text = activityEvents(from, entries, this.#elapsedMs)
    return text.length > replayLengthMax ? resetEvent(this.#place!) : text
  }

  /** Whoever has not taken what it was sent before is cut off, and comes back for it. */
  #tell(text: string): void {
    if (text === '') return
    this.#writtenMs = this.#elapsedMs
    const bytes = Buffer.from(text)
    for (const listener of this.#listeners) {
      if (listener.waiting() <= waitingMax) listener.write(bytes)
      else {
        this.#listeners.delete(listener)
        listener.cut()
      }
    }
  }

  async #rest(ms: number): Promise<void> {
    const { now, pause } = this.#options
    const beganMs = toMs(now())
    await pause(ms, this.#wake.signal)
    const took = this.#wake.signal.aborted ? toMs(now()) - beganMs : ms
    // The clock may have been set.
    this.#elapsedMs += Math.min(Math.max(took, 0), ms)
  }

  #refuse(waiting: Waiting[], error: unknown): void {
    for (const one of waiting) one.reject(error)
  }
}

const closing = (): TrackerError => new TrackerError('unavailable', 'the server is about to stop')

const tooMany = (): TrackerError =>
  new TrackerError('unavailable', `${listenersMax} clients follow the events already`, {
    hint: 'close pages that are not needed, and try again',
  })
