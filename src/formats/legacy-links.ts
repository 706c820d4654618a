/** The items of a predecessor in outline, and what they point to: parents, which must be a tree, and projects. */

import type { Instant } from '../domain/instant.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import { readSource } from './legacy-items.ts'
import { type Ledger, leave, newLedger } from './legacy-ledger.ts'
import { leaveId, number } from './legacy-numbers.ts'
import type { Projects } from './legacy-projects.ts'
import { textOf, textOrNull, wholeOf } from './legacy-values.ts'

/** What of an item others need before it is converted itself. */
export interface Outlined {
  id: number
  parentId: number | null
  projectId: number | null
  createdAt: Instant
  updatedAt: Instant
  isBlocked: boolean
  /** Has it notes in its column? */
  hasLines: boolean
}

/** The same with its ids as they were written. */
export interface Written extends Omit<Outlined, 'id'> {
  id: number | null
}

/** Columns that an outline is made of. */
export const outlineColumns = [
  ...['id', 'parent_id', 'project_id', 'stage', 'notes'],
  ...['started_at', 'completed_at', 'approved_at', 'created_at', 'updated_at'],
]

/** What can't be read is told when the item is converted. */
export function outlineOf(row: LegacyRow, now: Instant): Written {
  const { createdAt, updatedAt, word, notes } = readSource(newLedger(now), row, 0)
  return {
    id: wholeOf(row, 'id'),
    parentId: wholeOf(row, 'parent_id'),
    projectId: wholeOf(row, 'project_id'),
    createdAt,
    updatedAt,
    isBlocked: word === 'blocked',
    hasLines: Boolean(notes?.trim()),
  }
}

export interface Outline {
  /** In the order of the rows, with their ids of now. */
  items: Outlined[]
  /** The item that a row names by its id then. */
  find(was: number | null): Outlined | undefined
  /** Parents that were taken from their children, for the sake of the tree. */
  freedFrom: ReadonlyMap<number, number>
  last: number
}

/** @param named the highest id of an item that anything else names */
export function outline(written: readonly Written[], named: number, projects: Projects): Outline {
  const { ids, idOf, last } = number(
    written.map(({ id }) => id),
    named,
  )
  const items = written.map((item, place) => ({
    ...item,
    id: ids[place]!,
    parentId: idOf(item.parentId) ?? null,
    projectId: projects.idOf(item.projectId) ?? null,
  }))
  const byId = new Map(items.map((item) => [item.id, item]))
  const freedFrom = new Map<number, number>()
  for (const id of circleBreakers(items)) {
    const item = byId.get(id)!
    freedFrom.set(id, item.parentId!)
    item.parentId = null
  }
  return { items, find: (id) => byId.get(idOf(id) ?? 0), freedFrom, last }
}

/** The items to free so that no circle of parents is left: of each circle the one with the lowest id. */
function circleBreakers(items: readonly Outlined[]): number[] {
  const parentOf = new Map<number, number>()
  for (const { id, parentId } of [...items].sort((a, b) => a.id - b.id)) {
    if (parentId !== null) parentOf.set(id, parentId)
  }
  const breakers: number[] = []
  const walkOf = new Map<number, number>()
  let walk = 0
  for (const start of parentOf.keys()) {
    walk++
    let id: number | undefined = start
    while (id !== undefined && !walkOf.has(id)) {
      walkOf.set(id, walk)
      id = parentOf.get(id)
    }
    // Only a walk that came back to itself found a circle; one that met an earlier walk found what that knew.
    if (id !== undefined && walkOf.get(id) === walk) breakers.push(lowestOfCircle(id, parentOf))
  }
  return breakers
}

function lowestOfCircle(start: number, parentOf: ReadonlyMap<number, number>): number {
  let lowest = start
  for (let id = parentOf.get(start)!; id !== start; id = parentOf.get(id)!) lowest = Math.min(lowest, id)
  return lowest
}

/** Lists what an item names and is not there, or can't be: its id, its parent, its project. */
export function leaveLinks(ledger: Ledger, { freedFrom }: Outline, item: Outlined, row: LegacyRow): void {
  leaveId(ledger, 'pipeline', row, item.id)
  const itemId = item.id
  const text = textOf(row, 'title')
  const parent = textOrNull(row, 'parent_id')
  const freed = freedFrom.get(itemId)
  if (freed !== undefined) {
    const why =
      freed === itemId ? 'it was its own parent' : `with #${freed} as its parent the tree had a circle`
    leave(ledger, { what: 'parent', id: freed, itemId, why, text })
  } else if (item.parentId === null && parent !== null) {
    const why = `there is no item #${parent} to be its parent`
    leave(ledger, { what: 'parent', id: wholeOf(row, 'parent_id'), itemId, why, text })
  }
  const project = textOrNull(row, 'project_id')
  if (item.projectId === null && project !== null) {
    const why = `there is no project #${project}`
    leave(ledger, { what: 'project', id: wholeOf(row, 'project_id'), itemId, why, text })
  }
}
