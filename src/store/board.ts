/** The board: its columns, each with an order of its own, and what is on fire. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import type { Item } from '../domain/item.ts'
import { isStage, type Stage, stages } from '../domain/stage.ts'
import { type Count, countByStage } from './counts.ts'
import type { Queries, Row } from './database.ts'
import { shortColumns, toItem } from './items.ts'
import {
  comparable,
  conditionsOf,
  equals,
  type ItemFilter,
  type ItemPage,
  inStage,
  type Key,
  where,
} from './lists.ts'

export type BoardFilter = Pick<ItemFilter, 'type' | 'projectId' | 'assignee' | 'label' | 'words'>

export interface BoardRows {
  counts: Map<Stage, number>
  items: Item[]
  /** Of the last item of each column that goes on. */
  next: Map<Stage, Key>
}

/** Two statements: how many a stage, and the first `limit` of each; done and live newest first. */
export async function boardRows(q: Queries, filter: BoardFilter, limit: number): Promise<BoardRows> {
  const shown = boardCondition(q, filter)
  const counted = await boardCounts(q, filter)
  const counts = new Map<Stage, number>(stages.map((stage) => [stage, 0]))
  for (const row of counted) {
    const stage = isStage(row.stage) ? row.stage : 'idea'
    counts.set(stage, counts.get(stage)! + row.n)
  }
  const odd = counted.some((row) => !isStage(row.stage))
  const filled = stages.filter((stage) => counts.get(stage)! > 0)
  if (filled.length === 0) return { counts, items: [], next: new Map() }
  const parts = filled.map((stage) => columnRows(q, stage, odd, shown, limit))
  const rows = await q.all(join(parts, ' UNION ALL '))
  const items = rows.map((row: Row) => toItem(row))
  const next = new Map<Stage, Key>()
  for (const [n, { stage }] of items.entries()) {
    if (counts.get(stage)! > limit) next.set(stage, keyOf(stage, rows[n]!))
  }
  return { counts, items, next }
}

/** By stage, as stored. */
export async function boardCounts(q: Queries, filter: BoardFilter): Promise<Omit<Count, 'type'>[]> {
  const { type, ...others } = filter
  if (Object.values(others).some((value) => value !== undefined)) {
    return q.all(
      sql`SELECT stage, count(*) AS n FROM pipeline WHERE ${boardCondition(q, filter)} GROUP BY stage`,
    )
  }
  return (await countByStage(q)).filter((row) =>
    type === undefined
      ? row.type !== 'incident' || row.stage === 'done'
      : row.type === type && (type !== 'incident' || row.stage === 'done'),
  )
}

/** Open incidents have a block of their own. */
function boardCondition(q: Queries, { type, ...others }: ItemFilter): Sql {
  const ofType =
    type === undefined
      ? sql`(type <> 'incident' OR stage = 'done')`
      : type === 'incident'
        ? sql`type = 'incident' AND stage = 'done'`
        : sql`type = ${type}`
  return join([ofType, ...conditionsOf(q, others)], ' AND ')
}

const isOver = (stage: Stage): boolean => stage === 'done' || stage === 'live'

/** By when the item came into done or live: the index idx_pipeline_newest. */
const newest = raw('COALESCE(live_at, done_at)')
const newestFirst = 'COALESCE(live_at, done_at) DESC NULLS LAST, id DESC'
const mostUrgent = 'priority, created_at, id'

/** PostgreSQL gives instants: what is more exact would never be passed. */
const exactly = (q: Queries): Sql =>
  q.engine === 'sqlite'
    ? sql``
    : sql`, CAST(pipeline.created_at AS TEXT) AS exact_created, CAST(${newest} AS TEXT) AS exact_newest`

function columnRows(q: Queries, stage: Stage, odd: boolean, shown: Sql, limit: number): Sql {
  const inColumn = odd ? inStage(stage) : sql`stage = ${raw(`'${stage}'`)}`
  const order = isOver(stage) ? newestFirst : mostUrgent
  return sql`SELECT * FROM (SELECT ${shortColumns}${exactly(q)} FROM pipeline
    WHERE ${inColumn} AND ${shown} ORDER BY ${raw(order)} LIMIT ${limit}) AS ${raw(`"${stage}"`)}`
}

/** What a column's order goes by, of one row. A time that there is begins with @: there may be none. */
function keyOf(stage: Stage, row: Row): Key {
  const id = row.id as number
  if (!isOver(stage)) return [row.priority as number, String(row.exact_created ?? row.created_at), id]
  const at = row.exact_newest ?? row.live_at ?? row.done_at
  return [at === null ? '' : `@${at}`, id]
}

