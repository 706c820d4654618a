/** Whole tables as the plain rows of `domain/entity.ts`: read in pages, written in bulk. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import {
  type AnyEntity,
  type Counted,
  counted,
  type FieldType,
  fields,
  type Kind,
  keyOf,
  kinds,
  readTime,
} from '../domain/entity.ts'
import { idMax, nameKey } from '../domain/legal.ts'
import type { Queries, Row, Value } from './database.ts'

export const tableOf: Record<Kind, string> = {
  project: 'pipeline_projects',
  item: 'pipeline',
  label: 'pipeline_labels',
  criterion: 'pipeline_criteria',
  dependency: 'pipeline_dependencies',
  entry: 'pipeline_activity',
  check: 'pipeline_checks',
  run: 'pipeline_runs',
  state: 'pipeline_states',
  hour: 'pipeline_hours',
  day: 'pipeline_days',
  incident: 'pipeline_incidents',
  heartbeat: 'pipeline_heartbeats',
  maintenance: 'pipeline_maintenance',
}

/** The column of a field. */
export const snake = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

interface Column {
  field: string
  column: string
  type: FieldType
}

const columnsOf = Object.fromEntries(
  kinds.map((kind) => [
    kind,
    Object.entries(fields[kind]).map(([field, type]) => ({ field, column: snake(field), type })),
  ]),
) as Record<Kind, Column[]>

/** `pipeline.title`: what has to be there. */
export const columnNames = (): string[] =>
  kinds.flatMap((kind) => columnsOf[kind].map(({ column }) => `${tableOf[kind]}.${column}`))

const pageSize = 1000
const epoch = '1970-01-01T00:00:00.000Z'

/**
 * All rows of a kind in the order of its key, a page at a time. Call it in a transaction: the pages are of one state.
 * Times and numbers are brought to what both engines hold, so that both give the same.
 */
export async function* readEntities(q: Queries, kind: Kind, changed?: Changed): AsyncGenerator<AnyEntity[]> {
  const columns = columnsOf[kind]
  const key = keyOf[kind].map(snake)
  const list = raw(columns.map(({ column }) => column).join(', '))
  const order = raw(key.map((column) => inOrder(q, column)).join(', '))
  let after: Value[] | undefined
  for (;;) {
    const beyond: Sql = after ? sql`WHERE (${order}) > (${join(after)})` : sql``
    const rows = await q.all(
      sql`SELECT ${list} FROM ${raw(tableOf[kind])} ${beyond} ORDER BY ${order} LIMIT ${pageSize}`,
    )
    if (rows.length > 0) yield rows.map((row) => entityOf(columns, row, changed))
    if (rows.length < pageSize) return
    const last = rows.at(-1)!
    after = key.map((column) => last[column]!)
  }
}

/** Texts by their bytes on both engines. */
export const inOrder = (q: Queries, column: string): string =>
  column === 'label' && q.engine === 'postgres' ? 'label COLLATE "C"' : column

/** Told of a field that could not be read as it is stored. */
export type Changed = (entity: AnyEntity, field: string, why: string) => void

function entityOf(columns: Column[], row: Row, changed?: Changed): AnyEntity {
  const entity: AnyEntity = {}
  for (const { field, column, type } of columns) {
    const value = row[column] ?? null
    if (type === 'time' || type === 'time?') {
      const time = readTime(value)
      if (time === null && value !== null) changed?.(entity, field, `is no time: ${shown(value)}`)
      entity[field] = time ?? (type === 'time' ? epoch : null)
    } else if (typeof value === 'number') {
      entity[field] = exact(value)
      if (entity[field] !== value) changed?.(entity, field, `is beyond 2^53: ${value}`)
    } else entity[field] = typeof value === 'string' ? untilNul(value) : value
  }
  return entity
}

/** The driver of Node 20 cuts there, and others read on: no pipeline of ours holds what follows. */
function untilNul(text: string): string {
  const at = text.indexOf('\0')
  return at < 0 ? text : text.slice(0, at)
}

const shown = (value: Value): string => JSON.stringify(value).slice(0, 40)

const { MAX_SAFE_INTEGER: largest } = Number

/** The nearest number that JSON holds exactly: beyond is what the owner's own SQL wrote. */
const exact = (value: number): number => Math.min(Math.max(value, -largest), largest)

/** Bound values of one statement: SQLite takes 32,766, PostgreSQL 65,535. */
const boundMax = 30_000

