/** The predecessor's projects: names are free there, and one of a kind here. */

import type { LegacyRow } from '../domain/legacy-rows.ts'
import { countStrange, type Ledger, leave, lifeOf, type Origin, put } from './legacy-ledger.ts'
import { leaveId, number } from './legacy-numbers.ts'
import { textOf, textOrNull, wholeOf } from './legacy-values.ts'

export interface Projects {
  /** The project now of a row that names one; undefined where it is gone. */
  idOf(was: number | null): number | undefined
  last: number
  /** How many became projects of ours. */
  count: number
}

/** As the store compares names. */
const keyOf = (name: string): string => name.normalize('NFC').toLowerCase()

interface NumberedRow {
  row: LegacyRow
  id: number
}

/** @param named the highest id of a project that an item names */
export function convertProjects(ledger: Ledger, projects: LegacyRow[], named: number): Projects {
  const numbering = number(
    projects.map((row) => wholeOf(row, 'id')),
    named,
  )
  const rows = projects.map((row, place) => ({ row, id: numbering.ids[place]! })).sort((a, b) => a.id - b.id)
  for (const { row, id } of rows) leaveId(ledger, 'projects', row, id)
  const firsts = new Map<string, number>()
  const mergedInto = new Map<number, number>()
  const nameless: NumberedRow[] = []
  for (const each of rows) {
    const name = textOf(each.row, 'name')?.trim() ?? ''
    const first = firsts.get(keyOf(name))
    if (name === '') nameless.push(each)
    else if (first === undefined) {
      firsts.set(keyOf(name), each.id)
      putProject(ledger, each, name)
    } else {
      mergedInto.set(each.id, first)
      leaveTwin(ledger, each, first)
    }
  }
  // Last, so that no made-up name takes that of a project which has one.
  for (const each of nameless) putProject(ledger, each, freeName(`project ${each.id}`, firsts, each.id))
  // That a project is active says nothing: all are, here.
  const told = projects.map((row) => (row.status === 'active' ? { ...row, status: null } : row))
  countStrange(ledger, 'projects', told)
  const idOf = (was: number | null): number | undefined => {
    const id = numbering.idOf(was)
    return id === undefined ? undefined : (mergedInto.get(id) ?? id)
  }
  return { idOf, last: numbering.last, count: rows.length - mergedInto.size }
}

const originOf = ({ row, id }: NumberedRow): Origin => ({ row, table: 'projects', id, itemId: null })

function freeName(name: string, taken: Map<string, number>, id: number): string {
  let free = name
  for (let n = 2; taken.has(keyOf(free)); n++) free = `${name} (${n})`
  taken.set(keyOf(free), id)
  return free
}

function putProject(ledger: Ledger, each: NumberedRow, name: string): void {
  const { createdAt, updatedAt } = lifeOf(ledger, originOf(each))
  const description = textOrNull(each.row, 'description')
  put(ledger, 'project', each.id, { id: each.id, name, description, version: 1, createdAt, updatedAt })
}

function leaveTwin(ledger: Ledger, { row, id }: NumberedRow, first: number): void {
  const why = `it has the name of project #${first}, and its items are there now`
  const text = [textOf(row, 'name'), textOrNull(row, 'description')]
    .filter((part) => part !== null)
    .join(': ')
  leave(ledger, { what: 'project', id, itemId: null, why, text })
}
