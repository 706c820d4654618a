/** What the items of a predecessor point to: parents, which must be a tree, and projects. */

import { type Ledger, leave } from './legacy-ledger.ts'
import type { Numbering } from './legacy-numbers.ts'
import type { Projects } from './legacy-projects.ts'
import { textOf, textOrNull, wholeOf } from './legacy-values.ts'

/** Parents by the ids of their children. What is gone, or would close a circle, is left out and listed. */
export function readParents(ledger: Ledger, { rows, idOf }: Numbering): Map<number, number> {
  const parents = new Map<number, number>()
  for (const { row, id } of rows) {
    const written = textOrNull(row, 'parent_id')
    const was = wholeOf(row, 'parent_id')
    const parent = idOf(was)
    if (parent !== undefined) parents.set(id, parent)
    else if (written !== null) {
      const why = `there is no item #${written} to be its parent`
      leave(ledger, { what: 'parent', id: was, itemId: id, why, text: textOf(row, 'title') })
    }
  }
  const titles = new Map(rows.map(({ row, id }) => [id, textOf(row, 'title')]))
  for (const id of circleBreakers(parents)) {
    const parent = parents.get(id)!
    parents.delete(id)
    const why =
      parent === id ? 'it was its own parent' : `with #${parent} as its parent the tree had a circle`
    leave(ledger, { what: 'parent', id: parent, itemId: id, why, text: titles.get(id) ?? null })
  }
  return parents
}

/**
 * The items to free so that no circle of parents is left: of each circle the one with the lowest id.
 * @param parentOf  the parent's id by the item's id, for items that have one
 */
function circleBreakers(parentOf: ReadonlyMap<number, number>): number[] {
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

/** Projects by the ids of their items. One that is gone is left out and listed. */
export function readProjects(ledger: Ledger, { rows }: Numbering, projects: Projects): Map<number, number> {
  const found = new Map<number, number>()
  for (const { row, id } of rows) {
    const written = textOrNull(row, 'project_id')
    const was = wholeOf(row, 'project_id')
    const project = projects.idOf(was)
    if (project !== undefined) found.set(id, project)
    else if (written !== null) {
      const why = `there is no project #${written}`
      leave(ledger, { what: 'project', id: was, itemId: id, why, text: textOf(row, 'title') })
    }
  }
  return found
}
