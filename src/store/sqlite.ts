/**
 * The port on SQLite: one connection a database, one transaction at a time.
 * Statements, turns and patience with other processes' locks live here; which SQLite it is does not
 * (sqlite-driver.ts), nor what its errors mean (sqlite-errors.ts).
 */

import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries, Row } from './database.ts'
import { bringUp, noPipeline, type Opening } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { type Connection, connect, type Statement } from './sqlite-driver.ts'
import { explainSqlite, isBusy, isWithoutIndex } from './sqlite-errors.ts'
import { SqliteQueries, tolerant } from './sqlite-queries.ts'

export interface SqliteOptions {
  now: Instant
  /** Default true. False: throw `not-found` where there is no pipeline, and leave no trace. */
  create?: boolean
  /** `normal` survives a killed process, `full` a power cut too. */
  durability?: 'normal' | 'full'
  /** How long to wait for another process's lock. Default 10 000. */
  busyTimeoutMs?: number
  migrations?: readonly Migration[]
}

/** How many prepared statements are kept; the least recently used goes first. */
const statementLimit = 500
const retryPauseMs = 20

/**
 * @param path  a file, or `:memory:`; its folder must be there
 * @throws TrackerError `not-found`, `invalid` (the predecessor's, or newer), `unavailable` (damaged, locked, …)
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Database> {
  const file = path === ':memory:' ? path : resolve(path)
  const create = options.create ?? true
  if (!create && file !== ':memory:' && !existsSync(file)) throw noPipeline(file)
  const database = new SqliteDatabase(file, options)
  try {
    await bringUp(database.opening(), { migrations, ...options, create })
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

class SqliteDatabase implements Database {
  readonly engine = 'sqlite'
  readonly location: string
  readonly #durability: 'normal' | 'full'
  readonly #busyTimeoutMs: number
  /** Held beside its statements: a statement alone does not keep its connection alive. */
  #connection: Connection
  readonly #statements = new Map<string, Statement>()
  #state: 'open' | 'immutable' | 'closed' = 'open'
  /** How the files looked when they were opened as immutable. */
  #seen = ''
  #synchronous: string | undefined
  #commits = 0
  /** Settles when the last transaction that was asked for is over; never rejects. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(file: string, options: SqliteOptions) {
    this.location = file
    this.#durability = options.durability ?? 'normal'
    this.#busyTimeoutMs = options.busyTimeoutMs ?? 10_000
    this.#connection = this.#explained(() => connect(file))
  }

  read<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      // What is read as immutable may have been changed since: look at it afresh.
      if (this.#state === 'immutable' && this.#look() !== this.#seen) this.#reconnect()
      this.#explained(() => this.#connection.exec('BEGIN'))
      return this.#finish(work, true)
    })
  }

  write<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#patiently(() => {
        if (this.#synchronous !== this.#durability) {
          this.#connection.exec(`PRAGMA synchronous = ${this.#durability}`)
          this.#synchronous = this.#durability
        }
        this.#connection.exec('BEGIN IMMEDIATE')
      })
      const result = await this.#finish(work, false)
      this.#commits++
      return result
    })
  }

  stamp(): string | undefined {
    if (this.#state !== 'open') return undefined
    try {
      const { data_version } = this.#prepared('PRAGMA data_version').get() as { data_version: number }
      return `${data_version}.${this.#commits}`
    } catch (error) {
      // Locked for a moment: no answer is the honest one.
      if (isBusy(error)) return undefined
      throw explainSqlite(error, this.location)
    }
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'closed') return
      this.#state = 'closed'
      this.#disconnect()
    }, true)
  }

  /** What migrate.ts needs beside the port. */
  opening(): Opening {
    return {
      database: this,
      peek: async (statement) => {
        const ask = () => this.#patiently(() => this.#prepared(statement.sql).get() as Row | undefined)
        try {
          return await ask()
        } catch (error) {
          if (!this.#canBeImmutable(error)) throw explainSqlite(error, this.location)
          this.#reconnect()
          return await ask()
        }
      },
      hasPipeline: async () => {
        // Asked over a second, read-only connection that is closed last: the file stays as it is, byte for
        // byte, also where another program has left a journal beside it.
        const guard = this.#explained(() =>
          connect(this.location, { readOnly: this.location !== ':memory:' }),
        )
        const found = await this.#patiently(() =>
          guard.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'pipeline'`).get(),
        )
        if (found) {
          this.#state = 'closed'
          this.#disconnect()
        }
        guard.close()
        return found !== undefined
      },
      // Persistent, so set once. Where the file system can't do it, SQLite keeps its older journal.
      prepare: () =>
        this.#inTurn(async () => {
          await this.#patiently(() => this.#connection.exec('PRAGMA journal_mode = WAL'))
        }),
    }
  }

  /** Run `work` in the transaction that was just begun, and end it. */
  async #finish<T>(work: (queries: Queries) => Promise<T>, reading: boolean): Promise<T> {
    // The first statement of a read takes the snapshot: only that one can meet a lock, and may wait for it.
    let first = reading
    const queries = new SqliteQueries(async (text, run) => {
      const execute = () => {
        const statement = this.#prepared(text)
        return reading ? tolerant(statement, run) : run(statement)
      }
      const result = first ? await this.#patiently(execute) : this.#explained(execute)
      first = false
      return result
    })
    try {
      const result = await work(queries)
      await this.#patiently(() => this.#connection.exec('COMMIT'))
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      throw error
    } finally {
      queries.over()
    }
  }

  /** One after the other: the port is asynchronous, and there is one connection. */
  #inTurn<T>(job: () => Promise<T>, closing = false): Promise<T> {
    const turn = this.#tail.then(() => {
      if (this.#state === 'closed' && !closing)
        throw new TrackerError('internal', `${this.location} is closed`)
      return job()
    })
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /**
   * Try until another process lets go of its lock. SQLite's own way of waiting blocks the whole process and
   * starves the unlucky; here everybody asks again after a short random pause.
   */
  async #patiently<T>(attempt: () => T): Promise<T> {
    for (let waitedMs = 0; ; ) {
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error) || waitedMs >= this.#busyTimeoutMs) throw explainSqlite(error, this.location)
      }
      const pauseMs = 1 + Math.random() * retryPauseMs
      waitedMs += pauseMs
      await new Promise((done) => setTimeout(done, pauseMs))
    }
  }

  #explained<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw explainSqlite(error, this.location)
    }
  }

  #prepared(text: string): Statement {
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

  #disconnect(): void {
    this.#statements.clear()
    this.#connection.close()
  }

  /** A database in a folder where SQLite can't make its journal, with nothing in a journal that would be missed. */
  #canBeImmutable(error: unknown): boolean {
    if (!isWithoutIndex(error) || this.#state !== 'open') return false
    return existsSync(this.location) && !this.#hasJournal()
  }

  #reconnect(): void {
    this.#disconnect()
    this.#state = 'immutable'
    this.#seen = this.#look()
    const { href } = pathToFileURL(this.location)
    const location = this.#hasJournal() ? this.location : `${href}?immutable=1`
    this.#connection = this.#explained(() => connect(location, { readOnly: true }))
  }

  #hasJournal(): boolean {
    return Boolean(statSync(`${this.location}-wal`, { throwIfNoEntry: false })?.size)
  }

  /** Differs when the files do. */
  #look(): string {
    const { ino, size, mtimeMs } = statSync(this.location, { throwIfNoEntry: false }) ?? {}
    return [ino, size, mtimeMs, this.#hasJournal()].join()
  }
}
