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
  /** How long another process's lock has been waited for, by this turn and by those before it that met the same. */
  #waitedMs = 0
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

  /** One after the other: the port is asynchronous, and this is one connection. */
  inTurn<T>(job: () => Promise<T>, closing = false): Promise<T> {
    this.#asked++
    const turn = this.#tail.then(async () => {
      try {
        if (this.#closed && !closing) throw new TrackerError('internal', `${this.location} is closed`)
        return await job()
      } finally {
        this.#asked--
        if (this.idle) this.#waitedMs = 0
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
      await this.patiently(() => this.exec('COMMIT'))
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.exec('ROLLBACK')
      throw error
    } finally {
      queries.over()
    }
  }

  /**
   * Try until another process lets go of its lock. SQLite's own way of waiting blocks the whole process and
   * starves the unlucky; here everybody asks again after a short random pause. What waits behind a turn that gave
   * up does not begin to wait from zero: it is the same lock.
   */
  async patiently<T>(attempt: () => T): Promise<T> {
    for (;;) {
      try {
        const result = attempt()
        this.#waitedMs = 0
        return result
      } catch (error) {
        if (!isBusy(error) || this.#waitedMs >= this.#busyTimeoutMs) throw explainSqlite(error, this.location)
      }
      const pauseMs = 1 + Math.random() * retryPauseMs
      await new Promise((done) => setTimeout(done, pauseMs))
      this.#waitedMs += pauseMs
    }
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
