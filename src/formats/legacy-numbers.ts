/** Ids and what refers to them. An id stays what it was, unless no row can have it here. */

import type { LegacyRow } from '../domain/legacy-rows.ts'
import { type Ledger, leave } from './legacy-ledger.ts'
import { textOf, wholeOf, wordOf } from './legacy-values.ts'

export interface Numbering {
  /** The ids of the rows now, in the order in which they were given. */
  ids: number[]
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
 * @param written the ids of all rows of a table
 * @param named   the highest id known from elsewhere; an id that can't stay becomes one above all of them
 */
export function number(written: readonly (number | null)[], named: number): Numbering {
  const taken = new Map<number, number>()
  const misfits: number[] = []
  let last = Math.max(named, lastOf(written))
  const ids = written.map((id, place) => {
    if (isId(id) && !taken.has(id)) {
      taken.set(id, id)
      return id
    }
    misfits.push(place)
    return 0
  })
  for (const place of misfits) {
    const was = written[place] ?? null
    ids[place] = ++last
    if (was !== null && !taken.has(was)) taken.set(was, last)
  }
  return { ids, idOf: (was) => (was === null ? undefined : taken.get(was)), last }
}

/** Lists a row that has another id now. */
export function leaveId(ledger: Ledger, table: 'pipeline' | 'projects', row: LegacyRow, id: number): void {
  const was = wholeOf(row, 'id')
  if (was === id) return
  const isItem = table === 'pipeline'
  const why = `its id can't be kept; it is #${id} now`
  const text = textOf(row, isItem ? 'title' : 'name')
  leave(ledger, { what: isItem ? 'item' : 'project', id: was, itemId: isItem ? id : null, why, text })
}

/** Of an id alone nothing says what it counts, unless the row does. */
const related = /^\s*(pipeline:)?(\d{1,16})\s*$/i

/** The item that a row of the log is about: `pipeline:12`, or `12` where the row says that it is about the pipeline. */
export function relatedItem(row: LegacyRow): number | null {
  const [, prefix, digits] = related.exec(textOf(row, 'related_id') ?? '') ?? []
  if (digits === undefined || (prefix === undefined && !isOfPipeline(row))) return null
  const id = Number(digits)
  return isId(id) ? id : null
}

const isOfPipeline = (row: LegacyRow): boolean =>
  wordOf(row, 'category') === 'pipeline' || /^\s*pipeline[_ -]/i.test(textOf(row, 'action') ?? '')

export interface Named {
  /** The highest id of an item that anything names, also of items that are gone. */
  last: number
  /** Rows of the log about the pipeline that name no item. */
  nameless: number
  /** Rows of the log with a number, of which nothing says what it counts. */
  bare: number
}

export function addNamed(named: Named, rows: readonly LegacyRow[]): void {
  named.last = Math.max(named.last, lastOf(rows.map((row) => wholeOf(row, 'pipeline_id'))))
}

export function addLogged(named: Named, rows: readonly LegacyRow[]): void {
  for (const row of rows) {
    const id = relatedItem(row)
    if (id !== null) named.last = Math.max(named.last, id)
    else if (isOfPipeline(row)) named.nameless++
    else if (wordOf(row, 'category') === null && related.test(textOf(row, 'related_id') ?? '')) named.bare++
  }
}

/** Lists them together: they stay where they are, in the table `activity`. */
export function leaveLogged(ledger: Ledger, { nameless, bare }: Named): void {
  const tell = (n: number, why: string): void => {
    const text = `${n} ${n === 1 ? 'row' : 'rows'}`
    if (n > 0) leave(ledger, { what: 'activity', id: null, itemId: null, why, text })
  }
  tell(nameless, 'about the pipeline, but of no item by its id; they stay in the table activity')
  tell(bare, 'related to a number, and nothing says of what; they stay in the table activity')
}
