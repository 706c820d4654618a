/** The predecessor's projects: names are free there, and one of a kind here. */

import { type Ledger, leave, leaveColumns, lifeOf, type Origin } from './legacy-ledger.ts'
import { lastOf, type NumberedRow, number } from './legacy-numbers.ts'
import type { LegacyTables } from './legacy-shape.ts'
import { textOf, textOrNull, wholeOf } from './legacy-values.ts'

export interface Projects {
  /** The project now of a row that names one; undefined where it is gone. */
  idOf(was: number | null): number | undefined
  last: number
}

/** As the store compares names. */
const keyOf = (name: string): string => name.normalize('NFC').toLowerCase()

export function convertProjects(ledger: Ledger, { projects, pipeline }: LegacyTables): Projects {
  const named = lastOf(pipeline.map((row) => wholeOf(row, 'project_id')))
  const numbering = number(ledger, projects, 'projects', named)
  const firsts = new Map<string, number>()
  const mergedInto = new Map<number, number>()
  const nameless: NumberedRow[] = []
  for (const each of numbering.rows) {
    const name = textOf(each.row, 'name')?.trim() ?? ''
    const first = firsts.get(keyOf(name))
    if (name === '') nameless.push(each)
    else if (first === undefined) {
      firsts.set(keyOf(name), each.id)
      put(ledger, each, name)
    } else {
      mergedInto.set(each.id, first)
      leaveTwin(ledger, each, first)
    }
  }
  // Last, so that no made-up name takes that of a project which has one.
  for (const each of nameless) put(ledger, each, freeName(`project ${each.id}`, firsts, each.id))
  ledger.batch.project.sort((a, b) => a.id - b.id)
  // That a project is active says nothing: all are, here.
  const told = projects.map((row) => (row.status === 'active' ? { ...row, status: null } : row))
  leaveColumns(ledger, 'projects', told, 'projects have no such field here; the table projects keeps it')
  const idOf = (was: number | null): number | undefined => {
    const id = numbering.idOf(was)
    return id === undefined ? undefined : (mergedInto.get(id) ?? id)
  }
  return { idOf, last: numbering.last }
}

const originOf = ({ row, id }: NumberedRow): Origin => ({ row, table: 'projects', id, itemId: null })

function freeName(name: string, taken: Map<string, number>, id: number): string {
  let free = name
  for (let n = 2; taken.has(keyOf(free)); n++) free = `${name} (${n})`
  taken.set(keyOf(free), id)
  return free
}

function put(ledger: Ledger, each: NumberedRow, name: string): void {
  const { createdAt, updatedAt } = lifeOf(ledger, originOf(each))
  const description = textOrNull(each.row, 'description')
  ledger.batch.project.push({ id: each.id, name, description, version: 1, createdAt, updatedAt })
}

function leaveTwin(ledger: Ledger, { row, id }: NumberedRow, first: number): void {
  const why = `it has the name of project #${first}, and its items are there now`
  const text = [textOf(row, 'name'), textOrNull(row, 'description')]
    .filter((part) => part !== null)
    .join(': ')
  leave(ledger, { what: 'project', id, itemId: null, why, text })
}
