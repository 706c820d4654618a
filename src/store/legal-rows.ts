/**
 * Whole tables as rows that any pipeline takes: what the owner's own SQL left that no other database or no import
 * could hold is brought to the nearest legal value, and told.
 */

import sql, { join, raw } from 'sql-template-tag'
import { type AnyEntity, counted, fields, type Kind, keyOf, kinds, refersTo } from '../domain/entity.ts'
import { closingEdges, type Edge, idMax, nearestLegal } from '../domain/legal.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from './database.ts'
import { countEntities, inOrder, readEntities, snake, tableOf } from './entities.ts'
import { textsMisread } from './texts-misread.ts'

/** What is not given as it is stored. */
export interface Changes {
  count: number
  /** The first ones: `item 7: createdAt is no time`. */
  shown: string[]
}

const shownMax = 20

export interface Reading {
  counts: Record<Kind, number>
  changes: Changes
  rows(kind: Kind): AsyncGenerator<AnyEntity[]>
}

/**
 * Call it in a transaction, and read the kinds in their order.
 * @param words  also what a pipeline can hold but knows no meaning for, an unknown stage say: for an export
 * @throws TrackerError `invalid` for an id that no other pipeline takes
 */
export async function readLegal(q: Queries, { words }: { words: boolean }): Promise<Reading> {
  await requirePlaced(q)
  const links = await brokenLinks(q)
  const { changes, tell: told } = collected()
  const rows = (kind: Kind, tell: Tell) => legalPages(q, kind, { words, links, tell })
  const counts = await countEntities(q)
  // A row that is left out is rare, and looked for only where there may be one.
  if (links !== undefined || (await mayLackRows(q)))
    for (const kind of kinds) counts[kind] = await sizeOf(rows(kind, () => undefined))
  return { counts, changes, rows: (kind) => rows(kind, told) }
}

/** Reads every row, only to see which values no other pipeline holds; of what refers to what, others tell. */
export async function oddValues(q: Queries): Promise<Changes> {
  const { changes, tell } = collected()
  for (const kind of kinds) await sizeOf(legalPages(q, kind, { words: false, links: undefined, tell }))
  return changes
}

function collected(): { changes: Changes; tell: Tell } {
  const changes: Changes = { count: 0, shown: [] }
  const tell: Tell = (kind, row, field, why) => {
    changes.count += 1
    if (changes.shown.length < shownMax) changes.shown.push(`${nameOf(kind, row)}: ${field} ${why}`)
  }
  return { changes, tell }
}

type Tell = (kind: Kind, row: AnyEntity, field: string, why: string) => void

const nameOf = (kind: Kind, row: AnyEntity): string =>
  `${kind} ${keyOf[kind].map((field) => row[field]).join('/')}`

async function sizeOf(pages: AsyncIterable<AnyEntity[]>): Promise<number> {
  let size = 0
  for await (const rows of pages) size += rows.length
  return size
}

interface How {
  words: boolean
  links: Links | undefined
  tell: Tell
}

async function* legalPages(q: Queries, kind: Kind, how: How): AsyncGenerator<AnyEntity[]> {
  const { tell } = how
  const misread = await textsMisread(q, kind)
  for await (const page of readEntities(q, kind, (row, field, why) => tell(kind, row, field, why))) {
    for (const row of page) {
      for (const [field, why] of await misread(row)) tell(kind, row, field, why)
    }
    const kept: AnyEntity[] = []
    for (const row of page) {
      const legal = legalRow(kind, row, how)
      if (legal !== undefined) kept.push(legal)
    }
    if (kept.length > 0) yield kept
  }
}

function legalRow(kind: Kind, row: AnyEntity, { words, links, tell }: How): AnyEntity | undefined {
  const linked = links === undefined ? row : withoutBroken(kind, row, links, tell)
  if (linked === undefined || !words) return linked
  return nearestLegal(kind, linked, (field, must) => tell(kind, row, field, `is not ${must}`))
}

/** Looked for before anything is written anywhere. */
async function requirePlaced(q: Queries): Promise<void> {
  for (const kind of counted) {
    const row = await q.get<{ id: number }>(
      sql`SELECT id FROM ${raw(tableOf[kind])} WHERE id > ${idMax} OR id < ${-idMax} ORDER BY id LIMIT 1`,
    )
    if (!row) continue
    throw new TrackerError('invalid', `${kind} ${row.id} has an id that no other pipeline takes`, {
      hint: `with your own SQL, give that row of ${tableOf[kind]} an id below ${idMax}; nothing was changed`,
    })
  }
}

