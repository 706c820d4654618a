/** The port: what a store needs of an engine. `sqlite.ts` and `postgres.ts` are its only two implementations. */

import type { Sql } from 'sql-template-tag'

/** A value that both engines bind and return alike. Booleans are 0 and 1; instants are text. */
export type Value = string | number | null

export type Row = Record<string, Value>

/** Statements inside one transaction. One dialect-neutral text wherever it can be. */
export interface Queries {
  readonly engine: 'sqlite' | 'postgres'
  all<R = Row>(statement: Sql): Promise<R[]>
  /** The first row, or undefined. */
  get<R = Row>(statement: Sql): Promise<R | undefined>
  /** The number of rows changed. */
  run(statement: Sql): Promise<number>
  /** INSERT of one row into a table that counts its ids. @returns its id: cheaper than RETURNING on SQLite */
  insert(statement: Sql): Promise<number>
}

export interface Database {
  readonly engine: 'sqlite' | 'postgres'
  /** Where it is, without a password. */
  readonly location: string
  /** One snapshot: statements in `work` see one state. Any number may run at once. */
  read<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /**
   * One transaction. Committed when `work` resolves, rolled back when it rejects. `work` may run more than
   * once (PostgreSQL: serialization failure, deadlock), so it must have no effect outside `queries`.
   */
  write<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /**
   * Changes when the content may have changed, through this connection or any other; undefined where the
   * engine has no cheap answer. Equal stamps mean equal content.
   */
  stamp(): string | undefined
  close(): Promise<void>
}