/**
 * Writes rows of one kind. An item whose parent comes later is written without it.
 * @returns the items that lack their parent still: for `linkParents`
 */
export async function insertEntities(
  q: Queries,
  kind: Kind,
  rows: readonly AnyEntity[],
): Promise<AnyEntity[]> {
  const columns = columnsOf[kind].map(({ column }) => column)
  if (kind === 'project') columns.push('name_key')
  const later: AnyEntity[] = []
  const valuesOf = (row: AnyEntity): Value[] => {
    const values = columnsOf[kind].map(({ field }) => row[field] ?? null)
    if (kind === 'project') values.push(nameKey(String(row.name)))
    if (kind === 'item' && Number(row.parentId) >= Number(row.id)) {
      later.push(row)
      values[1] = null
    }
    return values
  }
  // SQLite is fastest with one short statement that is prepared once, PostgreSQL with few long ones.
  const each = q.engine === 'sqlite' ? 1 : Math.floor(boundMax / columns.length)
  for (let from = 0; from < rows.length; from += each) {
    const part = rows.slice(from, from + each).map((row) => sql`(${join(valuesOf(row))})`)
    await q.run(sql`INSERT INTO ${raw(tableOf[kind])} (${raw(columns.join(', '))}) VALUES ${join(part)}`)
  }
  return later
}

export async function linkParents(q: Queries, items: readonly AnyEntity[]): Promise<void> {
  for (const { id, parentId } of items) {
    await q.run(sql`UPDATE pipeline SET parent_id = ${parentId} WHERE id = ${id}`)
  }
}

/** How many rows there are of each kind. */
export async function countEntities(q: Queries): Promise<Record<Kind, number>> {
  const parts = kinds.map((kind) => sql`(SELECT count(*) FROM ${raw(tableOf[kind])}) AS ${raw(`"${kind}"`)}`)
  const row = await q.get<Record<Kind, number>>(sql`SELECT ${join(parts)}`)
  return Object.fromEntries(kinds.map((kind) => [kind, Number(row![kind])])) as Record<Kind, number>
}

/** Nobody else writes until the transaction ends; reading goes on. SQLite has one writer anyway. */
export async function lockEntities(q: Queries): Promise<void> {
  if (q.engine === 'sqlite') return
  await q.run(sql`LOCK TABLE ${raw(kinds.map((kind) => tableOf[kind]).join(', '))} IN EXCLUSIVE MODE`)
}

/** Takes every row away; what is made from them (search, counts) too. */
export async function clearEntities(q: Queries): Promise<void> {
  for (const kind of [...kinds].reverse()) await q.run(sql`DELETE FROM ${raw(tableOf[kind])}`)
  await q.run(sql`DELETE FROM pipeline_search`)
}

/** The highest id ever given, of a row that is gone too. */
export async function lastIds(q: Queries): Promise<Record<Counted, number>> {
  const found: Partial<Record<Counted, number>> = {}
  for (const kind of counted) {
    const table = tableOf[kind]
    const row =
      q.engine === 'sqlite'
        ? await q.get<{ n: number }>(
            sql`SELECT max(CAST(seq AS INTEGER)) AS n FROM sqlite_sequence WHERE name = ${table}`,
          )
        : await q.get<{ n: number }>(
            sql`SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(${table}, 'id') AS regclass)) AS n`,
          )
    // In SQLite anybody may write there, and anything.
    found[kind] = Math.min(Math.max(Math.floor(Number(row?.n) || 0), 0), idMax)
  }
  return found as Record<Counted, number>
}

/** The next ids are above those, and above what is there. */
export async function raiseLastIds(q: Queries, last: Partial<Record<Counted, number>>): Promise<void> {
  const known = await lastIds(q)
  for (const kind of counted) {
    const table = tableOf[kind]
    const most = await q.get<{ n: number | null }>(sql`SELECT max(id) AS n FROM ${raw(table)}`)
    const id = Math.max(last[kind] ?? 0, Number(most?.n ?? 0), known[kind])
    if (id === 0) continue
    if (q.engine === 'postgres') {
      await q.get(sql`SELECT setval(CAST(pg_get_serial_sequence(${table}, 'id') AS regclass), ${id})`)
    } else {
      await q.run(sql`DELETE FROM sqlite_sequence WHERE name = ${table}`)
      await q.run(sql`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${id})`)
    }
  }
}
