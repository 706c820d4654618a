/**
 * The port on SQLite: one connection a database, one transaction at a time.
 * The connection's settings, its statements, its turns and its patience with locks live here; which SQLite
 * it is does not (sqlite-driver.ts).
 */

import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Sql } from 'sql-template-tag'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries, Row } from './database.ts'
import { bringUp, noPipeline } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { type Connection, connect, type Statement } from './sqlite-driver.ts'
import { explainSqlite, isBusy, isCantOpen } from './sqlite-errors.ts'
import { bindable } from './values.ts'

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

/** How many prepared statements are kept, least recently used first out. */
const statementLimit = 500

/**
 * @param path  a file, or `:memory:`; its folder must be there
 * @throws TrackerError `not-found`, `invalid` (the predecessor's, or newer), `unavailable` (damaged, locked, …)
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Database> {
  const file = path === ':memory:' ? path : resolve(path)
  const create = options.create ?? true
  if (!create && !existsSync(file)) throw noPipeline(file)
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
  /** Connection and statements are held together: a statement alone does not keep its connection alive. */
  #connection: Connection
  readonly #statements = new Map<string, Statement>()
  #frozen = false
  #closed = false
  #settled = false
  #commits = 0
  /** Settles when the last transaction that was asked for is over. Never rejects. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(file: string, options: SqliteOptions) {
    this.location = file
    this.#durability = options.durability ?? 'normal'
    this.#busyTimeoutMs = options.busyTimeoutMs ?? 10_000
    this.#connection = this.#explained(() => connect(file))
  }
}
