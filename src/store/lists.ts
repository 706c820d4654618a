/** Lists of items: filtered, sorted, paged by key. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { wrongCursor } from '../domain/cursor.ts'
import { type Item, isFinished } from '../domain/item.ts'
import { type ItemType, type Stage, stages } from '../domain/stage.ts'
import { countByStage } from './counts.ts'
import type { Queries } from './database.ts'
import { shortColumns, toItem } from './items.ts'
import { foundIn } from './search.ts'

export interface ItemFilter {
  /** Only these. */
  ids?: readonly number[] | undefined
  stage?: Stage | undefined
  type?: ItemType | undefined
  /** null: items without a parent */
  parentId?: number | null | undefined
  projectId?: number | null | undefined
  label?: string | undefined
  /** null: nobody's. A bare name stands for the human and the agent of that name, too. */
  assignee?: string | null | undefined
  /** Flagged, or waiting for an unfinished item. */
  blocked?: boolean | undefined
  /** Leave out done and live. */
  onlyOpen?: boolean | undefined
  /** Words that must all be found. */
  words?: string[] | undefined
}

export const sorts = ['priority', 'created', 'updated', 'id'] as const
export type Sort = (typeof sorts)[number]
/** `search` goes by priority, then id. */
export type Order = Sort | 'search'

/** Columns that a sort goes by; the last one is always the id, so the order is total. */
const keysOf: Record<Order, string[]> = {
  priority: ['priority', 'created_at', 'id'],
  created: ['created_at', 'id'],
  updated: ['updated_at', 'id'],
  id: ['id'],
  search: ['priority', 'id'],
}

/** Values of a sort's columns in one item, as they are stored: where the next page goes on. */
export type Key = (string | number)[]

export interface Page {
  sort: Order
  descending: boolean
  /** Of the last item of the page before. */
  after?: Key | undefined
  limit: number
}

export interface ItemPage {
  /** Without their long texts. */
  items: Item[]
  /** Of the last item; null on the last page. */
  next: Key | null
}

/** The types of a key's values. */
export const keyTypes = (sort: Order): ('string' | 'number')[] =>
  keysOf[sort].map((column) => (isTime(column) ? 'string' : 'number'))

/**
 * A cursor's key that the engine can compare: SQLite takes any text for a time, PostgreSQL only what is one.
 * @throws TrackerError `invalid`
 */
export function comparable(q: Queries, key: Key): Key {
  if (q.engine === 'postgres' && !key.every(isComparable)) throw wrongCursor()
  return key
}

const isComparable = (part: string | number): boolean =>
  typeof part === 'number' || part.endsWith('infinity') || /^\d{4,6}-\d\d-\d\d[ \d:.+-]*( BC)?$/.test(part)

const isTime = (column: string): boolean => column.endsWith('_at')

export async function listItems(q: Queries, filter: ItemFilter, page: Page): Promise<ItemPage> {
  const conditions = conditionsOf(q, filter)
  const keys = keysOf[page.sort]
  if (page.after) {
    const comparison = raw(page.descending ? '<' : '>')
    conditions.push(sql`(${raw(keys.join(', '))}) ${comparison} (${join(comparable(q, page.after))})`)
  }
  const order = keys.map((column) => `${column}${page.descending ? ' DESC' : ''}`).join(', ')
  // As text: a time that the owner's own SQL left more exact than an instant is, would never be passed.
  const exact = keys.map((column, n) => `${isTime(column) ? `CAST(${column} AS TEXT)` : column} AS key_${n}`)
  const rows = await q.all(sql`SELECT ${shortColumns}, ${raw(exact.join(', '))} FROM pipeline
    ${where(conditions)} ORDER BY ${raw(order)} LIMIT ${page.limit + 1}`)
  const last = rows.length > page.limit ? rows[page.limit - 1] : undefined
  return {
    items: rows.slice(0, page.limit).map(toItem),
    next: last ? keys.map((_, n) => last[`key_${n}`]!) : null,
  }
}

export async function countItems(q: Queries, filter: ItemFilter): Promise<number> {
  const row = await q.get<{ n: number }>(
    sql`SELECT count(*) AS n FROM pipeline ${where(conditionsOf(q, filter))}`,
  )
  return row!.n
}

