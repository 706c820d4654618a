/** Rows of text and numbers alone, without NUL, which both engines refuse; where that changed a row, it is listed. */

import type { LegacyRow, LegacyStep } from '../domain/legacy-rows.ts'
import { type Ledger, leave } from './legacy-ledger.ts'
import { relatedItem } from './legacy-numbers.ts'
import { textOf, wholeOf, withoutNul } from './legacy-values.ts'

type Table = LegacyStep['table']

/** The item that a row of a table is about. */
const itemOf: Record<Table, (row: LegacyRow) => number | null> = {
  pipeline: (row) => wholeOf(row, 'id'),
  pipeline_notes: (row) => wholeOf(row, 'pipeline_id'),
  pipeline_tasks: (row) => wholeOf(row, 'pipeline_id'),
  activity: relatedItem,
  projects: () => null,
}

export const cleanRows = (ledger: Ledger, table: Table, rows: LegacyRow[]): LegacyRow[] =>
  rows.map((row) => cleanRow(ledger, table, row))

function cleanRow(ledger: Ledger, table: Table, row: LegacyRow): LegacyRow {
  const columns = Object.keys(row)
  const bytes = columns.filter((column) => isBytes(row[column]))
  const read = bytes.length === 0 ? row : asText(row, bytes)
  const nul = columns.filter((column) => holdsNul(read[column]))
  if (bytes.length === 0 && nul.length === 0) return row
  const cleaned = { ...read }
  for (const column of nul) cleaned[column] = withoutNul(String(read[column]))
  const id = table === 'pipeline' ? null : wholeOf(row, 'id')
  const tell = (changed: string[], what: string): void => {
    if (changed.length === 0) return
    const why = `${what} ${table}.${changed.join(', ')}`
    leave(ledger, {
      what: 'text',
      id,
      itemId: itemOf[table](cleaned),
      why,
      text: textOf(cleaned, changed[0]!),
    })
  }
  tell(bytes, 'bytes were taken as UTF-8 in')
  tell(nul, 'NUL characters were taken out of')
  return cleaned
}

const holdsNul = (value: unknown): boolean => typeof value === 'string' && value.includes('\0')

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
