/** The predecessor's fixtures as the rows that a conversion takes, and rows made for one quirk. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, emptyBatch, kinds } from '../../src/domain/entity.ts'
import type {
  LegacyConverter,
  LegacyFacts,
  LegacyRow,
  LegacyStep,
  MadeRow,
} from '../../src/domain/legacy-rows.ts'
import { type LegacyReport, legacyConverter } from '../../src/formats/legacy.ts'
import { type Connection, connect } from '../../src/store/sqlite-driver.ts'

/** A whole file as rows. */
export interface LegacyTables {
  columns: string[]
  pipeline: LegacyRow[]
  notes: LegacyRow[]
  tasks: LegacyRow[]
  activity: LegacyRow[]
  projects: LegacyRow[]
  sequence: number
}

export interface LegacyConversion {
  batch: Batch
  lastIds: ReturnType<LegacyConverter<unknown>['end']>['lastIds'] & { item: number; project: number }
  report: LegacyReport
}

const tableOf: Record<LegacyStep['table'], 'pipeline' | 'notes' | 'tasks' | 'activity' | 'projects'> = {
  pipeline: 'pipeline',
  pipeline_notes: 'notes',
  pipeline_tasks: 'tasks',
  activity: 'activity',
  projects: 'projects',
}

/** All of it at once, as the store does it: in pages, only the columns that a step asks for, then in order. */
export function convertLegacy(
  tables: LegacyTables,
  at: string,
  broken: LegacyFacts['broken'] = [],
): LegacyConversion {
  const columns = { pipeline: tables.columns, pipeline_notes: [], pipeline_tasks: [] }
  const converter = legacyConverter({ columns, sequence: tables.sequence, broken }, at)
  const made: MadeRow[] = []
  for (const { table, columns: wanted, take } of converter.steps) {
    const rows = tables[tableOf[table]]
    for (let from = 0; from < rows.length; from += 3) {
      take(rows.slice(from, from + 3).map((row) => (wanted ? only(row, wanted) : row)))
      made.push(...converter.made())
    }
  }
  const end = converter.end()
  made.push(...converter.made())
  return { batch: inOrder(made), ...end } as LegacyConversion
}

const only = (row: LegacyRow, wanted: readonly string[]): LegacyRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => wanted.includes(name)))

function inOrder(made: MadeRow[]): Batch {
  const batch = emptyBatch()
  for (const kind of kinds) {
    const ofKind = made.filter((each) => each.kind === kind)
    ofKind.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rank - b.rank))
    const rows: unknown[] = batch[kind]
    for (const { row } of ofKind) rows.push(kind === 'entry' ? { id: rows.length + 1, ...row } : row)
  }
  return batch
}

export const now = '2026-03-01T12:00:00.000Z'

/** @param change SQL to run on the file before it is read */
export function readFixture(name: 'legacy-v2' | 'legacy-v3', change = ''): LegacyTables {
  const database = connect(':memory:')
  try {
    database.exec(readFileSync(join(import.meta.dirname, `../fixtures/${name}.sql`), 'utf8'))
    database.exec(change)
    return readTables(database)
  } finally {
    database.close()
  }
}

function readTables(database: Connection): LegacyTables {
  const all = (text: string) => database.prepare(text).all() as LegacyRow[]
  const rows = (table: string) => all(`SELECT * FROM ${table} ORDER BY id`)
  return {
    columns: all(`SELECT name FROM pragma_table_info('pipeline')`).map((row) => String(row.name)),
    pipeline: rows('pipeline'),
    notes: rows('pipeline_notes'),
    tasks: rows('pipeline_tasks'),
    activity: rows('activity'),
    projects: rows('projects'),
    sequence: Number(all(`SELECT seq FROM sqlite_sequence WHERE name = 'pipeline'`)[0]?.seq ?? 0),
  }
}

const made = '2026-02-05 06:00:00'

/** Tables with what is given and nothing else; items are of V3 and have id, title and times unless they say otherwise. */
export function tablesOf(
  items: LegacyRow[],
  more: Partial<Omit<LegacyTables, 'pipeline'>> = {},
): LegacyTables {
  const pipeline = items.map((item, index) => ({
    id: index + 1,
    title: `Item ${index + 1}`,
    type: 'feature',
    stage: 'idea',
    parent_id: null,
    created_at: made,
    updated_at: made,
    ...item,
  }))
  const columns = [...new Set(pipeline.flatMap((row) => Object.keys(row)))]
  return { columns, pipeline, notes: [], tasks: [], activity: [], projects: [], sequence: 0, ...more }
}

/** A row of `activity` in which an item was moved, its metadata encoded twice. */
export const movedRow = (itemId: number, from: string, to: string, at: string): LegacyRow => ({
  id: 1,
  action: 'pipeline_stage_changed',
  category: 'pipeline',
  description: `Pipeline #${itemId} moved from ${from} to ${to}`,
  metadata: JSON.stringify(JSON.stringify({ from, to, title: 'x' })),
  session_id: null,
  created_at: at,
  source: 'main',
  related_id: `pipeline:${itemId}`,
})

export const itemOf = ({ batch }: LegacyConversion, id: number) => batch.item.find((each) => each.id === id)!

/** Entries of an item, oldest first, their detail decoded. */
export const entriesOf = ({ batch }: LegacyConversion, id: number, action?: string) =>
  batch.entry
    .filter((entry) => entry.itemId === id && (action === undefined || entry.action === action))
    .map((entry) => ({ ...entry, detail: entry.detail === null ? null : JSON.parse(entry.detail) }))

export const leftOf = ({ report }: LegacyConversion, what: string) =>
  report.left.filter((left) => left.what === what)
