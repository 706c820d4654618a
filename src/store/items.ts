/** Rows of `pipeline`: the only place that knows its columns. */

import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import { type Instant, readInstant } from '../domain/instant.ts'
import type { Item, Severity } from '../domain/item.ts'
import { isStage, isType, paths, type Stage } from '../domain/stage.ts'
import type { Queries, Row } from './database.ts'

export interface NewItem
  extends Omit<
    Item,
    | 'id'
    | 'version'
    | 'updatedAt'
    | 'startedAt'
    | 'doneAt'
    | 'liveAt'
    | 'skipped'
    | 'blockedAt'
    | 'blockedReason'
  > {}

/** Columns of `pipeline` by the field of the item. */
const columnOf = {
  parentId: 'parent_id',
  projectId: 'project_id',
  title: 'title',
  type: 'type',
  stage: 'stage',
  priority: 'priority',
  description: 'description',
  spec: 'spec',
  assignee: 'assignee',
  blockedReason: 'blocked_reason',
  blockedAt: 'blocked_at',
  severity: 'severity',
  healthCheck: 'health_check',
  branch: 'branch',
  skipped: 'skipped',
  startedAt: 'started_at',
  doneAt: 'done_at',
  liveAt: 'live_at',
} as const satisfies Partial<Record<keyof Item, string>>

export type ItemChanges = Partial<Pick<Item, keyof typeof columnOf>>

/** A row as an item. Rows written by the owner's own SQL may hold anything: what is no legal value reads as the first one. */
export function toItem(row: Row): Item {
  const type = typeof row.type === 'string' && isType(row.type) ? row.type : 'feature'
  return {
    id: row.id as number,
    parentId: row.parent_id as number | null,
    projectId: row.project_id as number | null,
    title: String(row.title),
    type,
    stage: typeof row.stage === 'string' && isStage(row.stage) ? row.stage : 'idea',
    priority: Math.min(4, Math.max(1, Number(row.priority) || 2)),
    description: (row.description as string | null | undefined) ?? null,
    spec: (row.spec as string | null | undefined) ?? null,
    assignee: row.assignee as string | null,
    blockedReason: row.blocked_reason as string | null,
    blockedAt: readInstant(row.blocked_at),
    severity: severityOf(row.severity),
    healthCheck: row.health_check as string | null,
    branch: row.branch as string | null,
    skipped: stagesOf(String(row.skipped ?? '')).filter((stage) => paths[type].includes(stage)),
    version: Number(row.version),
    createdAt: readInstant(row.created_at) ?? epoch,
    updatedAt: readInstant(row.updated_at) ?? epoch,
    startedAt: readInstant(row.started_at),
    doneAt: readInstant(row.done_at),
    liveAt: readInstant(row.live_at),
  }
}

const epoch: Instant = '1970-01-01T00:00:00.000Z'
const stagesOf = (text: string): Stage[] => text.split(' ').filter(isStage)
const severityOf = (value: unknown): Severity | null =>
  value === 'critical' || value === 'major' || value === 'minor' ? value : null

/** All columns but the long texts, for lists: those stand last in the row, so they are not read at all. */
export const shortColumns = sql`
  pipeline.id, pipeline.parent_id, pipeline.project_id, pipeline.title, pipeline.type,
  pipeline.stage, pipeline.priority, pipeline.assignee, pipeline.blocked_reason, pipeline.blocked_at,
  pipeline.severity, pipeline.branch, pipeline.skipped, pipeline.version, pipeline.created_at,
  pipeline.updated_at, pipeline.started_at, pipeline.done_at, pipeline.live_at,
  pipeline.health_check`

const allColumns = sql`${shortColumns}, description, spec`

/** The row of an item, or undefined. */
export async function findItem(q: Queries, id: number): Promise<Item | undefined> {
  const row = await q.get(sql`SELECT ${allColumns} FROM pipeline WHERE id = ${id}`)
  return row && toItem(row)
}

/** The same, kept from changing by others until the transaction ends. */
export async function lockItem(q: Queries, id: number): Promise<Item | undefined> {
  const row = await q.get(sql`SELECT ${allColumns} FROM pipeline WHERE id = ${id} ${forUpdate(q)}`)
  return row && toItem(row)
}

/** The same, kept from being deleted alone: many may hang something on it at once. */
export async function keepItem(q: Queries, id: number): Promise<Item | undefined> {
  const lock = q.engine === 'postgres' ? raw('FOR KEY SHARE') : empty
  const row = await q.get(sql`SELECT ${allColumns} FROM pipeline WHERE id = ${id} ${lock}`)
  return row && toItem(row)
}