/** The types of the values of a column's key. */
export const columnKey = (stage: Stage): ('string' | 'number')[] =>
  isOver(stage) ? ['string', 'number'] : ['number', 'string', 'number']

/**
 * A page of a column, in the board's order, without open incidents.
 * @param filter but for the stage
 */
export async function columnPage(
  q: Queries,
  stage: Stage,
  filter: ItemFilter,
  { after, limit }: { after?: Key | undefined; limit: number },
): Promise<ItemPage> {
  const odd = stage === 'idea' && (await countByStage(q)).some((row) => !isStage(row.stage))
  const inColumn = odd ? inStage(stage) : sql`stage = ${raw(`'${stage}'`)}`
  const conditions = [inColumn, boardCondition(q, filter)]
  const wanted = limit + 1
  const rows = isOver(stage)
    ? await newestRows(q, conditions, after, wanted)
    : await q.all(sql`SELECT ${shortColumns}${exactly(q)} FROM pipeline
        ${where(after ? [...conditions, sql`(${raw(mostUrgent)}) > (${join(comparable(q, after))})`] : conditions)}
        ORDER BY ${raw(mostUrgent)} LIMIT ${wanted}`)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit).map(toItem), next: last ? keyOf(stage, last) : null }
}

/** Those with a time, then those without one: in two parts, each of which an index finds at once. */
async function newestRows(
  q: Queries,
  conditions: Sql[],
  after: Key | undefined,
  limit: number,
): Promise<Row[]> {
  const [mark, id] = (after ?? []) as [mark?: string, id?: number]
  const select = sql`SELECT ${shortColumns}${exactly(q)} FROM pipeline`
  const isTimed = (): Sql =>
    mark === undefined ? sql`${newest} IS NOT NULL` : olderThan(q, mark.slice(1), id!)
  const timed =
    mark === ''
      ? []
      : await q.all(
          sql`${select} ${where([...conditions, isTimed()])} ORDER BY ${raw(newestFirst)} LIMIT ${limit}`,
        )
  if (timed.length >= limit) return timed
  const passed = mark === '' ? [sql`id < ${id!}`] : []
  const isUntimed = where([...conditions, sql`${newest} IS NULL`, ...passed])
  // The same order; each engine sees only in these words that its index has it.
  const order = raw(q.engine === 'sqlite' ? 'id DESC' : newestFirst)
  const rest = await q.all(sql`${select} ${isUntimed} ORDER BY ${order} LIMIT ${limit - timed.length}`)
  return [...timed, ...rest]
}

/** The first part says what follows from the second: so SQLite finds the place in the index. */
const olderThan = (q: Queries, time: string, id: number): Sql =>
  sql`${newest} <= ${comparable(q, [time])[0]!} AND (${newest}, id) < (${time}, ${id})`

/** Incidents are narrowed as the board is, but for the type: they are above all else. */
function narrowed(q: Queries, { type: _, projectId, ...others }: BoardFilter): Sql {
  const inProject = projectId === undefined ? sql`` : sql`AND ${equals('pipeline.project_id', projectId)}`
  const conditions = conditionsOf(q, others)
  if (conditions.length === 0) return inProject
  const isOpen = sql`type = 'incident' AND stage <> 'done'`
  return sql`${inProject} AND pipeline.id IN (SELECT id FROM pipeline ${where([isOpen, ...conditions])})`
}

/** Open incidents, the most urgent first, with the titles of their parents. */
export async function openIncidents(
  q: Queries,
  filter: BoardFilter,
  limit: number,
): Promise<{ item: Item; parentTitle: string | null; isAcknowledged: boolean }[]> {
  const rows = await q.all(sql`
    SELECT ${shortColumns}, up.title AS parent_title, known.acknowledged_ms FROM pipeline
    LEFT JOIN pipeline up ON up.id = pipeline.parent_id LEFT JOIN pipeline_incidents known ON known.item_id = pipeline.id
    WHERE pipeline.type = 'incident' AND pipeline.stage <> 'done' ${narrowed(q, filter)}
    ORDER BY CASE pipeline.severity WHEN 'critical' THEN 0 WHEN 'major' THEN 1 ELSE 2 END,
      pipeline.created_at DESC, pipeline.id DESC LIMIT ${limit}`)
  return rows.map((row) => ({
    item: toItem(row),
    parentTitle: row.parent_title as string | null,
    isAcknowledged: row.acknowledged_ms !== null,
  }))
}

export async function countOpenIncidents(q: Queries, filter: BoardFilter): Promise<number> {
  const row = await q.get<{ n: number }>(
    sql`SELECT count(*) AS n FROM pipeline WHERE type = 'incident' AND stage <> 'done' ${narrowed(q, filter)}`,
  )
  return row!.n
}
