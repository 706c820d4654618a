/** Rows of text and numbers alone, without NUL, which both engines refuse; where that changed a row, it is listed. */

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
  const columns = Object.keys(row)
  const bytes = columns.filter((column) => isBytes(row[column]))
  const read = bytes.length === 0 ? row : asText(row, bytes)
  const nul = columns.filter((column) => String(read[column]).includes('\0'))
  if (bytes.length === 0 && nul.length === 0) return row
  const cleaned = { ...read }
  for (const column of nul) cleaned[column] = withoutNul(String(read[column]))
  const id = table === 'pipeline' ? null : wholeOf(row, 'id')
  const tell = (changed: string[], what: string): void => {
    if (changed.length === 0) return
    const why = `${what} ${table}.${changed.join(', ')}`
    leave(ledger, { what: 'text', id, itemId, why, text: textOf(cleaned, changed[0]!) })
  }
  tell(bytes, 'bytes were taken as UTF-8 in')
  tell(nul, 'NUL characters were taken out of')
  return cleaned
}

/** SQLite keeps a BLOB in any column, and its drivers hand it on as bytes, whatever the type of a row says. */
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

function asText(row: LegacyRow, columns: string[]): LegacyRow {
  const read = { ...row }
  for (const column of columns) {
    const value: unknown = row[column]
    if (isBytes(value)) read[column] = new TextDecoder().decode(value)
  }
  return read
}