/** By id, without a lock. */
export async function findItems(q: Queries, ids: readonly number[]): Promise<Map<number, Item>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all(sql`SELECT ${shortColumns}, NULL AS description, NULL AS spec FROM pipeline
    WHERE id IN (${join([...ids])})`)
  return new Map(rows.map((row) => [row.id as number, toItem(row)]))
}

/** By id, without their long texts; kept from changing by others, but many may hold the same ones. */
export async function holdItems(q: Queries, ids: readonly number[]): Promise<Map<number, Item>> {
  if (ids.length === 0) return new Map()
  const lock = q.engine === 'postgres' ? raw('FOR SHARE') : empty
  const rows = await q.all(sql`SELECT ${shortColumns}, NULL AS description, NULL AS spec FROM pipeline
    WHERE id IN (${join([...ids])}) ORDER BY id ${lock}`)
  return new Map(rows.map((row) => [row.id as number, toItem(row)]))
}

/** SQLite has one writer at a time: there is nothing to lock. */
export const forUpdate = (q: Queries): Sql => (q.engine === 'postgres' ? raw('FOR UPDATE') : empty)

/** @returns the item as it is stored: all but its id is known before */
export async function insertItem(q: Queries, item: NewItem): Promise<Item> {
  const id = await q.insert(sql`
    INSERT INTO pipeline (parent_id, project_id, title, type, stage, priority, description, spec, assignee,
      severity, health_check, branch, created_at, updated_at)
    VALUES (${item.parentId}, ${item.projectId}, ${item.title}, ${item.type}, ${item.stage}, ${item.priority},
      ${item.description}, ${item.spec}, ${item.assignee}, ${item.severity}, ${item.healthCheck}, ${item.branch},
      ${item.createdAt}, ${item.createdAt})`)
  return Object.assign({ id, updatedAt: item.createdAt }, unmoved, item)
}

/** What is so of every item at its beginning. */
const unmoved = {
  version: 1,
  skipped: [],
  blockedReason: null,
  blockedAt: null,
  startedAt: null,
  doneAt: null,
  liveAt: null,
}

/**
 * Changes columns and raises the version, if the item is still at `version`.
 * @returns false when somebody else changed it first
 */
export async function updateItem(
  q: Queries,
  id: number,
  version: number,
  changes: ItemChanges,
  at: Instant,
): Promise<boolean> {
  const sets = Object.entries(changes).map(([field, value]) => {
    const column = raw(columnOf[field as keyof typeof columnOf])
    return sql`${column} = ${Array.isArray(value) ? value.join(' ') : value}`
  })
  const changed = await q.run(sql`
    UPDATE pipeline SET ${join([...sets, sql`version = version + 1`, sql`updated_at = ${at}`])}
    WHERE id = ${id} AND version = ${version}`)
  return changed === 1
}

export const deleteItem = (q: Queries, id: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline WHERE id = ${id}`)

/** The children are without a parent, and at a new version. */
export const freeChildren = (q: Queries, id: number, at: Instant): Promise<number> =>
  q.run(
    sql`UPDATE pipeline SET parent_id = NULL, version = version + 1, updated_at = ${at} WHERE parent_id = ${id}`,
  )

/** Ids above an item, nearest first, without itself. Ends also on a circle made by the owner's own SQL. */
export async function ancestorIds(q: Queries, id: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`
    WITH RECURSIVE up (id, depth) AS (
      SELECT parent_id, 1 FROM pipeline WHERE id = ${id} AND parent_id IS NOT NULL
      UNION ALL
      SELECT p.parent_id, up.depth + 1 FROM pipeline p JOIN up ON p.id = up.id
      WHERE p.parent_id IS NOT NULL AND up.depth < 10000)
    SELECT id FROM up ORDER BY depth`)
  return [...new Set(rows.map((row) => row.id))]
}

/** Whoever changes the shape of the tree or of the dependencies goes one after the other. */
export const lockTree = (q: Queries): Promise<unknown> =>
  q.get(sql`SELECT name FROM pipeline_locks WHERE name = 'tree' ${forUpdate(q)}`)

/** Ids of the direct children, oldest first. */
export async function childIds(q: Queries, id: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`SELECT id FROM pipeline WHERE parent_id = ${id} ORDER BY id`)
  return rows.map((row) => row.id)
}
