/** Rows without NUL, which both engines refuse in text; where there was any, that is listed. */

import { type Ledger, leave } from './legacy-ledger.ts'
import { relatedItem } from './legacy-numbers.ts'
import type { LegacyRow, LegacyTables } from './legacy-shape.ts'
import { textOf, wholeOf, withoutNul } from './legacy-values.ts'

/** The tables to go on with; of `activity` only what is about items, since the rest is not ours to touch. */
export function cleanTables(ledger: Ledger, tables: LegacyTables): LegacyTables {
  const clean = (
    table: string,
    rows: LegacyRow[],
    itemOf: (row: LegacyRow) => number | null = () => null,
  ): LegacyRow[] => rows.map((row) => cleanRow(ledger, table, row, itemOf(row)))
  const ofItem = (row: LegacyRow): number | null => wholeOf(row, 'pipeline_id')
  return {
    ...tables,
    pipeline: clean('pipeline', tables.pipeline, (row) => wholeOf(row, 'id')),
    notes: clean('pipeline_notes', tables.notes, ofItem),
    tasks: clean('pipeline_tasks', tables.tasks, ofItem),
    activity: clean(
      'activity',
      tables.activity.filter((row) => relatedItem(row) !== null),
      relatedItem,
    ),
    projects: clean('projects', tables.projects),
  }
}

function cleanRow(ledger: Ledger, table: string, row: LegacyRow, itemId: number | null): LegacyRow {
  const columns = Object.keys(row).filter((column) => String(row[column]).includes('\0'))
  if (columns.length === 0) return row
  const cleaned = { ...row }
  for (const column of columns) cleaned[column] = withoutNul(String(row[column]))
  const id = table === 'pipeline' ? null : wholeOf(row, 'id')
  const why = `NUL characters were taken out of ${table}.${columns.join(', ')}`
  leave(ledger, { what: 'text', id, itemId, why, text: textOf(cleaned, columns[0]!) })
  return cleaned
}
