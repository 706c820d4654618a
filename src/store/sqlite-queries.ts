/** Statements on SQLite: what is bound, what comes back, and their end with their transaction. */

import type { Sql } from 'sql-template-tag'
import { TrackerError } from '../errors.ts'
import type { Queries, Row, Value } from './database.ts'
import type { BoundValue, Statement } from './sqlite-driver.ts'
import { bindable } from './values.ts'

/** The statements of one transaction. Refuses to work after its end: somewhere an `await` was forgotten. */
export class SqliteQueries implements Queries {
  readonly engine = 'sqlite'
  readonly #execute: <T>(text: string, run: (statement: Statement) => T) => Promise<T>
  #over = false

  constructor(execute: <T>(text: string, run: (statement: Statement) => T) => Promise<T>) {
    this.#execute = execute
  }

  all<R = Row>(sql: Sql): Promise<R[]> {
    return this.#run(sql, (statement, values) => statement.all(...values) as R[])
  }

  get<R = Row>(sql: Sql): Promise<R | undefined> {
    return this.#run(sql, (statement, values) => statement.get(...values) as R | undefined)
  }

  run(sql: Sql): Promise<number> {
    return this.#run(sql, (statement, values) => Number(statement.run(...values).changes))
  }

  insert(sql: Sql): Promise<number> {
    return this.#run(sql, (statement, values) => Number(statement.run(...values).lastInsertRowid))
  }

  over(): void {
    this.#over = true
  }

  async #run<T>(sql: Sql, action: (statement: Statement, values: BoundValue[]) => T): Promise<T> {
    if (this.#over) throw new TrackerError('internal', 'a statement came after the end of its transaction')
    const values = bindable(sql.values).map(exact)
    return this.#execute(sql.sql, (statement) => action(statement, values))
  }
}

/** `node:sqlite` binds every number as a float: `5` would become `5.0` in text and in divisions. */
const exact = (value: Value): BoundValue => (Number.isSafeInteger(value) ? BigInt(value as number) : value)

/**
 * Read also what is beyond 2^53, which a row written by the owner's own SQL may hold: rounded, as JSON would.
 * Only for reading: the statement may run twice.
 */
export function tolerant<T>(statement: Statement, run: (statement: Statement) => T): T {
  try {
    return run(statement)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Value is too large to be represented')))
      throw error
    statement.setReadBigInts(true)
    const result = run(statement)
    statement.setReadBigInts(false)
    for (const row of [result].flat() as Record<string, unknown>[]) {
      for (const [name, value] of Object.entries(row))
        if (typeof value === 'bigint') row[name] = Number(value)
    }
    return result
  }
}
