/**
 * One connection of SQLite: its statements, its turns (one transaction after the other) and its patience with the
 * locks of other processes.
 */

import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'
import type { Connection, Statement } from './sqlite-driver.ts'
import { explainSqlite, isBusy } from './sqlite-errors.ts'
import { SqliteQueries, tolerant } from './sqlite-queries.ts'

/** How many prepared statements are kept; the least recently used goes first. */
const statementLimit = 500
const retryPauseMs = 20

export class SqliteChannel {
  readonly location: string
  readonly #busyTimeoutMs: number
  /** Held beside its statements: a statement alone does not keep its connection alive. */
  #connection: Connection
  readonly #statements = new Map<string, Statement>()
  /** Settles when the last transaction that was asked for is over; never rejects. */
  #tail: Promise<unknown> = Promise.resolve()
  #asked = 0
  /** How long the lock that another process holds now has been waited for, by this turn and those before it. */
  #waitedMs = 0
  /** Which lock that is: the next one has the next number. */
  #lock = 0
  /** How long that had been when the turn that runs now was asked for. */
  #sinceMs: number | undefined
  #closed = false

  constructor(location: string, busyTimeoutMs: number, connection: Connection) {
    this.location = location
    this.#busyTimeoutMs = busyTimeoutMs
    this.#connection = connection
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#asked === 0
  }

  get closed(): boolean {
    return this.#closed
  }

  exec(text: string): void {
    this.#connection.exec(text)
  }

  /** All that `ask` asks is asked of one state. */
  snapshot<T>(ask: () => T): T {
    this.exec('BEGIN')
    try {
      this.exec('SELECT 1 FROM sqlite_schema LIMIT 1')
      return ask()
    } finally {
      if (this.#connection.isTransaction) this.exec('ROLLBACK')
    }
  }

  /** One after the other: the port is asynchronous, and this is one connection. */
  inTurn<T>(job: () => Promise<T>, closing = false): Promise<T> {
    this.#asked++
    const asked = { lock: this.#lock, waitedMs: this.#waitedMs }
    const turn = this.#tail.then(async () => {
      try {
        this.#sinceMs = asked.lock === this.#lock ? asked.waitedMs : 0
        if (this.#closed && !closing) throw new TrackerError('internal', `${this.location} is closed`)
        return await job()
      } finally {
        this.#asked--
        this.#sinceMs = undefined
        if (this.idle) this.#lockIsGone()
      }
    })
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Run `work` in the transaction that was just begun, and end it. */
  async finish<T>(work: (queries: Queries) => Promise<T>, reading: boolean): Promise<T> {
    // The first statement of a read takes the snapshot: only that one can meet a lock, and may wait for it.
    let first = reading
    const queries = new SqliteQueries(async (text, run) => {
      const execute = () => {
        const statement = this.prepared(text)
        return reading ? tolerant(statement, run) : run(statement)
      }
      const result = first ? await this.patiently(execute) : this.explained(execute)
      first = false
      return result
    })
    try {
      const result = await work(queries)
      if (reading) this.#endReading()
      else await this.patiently(() => this.exec('COMMIT'))
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.exec('ROLLBACK')
      throw error
    } finally {
      queries.over()
    }
  }

  /** What was read is read, even where a damaged file can't end its transaction as it should. */
  #endReading(): void {
    try {
      this.exec('COMMIT')
    } catch {
      if (this.#connection.isTransaction) this.exec('ROLLBACK')
    }
  }

  /**
   * Try until another process lets go of its lock. SQLite's own way of waiting blocks the whole process and
   * starves the unlucky; here everybody asks again after a short random pause. A turn has waited since it was asked
   * for, not since those before it gave up: it is the same lock.
   */
  async patiently<T>(attempt: () => T): Promise<T> {
    const sinceMs = this.#sinceMs ?? this.#waitedMs
    for (;;) {
      try {
        const result = attempt()
        this.#lockIsGone()
        return result
      } catch (error) {
        if (!isBusy(error) || this.#waitedMs - sinceMs >= this.#busyTimeoutMs)
          throw explainSqlite(error, this.location)
      }
      const pauseMs = 1 + Math.random() * retryPauseMs
      await new Promise((done) => setTimeout(done, pauseMs))
      this.#waitedMs += pauseMs
    }
  }

  #lockIsGone(): void {
    if (this.#waitedMs === 0) return
    this.#waitedMs = 0
    this.#lock++
  }

  explained<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw explainSqlite(error, this.location)
    }
  }

  prepared(text: string): Statement {
    let statement = this.#statements.get(text)
    if (statement) this.#statements.delete(text)
    else {
      statement = this.#connection.prepare(text)
      if (this.#statements.size >= statementLimit) {
        this.#statements.delete(this.#statements.keys().next().value!)
      }
    }
    this.#statements.set(text, statement)
    return statement
  }

  /** The same channel on another connection. */
  reconnect(connect: () => Connection): void {
    this.#disconnect()
    this.#connection = this.explained(connect)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#disconnect()
  }

  #disconnect(): void {
    this.#statements.clear()
    this.#connection.close()
  }
}
