/** What has to be right of the lines together: their order, what they refer to, and that none is missing. */

import { type AnyEntity, type Kind, keyOf, kinds, refersTo } from '../domain/entity.ts'
import { closingEdges, type Edge, nameKey } from '../domain/legal.ts'
import { TrackerError } from '../errors.ts'

export interface Whole {
  /** @throws TrackerError `invalid`, with the number of a line */
  add(kind: Kind, row: AnyEntity, line: number): void
  /** @throws TrackerError `invalid` when rows are missing */
  end(counts: Record<Kind, number>): void
}

export const wrong = (line: number, why: string): TrackerError =>
  new TrackerError('invalid', `line ${line}: ${why}`, {
    failures: [{ field: `line ${line}`, message: `line ${line}: ${why}` }],
  })

export function whole(): Whole {
  const found = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>
  const { refer, requireParents } = references()
  const { add: addEdge, requireNone } = circles()
  const once = twice()
  let before: { kind: Kind; row: AnyEntity } = { kind: 'project', row: {} }
  return {
    add(kind, row, line) {
      if (kind !== before.kind) {
        requireParents()
        requireNone()
      }
      if (kinds.indexOf(kind) < kinds.indexOf(before.kind))
        throw wrong(line, `a ${kind} comes after a ${before.kind}`)
      if (kind === before.kind && !isAfter(kind, before.row, row))
        throw wrong(line, `this ${kind} is not after the one before it`)
      refer(kind, row, line)
      addEdge(kind, row, line)
      once(kind, row, line)
      before = { kind, row }
      found[kind] += 1
    },
    end(counts) {
      requireParents()
      requireNone()
      const kind = kinds.find((each) => found[each] !== counts[each])
      if (kind === undefined) return
      const rows = `${found[kind]} of ${counts[kind]} (${kind})`
      throw new TrackerError('invalid', `the export is not whole: ${rows}`, {
        hint: 'nothing was stored; take another copy of the file',
      })
    },
  }
}

/** Texts by their bytes, as the store gives them. */
function isAfter(kind: Kind, before: AnyEntity, row: AnyEntity): boolean {
  for (const field of keyOf[kind]) {
    const [one, two] = [before[field], row[field]]
    if (one === two) continue
    if (typeof two === 'number') return one === undefined || two > Number(one)
    return Buffer.compare(Buffer.from(String(two)), Buffer.from(String(one))) > 0
  }
  return false
}

function references() {
  const ids = { project: new Set<unknown>(), item: new Set<unknown>() }
  /** A parent may come after its child. */
  const later: { parentId: unknown; line: number }[] = []
  return {
    refer(kind: Kind, row: AnyEntity, line: number): void {
      if (kind === 'project' || kind === 'item') ids[kind].add(row.id)
      for (const [field, target] of Object.entries(refersTo[kind] ?? {})) {
        const id = row[field] ?? null
        if (id === null || ids[target].has(id)) continue
        if (field === 'parentId' && Number(id) > Number(row.id)) later.push({ parentId: id, line })
        else throw leadsNowhere(line, `${kind}.${field}`, target, id)
      }
    },
    requireParents(): void {
      const orphan = later.find(({ parentId }) => !ids.item.has(parentId))
      if (orphan) throw leadsNowhere(orphan.line, 'item.parentId', 'item', orphan.parentId)
    },
  }
}

/** No item is above itself, and none waits for itself, be it through others. */
function circles() {
  let edges: Edge[] = []
  let lines: number[] = []
  let what = ''
  return {
    add(kind: Kind, row: AnyEntity, line: number): void {
      const to = kind === 'item' ? row.parentId : kind === 'dependency' ? row.blockerId : undefined
      if (typeof to !== 'number') return
      what = kind === 'item' ? 'item.parentId' : 'dependency.blockerId'
      edges.push([Number(kind === 'item' ? row.id : row.itemId), to])
      lines.push(line)
    },
    /** @throws TrackerError `invalid`, when all of a kind are there */
    requireNone(): void {
      const [closing] = closingEdges(edges)
      if (closing) {
        const at = edges.findIndex(([from, to]) => from === closing[0] && to === closing[1])
        throw wrong(lines[at]!, `${what} closes a circle: ${closing[0]} → ${closing[1]} → … → ${closing[0]}`)
      }
      edges = []
      lines = []
    },
  }
}

/** Names and open incidents of which the store takes one. */
function twice() {
  const lines = new Map<string, number>()
  return (kind: Kind, row: AnyEntity, line: number): void => {
    const [key, what] =
      kind === 'project'
        ? [nameKey(String(row.name)), 'project.name is the same']
        : kind === 'incident' && row.resolvedMs === null && row.subjectId !== null
          ? [`${row.subjectId} ${row.checkName}`, 'incident is open for the same check']
          : []
    if (key === undefined) return
    const other = lines.get(`${kind} ${key}`)
    if (other !== undefined) throw wrong(line, `this ${what} as in line ${other}`)
    lines.set(`${kind} ${key}`, line)
  }
}

const leadsNowhere = (line: number, field: string, target: string, id: unknown): TrackerError =>
  wrong(line, `${field} leads nowhere: there is no ${target} ${id}`)
