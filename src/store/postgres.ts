/**
 * The port on PostgreSQL, 14 and newer: a pool, and one of its connections a transaction. No advisory locks,
 * no NOTIFY, nothing that a compatible server lacks.
 */

import type * as Driver from 'pg'
import type { CustomTypesConfig, Pool, PoolClient, QueryResult } from 'pg'
import sql, { type Sql } from 'sql-template-tag'
import { type Instant, toInstant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries, Row, Value } from './database.ts'
import { bringUp, type Opening } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { explainConnecting, explainPostgres, isConnectionLost, isRetryable } from './postgres-errors.ts'
import { type PostgresTarget, parsePostgresUrl } from './postgres-url.ts'
import { bindable } from './values.ts'
import { isMadeByAnother } from './violations.ts'

export interface PostgresOptions {
  now: Instant
  /** Default true. False: throw `not-found` where there is no pipeline, and leave no trace. */
  create?: boolean
  /** Connections at most. Default 10. */
  poolSize?: number
  /** How long to wait for another session's lock. Default 10 000. */
  busyTimeoutMs?: number
  migrations?: readonly Migration[]
}

const connectTimeoutMs = 10_000
const queryTimeoutMs = 60_000
const busyTimeoutMs = 10_000
/** How often a transaction is done again after a serialization failure or a deadlock. */
const retries = 12

/** @throws TrackerError `not-found`, `invalid` (wrong URL, not ours, newer), `unavailable` */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Database> {
  const target = parsePostgresUrl(url)
  const { Pool } = await loadDriver()
  const pool = new Pool({
    connectionString: target.connectionString,
    max: options.poolSize ?? 10,
    application_name: 'throughline',
    allowExitOnIdle: true,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    // A server that hangs must not hang us for ever.
    query_timeout: queryTimeoutMs,
    // As long as SQLite waits for a lock.
    lock_timeout: options.busyTimeoutMs ?? busyTimeoutMs,
    types: { getTypeParser: parserOf } as CustomTypesConfig,
  })
  const database = new PostgresDatabase(pool, target)
  try {
    await bringUp(database.opening(), { migrations, ...options, create: options.create ?? true })
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Named exports are there or under `default`: as a module, or required by the bundle. */
async function loadDriver(): Promise<typeof Driver> {
  const driver = (await import('pg')) as Partial<typeof Driver> & { default?: typeof Driver }
  return (driver.Pool ? driver : driver.default) as typeof Driver
}

class PostgresDatabase implements Database {
  readonly engine = 'postgres'
  readonly location: string
  readonly #pool: Pool
  readonly #schema: string | undefined
  /** What close() has to wait for: the pool itself forgets whoever still waits for a connection. */
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  constructor(pool: Pool, { location, schema }: PostgresTarget) {
    this.#pool = pool
    this.location = location
    this.#schema = schema
    // A lost connection is told to whoever uses it; unheard, the same news would end the process.
    const heard = () => undefined
    pool.on('error', heard)
    pool.on('connect', (client) => client.on('error', heard))
  }

  read<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#tracked(() => this.#transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work))
  }

  write<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#tracked(() => this.#repeatedly(work))
  }

  async #repeatedly<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transaction('BEGIN', work)
      } catch (error) {
        if (!isRetryable(error) || attempt > retries) throw error
      }
      const pauseMs = Math.random() * Math.min(5 * 2 ** attempt, 500)
      await new Promise((done) => setTimeout(done, pauseMs))
    }
  }

  /** Another session may have written at any time, and asking costs a query. */
  stamp(): undefined {
    return undefined
  }

  close(): Promise<void> {
    this.#closed ??= Promise.allSettled(this.#running).then(() => this.#pool.end())
    return this.#closed
  }

  async #tracked<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TrackerError('internal', `${this.location} is closed`)
    const running = job()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** What migrate.ts needs beside the port. */
  opening(): Opening {
    return {
      database: this,
      peek: (statement) => this.#ask(statement.text),
      ownerOfPipeline: async () => {
        await this.#refuseBarred()
        const found = await this.#ask(
          `SELECT to_regclass('pipeline') AS items, to_regclass('pipeline_migrations') AS record`,
        )
        if (!found?.items) return undefined
        return found.record ? 'ours' : 'foreign'
      },
      prepare: async () => {
        const about = String((await this.#ask('SELECT version() AS about'))?.about)
        const [, version] = /^PostgreSQL (\d+)(?!.*-YB-)/.exec(about) ?? []
        if (version && Number(version) < 14) {
          throw new TrackerError('unavailable', `${this.location} is PostgreSQL ${version}: 14 is needed`, {
            hint: 'update the server, or use a SQLite file',
          })
        }
        if (!this.#schema) return
        const make = () => this.#ask(`CREATE SCHEMA IF NOT EXISTS ${this.#schema}`)
        await make().catch((error: unknown) => {
          if (!isMadeByAnother(error)) throw error
        })
      },
    }
  }

  /** A schema that this user may not enter looks like one without tables: that is no empty pipeline. */
  async #refuseBarred(): Promise<void> {
    if (!this.#schema) return
    const name = this.#schema
    const barred = await this.#ask(
      `SELECT 1 AS barred FROM pg_namespace WHERE nspname = '${name}' AND NOT has_schema_privilege(oid, 'USAGE')`,
    )
    if (!barred) return
    throw new TrackerError('unavailable', `${this.location}: this user may not use the schema ${name}`, {
      hint: `let its owner say: GRANT USAGE ON SCHEMA ${name} TO this user, and rights on its tables`,
    })
  }

  /** One statement on its own. */
  async #ask(text: string): Promise<Row | undefined> {
    const client = await this.#connect()
    let lost = false
    try {
      return (await client.query<Row>(text)).rows[0]
    } catch (error) {
      lost = isConnectionLost(error)
      throw explainPostgres(error, this.location)
    } finally {
      client.release(lost)
    }
  }

  async #transaction<T>(begin: string, work: (queries: Queries) => Promise<T>): Promise<T> {
    const client = await this.#begin(begin)
    const queries = new PostgresQueries(client, this.location)
    let lost = false
    try {
      const result = await work(queries)
      await this.#commit(client)
      return result
    } catch (error) {
      lost = isConnectionLost(error) || !(await rollback(client))
      throw error
    } finally {
      queries.over()
      client.release(lost)
    }
  }

  /** A connection that lay idle may have died unnoticed, so ask for another one: nothing was done yet. */
  async #begin(text: string, mayRetry = true): Promise<PoolClient> {
    const client = await this.#connect()
    try {
      await client.query(text)
      return client
    } catch (error) {
      client.release(true)
      if (mayRetry && isConnectionLost(error)) return this.#begin(text, false)
      throw explainPostgres(error, this.location)
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw explainConnecting(error, this.location)
    }
  }

  async #commit(client: PoolClient): Promise<void> {
    const { command } = await client.query('COMMIT').catch((error: unknown) => {
      if (!isConnectionLost(error)) throw explainPostgres(error, this.location)
      throw new TrackerError('unavailable', `${this.location} was lost while storing`, {
        hint: 'it may be stored or not: read it again before you repeat it',
        cause: error,
      })
    })
    // What PostgreSQL answers, without an error, when a statement had failed and its error was swallowed.
    if (command !== 'COMMIT') {
      throw new TrackerError(
        'internal',
        'nothing was stored: an error inside the transaction was passed over',
      )
    }
  }
}

