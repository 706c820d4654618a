/** A database of the predecessor on its way: the store reads it by pages, a format makes rows of ours of them. */

import type { AnyEntity, Counted, Kind } from './entity.ts'

/** A row by the names of its columns, which are in lower case. */
export type LegacyRow = Record<string, string | number | null>

/** What is known of a file before its rows are read. */
export interface LegacyFacts {
  /** Columns of the tables that go, as the file has them but in lower case; none where there is no such table. */
  columns: Record<'pipeline' | 'pipeline_notes' | 'pipeline_tasks', readonly string[]>
  /** The highest id that `pipeline` ever gave; 0 where nothing says so. */
  sequence: number
  /** What of other programs names something that goes. */
  broken: BrokenObject[]
}

/** Something of another program that does not work any more, or went with its table. */
export interface BrokenObject {
  what: 'trigger' | 'view'
  name: string
  why: string
}

/** One walk through a table, in the order of writing. */
export interface LegacyStep {
  table: 'pipeline' | 'pipeline_notes' | 'pipeline_tasks' | 'activity' | 'projects'
  /** All where it says nothing; what the table has not is left out. */
  columns?: readonly string[]
  take(rows: LegacyRow[]): void
}

/** A row of ours. Those of a kind are in the order of `key`, then of `rank`, then of making. */
export interface MadeRow {
  kind: Kind
  key: string | number
  rank: number
  row: AnyEntity
}

/** Steps are taken one after the other, each through its whole table. */
export interface LegacyConverter<R> {
  steps: LegacyStep[]
  /** What was made since it was last asked; an entry's id is its place among all of them. */
  made(): MadeRow[]
  /** When all steps are taken. */
  end(): { lastIds: Partial<Record<Counted, number>>; report: R }
}
