/** Ids and what refers to them. An id stays what it was, unless no row can have it here. */

import { type Ledger, leave } from './legacy-ledger.ts'
import type { LegacyRow, LegacyTables } from './legacy-shape.ts'
import { textOf, wholeOf } from './legacy-values.ts'

export interface NumberedRow {
  row: LegacyRow
  id: number
}

export interface Numbering {
  rows: NumberedRow[]
  /** The id now of a row that something refers to by its id then. */
  idOf(was: number | null): number | undefined
  /** The highest id that was ever given. */
  last: number
}

/** Above it an id is absurd: what counts upwards from it would soon leave the whole numbers. */
const highest = 2 ** 52

const isId = (id: number | null): id is number => id !== null && id >= 1 && id <= highest

/** @param ids in any order, absurd ones among them */
export function lastOf(ids: Iterable<number | null>): number {
  let last = 0
  for (const id of ids) if (isId(id) && id > last) last = id
  return last
}

/**
 * @param last the highest id known from elsewhere; an id that can't stay becomes one above all of them
 * @returns    the rows in the order of their ids
 */
export function number(
  ledger: Ledger,
  rows: LegacyRow[],
  table: 'pipeline' | 'projects',
  last: number,
): Numbering {
  const taken = new Map<number, number>()
  const numbered: NumberedRow[] = []
  const misfits: LegacyRow[] = []
  for (const row of rows) {
    const id = wholeOf(row, 'id')
    if (!isId(id) || taken.has(id)) misfits.push(row)
    else {
      taken.set(id, id)
      numbered.push({ row, id })
      last = Math.max(last, id)
    }
  }
  for (const row of misfits) {
    const was = wholeOf(row, 'id')
    numbered.push({ row, id: ++last })
    if (was !== null && !taken.has(was)) taken.set(was, last)
    const isItem = table === 'pipeline'
    const why = `its id can't be kept; it is #${last} now`
    const text = textOf(row, isItem ? 'title' : 'name')
    leave(ledger, { what: isItem ? 'item' : 'project', id: was, itemId: isItem ? last : null, why, text })
  }
  numbered.sort((a, b) => a.id - b.id)
  return { rows: numbered, idOf: (was) => (was === null ? undefined : taken.get(was)), last }
}

/** The item that a row of the log is about: `pipeline:12`. */
export function relatedItem(row: LegacyRow): number | null {
  const [, digits] = /^\s*pipeline:(\d{1,16})\s*$/.exec(textOf(row, 'related_id') ?? '') ?? []
  const id = Number(digits)
  return isId(id) ? id : null
}

/** Every id of an item that anything in the tables names, also of items that are gone. */
export function* namedItems({
  pipeline,
  notes,
  tasks,
  activity,
  sequence,
}: LegacyTables): Generator<number | null> {
  yield sequence
  for (const row of pipeline) yield wholeOf(row, 'parent_id')
  for (const row of [...notes, ...tasks]) yield wholeOf(row, 'pipeline_id')
  for (const row of activity) yield relatedItem(row)
}