/** @returns whether the connection is still good */
const rollback = (client: PoolClient): Promise<boolean> =>
  client.query('ROLLBACK').then(
    () => true,
    () => false,
  )

/** The statements of one transaction. Refuses to work after its end: somewhere an `await` was forgotten. */
class PostgresQueries implements Queries {
  readonly engine = 'postgres'
  readonly #client: PoolClient
  readonly #location: string
  #over = false

  constructor(client: PoolClient, location: string) {
    this.#client = client
    this.#location = location
  }

  async all<R = Row>(statement: Sql): Promise<R[]> {
    return (await this.#query(statement)).rows as R[]
  }

  async get<R = Row>(statement: Sql): Promise<R | undefined> {
    return (await this.#query(statement)).rows[0] as R | undefined
  }

  async run(statement: Sql): Promise<number> {
    return (await this.#query(statement)).rowCount ?? 0
  }

  async insert(statement: Sql): Promise<number> {
    return (await this.#query(sql`${statement} RETURNING id`)).rows[0].id
  }

  over(): void {
    this.#over = true
  }

  async #query({ text, values }: Sql): Promise<QueryResult> {
    if (this.#over) throw new TrackerError('internal', 'a statement came after the end of its transaction')
    try {
      return await this.#client.query(text, bindable(values))
    } catch (error) {
      throw explainPostgres(error, this.#location)
    }
  }
}

const asNumber = [20, 21, 23, 26, 700, 701, 1700]
const BOOLEAN = 16
const TIMESTAMPTZ = 1184

/** Of this pool alone: the driver's own parsers are global, and others may use it too. */
function parserOf(type: number): (text: string) => Value {
  if (asNumber.includes(type)) return Number
  if (type === BOOLEAN) return (text) => (text === 't' ? 1 : 0)
  if (type === TIMESTAMPTZ) return toInstantText
  return (text) => text
}

/** `2026-02-05 07:46:15.1+00` → `2026-02-05T07:46:15.100Z`; `infinity` stays. */
function toInstantText(text: string): string {
  const ms = Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  return Number.isNaN(ms) ? text : toInstant(ms)
}