/** How many are done or live: what the plain list leaves out. */
export async function countFinished(q: Queries): Promise<number> {
  const counts = await countByStage(q)
  return counts.reduce((sum, { stage, n }) => sum + (isFinished(stage as Stage) ? n : 0), 0)
}

export const where = (conditions: Sql[]): Sql =>
  conditions.length === 0 ? sql`` : sql`WHERE ${join(conditions, ' AND ')}`

export function conditionsOf(q: Queries, filter: ItemFilter): Sql[] {
  const conditions: Sql[] = []
  if (filter.ids !== undefined)
    conditions.push(filter.ids.length > 0 ? sql`id IN (${join([...filter.ids])})` : sql`1 = 0`)
  if (filter.onlyOpen) conditions.push(sql`stage NOT IN ('done', 'live')`)
  if (filter.stage !== undefined) conditions.push(inStage(filter.stage))
  if (filter.type !== undefined) conditions.push(sql`type = ${filter.type}`)
  if (filter.parentId !== undefined) conditions.push(equals('parent_id', filter.parentId))
  if (filter.projectId !== undefined) conditions.push(equals('project_id', filter.projectId))
  if (filter.assignee !== undefined) conditions.push(assignedTo(filter.assignee))
  if (filter.label !== undefined) {
    conditions.push(sql`id IN (SELECT item_id FROM pipeline_labels WHERE label = ${filter.label})`)
  }
  if (filter.blocked !== undefined) conditions.push(filter.blocked ? isBlocked : sql`NOT ${isBlocked}`)
  if (filter.words) conditions.push(filter.words.length > 0 ? foundIn(q, filter.words) : sql`1 = 0`)
  return conditions
}

export const equals = (column: string, value: number | null): Sql =>
  value === null ? sql`${raw(column)} IS NULL` : sql`${raw(column)} = ${value}`

function assignedTo(name: string | null): Sql {
  if (name === null) return sql`assignee IS NULL`
  if (name.includes(':')) return sql`assignee = ${name}`
  return sql`assignee IN (${join([name, `human:${name}`, `agent:${name}`])})`
}

const isBlocked = sql`(blocked_at IS NOT NULL OR id IN (
  SELECT d.item_id FROM pipeline_dependencies d JOIN pipeline b ON b.id = d.blocker_id
  WHERE b.stage NOT IN ('done', 'live')))`

/** Rows of the owner's own SQL may hold a stage that is none: they read as the first one. */
export const inStage = (stage: Stage): Sql =>
  stage === 'idea'
    ? sql`(stage = 'idea' OR stage NOT IN (${raw(stages.map((each) => `'${each}'`).join(', '))}))`
    : sql`stage = ${stage}`

/** What a subtree is told from. */
export interface TreeRow {
  id: number
  parentId: number
  stage: string
  type: string
}

/** Everything below an item, by id. Ends also on a circle. */
export async function subtree(q: Queries, id: number): Promise<TreeRow[]> {
  return q.all(sql`
    WITH RECURSIVE down (id) AS (
      SELECT id FROM pipeline WHERE parent_id = ${id}
      UNION
      SELECT p.id FROM pipeline p JOIN down ON p.parent_id = down.id)
    SELECT p.id, p.parent_id AS "parentId", p.stage, p.type FROM pipeline p JOIN down ON down.id = p.id
    WHERE p.id <> ${id} ORDER BY p.id`)
}

/** Items by their ids, without their long texts, in the order of the ids given. */
export async function itemsById(q: Queries, ids: number[]): Promise<Item[]> {
  if (ids.length === 0) return []
  const rows = await q.all(sql`SELECT ${shortColumns} FROM pipeline WHERE id IN (${join(ids)})`)
  const byId = new Map(rows.map((row) => [row.id as number, toItem(row)]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** Direct children, oldest first, at most `limit`. */
export async function children(q: Queries, id: number, limit: number): Promise<Item[]> {
  const rows = await q.all(
    sql`SELECT ${shortColumns} FROM pipeline WHERE parent_id = ${id} ORDER BY id LIMIT ${limit}`,
  )
  return rows.map(toItem)
}
