/**
 * The port on SQLite: which connection does what, and how a file is opened. Statements, turns and patience with
 * locks are in sqlite-channel.ts, which SQLite it is in sqlite-driver.ts, what its errors mean in sqlite-errors.ts.
 */

import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Instant } from '../domain/instant.ts'
import type { Database, Queries, Row } from './database.ts'
import { bringUp, noPipeline, type Opening, type Owner } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { SqliteChannel } from './sqlite-channel.ts'
import { type Connection, connect } from './sqlite-driver.ts'
import { explainSqlite, isBusy, isWithoutIndex } from './sqlite-errors.ts'
import { hasJournal } from './sqlite-journal.ts'

export interface SqliteOptions {
  now: Instant
  /** Default true. False: throw `not-found` where there is no pipeline, and leave no trace. */
  create?: boolean
  migrate?: boolean
  /** `normal` survives a killed process, `full` a power cut too. */
  durability?: 'normal' | 'full'
  /** How long to wait for another process's lock. Default 10 000. */
  busyTimeoutMs?: number
  migrations?: readonly Migration[]
}

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

/** Statements that are kept would keep their connection open beyond its end: so none is prepared. */
function ownerIn(channel: SqliteChannel): Owner | undefined {
  const has = (columns: string, table: string): boolean => {
    try {
      channel.exec(`SELECT ${columns} FROM ${table} LIMIT 0`)
      return true
    } catch (error) {
      if (error instanceof Error && /^no such (table|column)/.test(error.message)) return false
      throw error
    }
  }
  // Else what another process makes meanwhile would be there for the last question alone.
  return channel.snapshot(() => {
    if (!has('1', 'pipeline')) return undefined
    if (has('1', 'pipeline_migrations')) return 'ours'
    return has('id, title, stage', 'pipeline') ? 'predecessor' : 'foreign'
  })
}

class SqliteDatabase implements Database {
  readonly engine = 'sqlite'
  readonly location: string
  readonly #durability: 'normal' | 'full'
  readonly #busyTimeoutMs: number
  readonly #main: SqliteChannel
  /** For reads while a write runs, or waits for a lock: made when first needed, so not for one command. */
  #reader: SqliteChannel | undefined
  /** The folder can't be written to: the file is read as it is, as long as it looks the same. */
  #isImmutable = false
  #seen = ''
  #synchronous: string | undefined
  #commits = 0

  constructor(file: string, options: SqliteOptions) {
    this.location = file
    this.#durability = options.durability ?? 'normal'
    this.#busyTimeoutMs = options.busyTimeoutMs ?? 10_000
    this.#main = this.#channel({})
  }

  read<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const channel = this.#channelForReading()
    return channel.inTurn(async () => {
      // What is read as immutable may have been changed since: look at it afresh.
      if (this.#isImmutable && this.#look() !== this.#seen) this.#readAsItIs()
      channel.explained(() => channel.exec('BEGIN'))
      return channel.finish(work, true)
    })
  }

  write<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const main = this.#main
    return main.inTurn(async () => {
      await main.patiently(() => {
        if (this.#synchronous !== this.#durability) {
          // What a statement could have to take back is kept in memory, not in a file: thrice the rows a second.
          main.exec(`PRAGMA synchronous = ${this.#durability}; PRAGMA temp_store = MEMORY`)
          this.#synchronous = this.#durability
        }
        main.exec('BEGIN IMMEDIATE')
      })
      const result = await main.finish(work, false)
      this.#commits++
      return result
    })
  }

  stamp(): string | undefined {
    if (this.#isImmutable || this.#main.closed) return undefined
    try {
      const { data_version } = this.#main.prepared('PRAGMA data_version').get() as { data_version: number }
      return `${data_version}.${this.#commits}`
    } catch (error) {
      // Locked for a moment: no answer is the honest one.
      if (isBusy(error)) return undefined
      throw explainSqlite(error, this.location)
    }
  }

  async close(): Promise<void> {
    await this.#reader?.inTurn(async () => this.#reader?.close(), true)
    await this.#main.inTurn(async () => {
      if (this.#main.closed) return
      if (this.#commits > 0) this.#tidyJournal()
      this.#main.close()
    }, true)
  }

  /** What migrate.ts needs beside the port. */
  opening(): Opening {
    const main = this.#main
    return {
      database: this,
      peek: async (statement) => {
        const ask = () => main.patiently(() => main.prepared(statement.sql).get() as Row | undefined)
        try {
          return await ask()
        } catch (error) {
          if (!this.#canBeImmutable(error)) throw explainSqlite(error, this.location)
          this.#readAsItIs()
          return await ask()
        }
      },
      ownerOfPipeline: async () => {
        if (this.#isImmutable) return ownerIn(main)
        // Asked over a second, read-only connection. With something in a journal that another program has left,
        // it is closed last: the file stays as it is, byte for byte. Else the first one is, which takes away the
        // empty journal that reading made.
        const guard = this.#channel({ readOnly: this.location !== ':memory:' })
        const owner = await guard.patiently(() => ownerIn(guard))
        const isAnothers = owner !== undefined && owner !== 'ours'
        const isLast = isAnothers && !hasJournal(this.location)
        if (isLast) guard.close()
        if (isAnothers) main.close()
        if (!isLast) guard.close()
        return owner
      },
      // Persistent, so set once. Where the file system can't do it, SQLite keeps its older journal.
      prepare: () =>
        main.inTurn(async () => {
          await main.patiently(() => main.exec('PRAGMA journal_mode = WAL'))
        }),
    }
  }

  #channel(options: { readOnly?: boolean }): SqliteChannel {
    let connection: Connection
    try {
      connection = connect(this.location, options)
    } catch (error) {
      throw explainSqlite(error, this.location)
    }
    return new SqliteChannel(this.location, this.#busyTimeoutMs, connection)
  }

  #channelForReading(): SqliteChannel {
    if (this.#main.idle || this.#main.closed || this.#isImmutable || this.location === ':memory:')
      return this.#main
    this.#reader ??= this.#channel({ readOnly: true })
    return this.#reader
  }

  /**
   * Moves what was committed from the journal into the file. SQLite does that when its last connection ends; but
   * with @photostructure/sqlite one ends only when its statements are collected, and a file that was closed is
   * what people copy.
   */
  #tidyJournal(): void {
    try {
      this.#main.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // It stays in the journal, where the next one finds it.
    }
  }

  /** A database in a folder where SQLite can't make its journal, with nothing in a journal that would be missed. */
  #canBeImmutable(error: unknown): boolean {
    if (!isWithoutIndex(error) || this.#isImmutable || this.#main.closed) return false
    return existsSync(this.location) && !hasJournal(this.location)
  }

  #readAsItIs(): void {
    this.#isImmutable = true
    this.#seen = this.#look()
    const { href } = pathToFileURL(this.location)
    const location = hasJournal(this.location) ? this.location : `${href}?immutable=1`
    this.#main.reconnect(() => connect(location, { readOnly: true }))
  }

  /** Differs when the files do. */
  #look(): string {
    const { ino, size, mtimeMs } = statSync(this.location, { throwIfNoEntry: false }) ?? {}
    return [ino, size, mtimeMs, hasJournal(this.location)].join()
  }
}