/** What can't be linked elsewhere as it is here. */
interface Links {
  project: ReadonlySet<unknown>
  item: ReadonlySet<unknown>
  /** `child parent`, of circles. */
  parents: ReadonlySet<string>
  dependencies: ReadonlySet<string>
}

/** Undefined where all is well: found in the indexes, without looking at the rows. */
async function brokenLinks(q: Queries): Promise<Links | undefined> {
  const parents = await circles(
    q,
    sql`SELECT id AS a, parent_id AS b FROM pipeline WHERE parent_id IS NOT NULL`,
  )
  const dependencies = await circles(q, sql`SELECT item_id AS a, blocker_id AS b FROM pipeline_dependencies`)
  if (parents.size === 0 && dependencies.size === 0 && !(await hasDangling(q))) return undefined
  const ids = async (table: string) =>
    new Set((await q.all<{ id: number }>(sql`SELECT id FROM ${raw(table)}`)).map(({ id }) => id))
  return { project: await ids('pipeline_projects'), item: await ids('pipeline'), parents, dependencies }
}

/** @param edges rows of `a` and `b`; a circle has one at least that does not go down */
async function circles(q: Queries, edges: ReturnType<typeof sql>): Promise<ReadonlySet<string>> {
  if (!(await q.get(sql`SELECT 1 AS one FROM (${edges}) e WHERE b >= a LIMIT 1`))) return new Set()
  const all = await q.all<{ a: number; b: number }>(edges)
  return new Set(closingEdges(all.map(({ a, b }): Edge => [a, b])).map(([a, b]) => `${a} ${b}`))
}

async function hasDangling(q: Queries): Promise<boolean> {
  if (q.engine === 'postgres') return false
  for (const kind of kinds) {
    if (!refersTo[kind]) continue
    if (await q.get(sql`SELECT 1 AS one FROM pragma_foreign_key_check(${tableOf[kind]}) LIMIT 1`)) return true
  }
  return false
}

function withoutBroken(kind: Kind, row: AnyEntity, links: Links, tell: Tell): AnyEntity | undefined {
  if (kind === 'dependency' && links.dependencies.has(`${row.itemId} ${row.blockerId}`)) {
    tell(kind, row, 'blockerId', 'closes a circle; it is left out')
    return undefined
  }
  let linked = row
  for (const [field, target] of Object.entries(refersTo[kind] ?? {})) {
    const id = row[field] ?? null
    if (id === null) continue
    const inCircle = field === 'parentId' && links.parents.has(`${row.id} ${id}`)
    if (links[target].has(id) && !inCircle) continue
    const why = inCircle ? 'closes a circle' : `leads to ${target} ${id}, which is not there`
    const isNeeded = (fields[kind] as Record<string, string>)[field] === 'int'
    tell(kind, row, field, isNeeded ? `${why}; the row is left out` : why)
    if (isNeeded) return undefined
    linked = { ...linked, [field]: null }
  }
  return linked
}

/** Rows of which a part of the key has no legal value. */
async function mayLackRows(q: Queries): Promise<boolean> {
  const [first, last] = ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'].map(Date.parse)
  const beyond = ([kind, field, unitMs]: [Kind, string, number]) => sql`EXISTS (
    SELECT 1 FROM ${raw(tableOf[kind])}
    WHERE ${raw(snake(field))} < ${Math.ceil(first! / unitMs)} OR ${raw(snake(field))} > ${Math.floor(last! / unitMs)})`
  const keys: [Kind, string, number][] = [
    ['run', 'startedMs', 1],
    ['state', 'atMs', 1],
    ['hour', 'hour', 3_600_000],
    ['day', 'day', 86_400_000],
  ]
  // A label of white space alone: all of it below `!`, or what few know as a space.
  const label = raw(inOrder(q, 'label'))
  const blank = sql`EXISTS (SELECT 1 FROM pipeline_labels WHERE ${label} < '!' OR ${label} >= '\u0080')`
  const found = await q.get<{ found: number | boolean }>(
    sql`SELECT CASE WHEN ${join([...keys.map(beyond), blank], ' OR ')} THEN 1 ELSE 0 END AS found`,
  )
  return Boolean(found?.found)
}
