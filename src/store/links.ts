/** What hangs on items: labels, acceptance criteria, dependencies. Each question is one statement for many items. */

import sql, { join } from 'sql-template-tag'
import { type Criterion, verdicts } from '../domain/item.ts'
import type { Queries } from './database.ts'

export async function addLabels(q: Queries, itemId: number, labels: string[]): Promise<void> {
  for (const label of new Set(labels)) {
    await q.run(
      sql`INSERT INTO pipeline_labels (item_id, label) VALUES (${itemId}, ${label}) ON CONFLICT DO NOTHING`,
    )
  }
}

export async function removeLabels(q: Queries, itemId: number, labels: string[]): Promise<void> {
  if (labels.length === 0) return
  await q.run(sql`DELETE FROM pipeline_labels WHERE item_id = ${itemId} AND label IN (${join(labels)})`)
}

/** Labels by item, in alphabetical order. */
export async function labelsOf(q: Queries, ids: number[]): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ item_id: number; label: string }>(
    sql`SELECT item_id, label FROM pipeline_labels WHERE item_id IN (${join(ids)})`,
  )
  const byItem = grouped(rows, (row) => row.label)
  for (const labels of byItem.values()) labels.sort()
  return byItem
}

export async function addCriteria(q: Queries, itemId: number, criteria: Criterion[]): Promise<void> {
  for (const { text, verdict, evidence } of criteria) {
    await q.run(sql`INSERT INTO pipeline_criteria (item_id, text, verdict, evidence)
      VALUES (${itemId}, ${text}, ${verdict}, ${evidence})`)
  }
}

export const clearCriteria = (q: Queries, itemId: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_criteria WHERE item_id = ${itemId}`)

export interface StoredCriterion extends Criterion {
  id: number
}

/** In the order in which they were written. */
export async function criteriaOf(q: Queries, itemId: number): Promise<StoredCriterion[]> {
  const rows = await q.all<{ id: number; text: string; verdict: string; evidence: string | null }>(
    sql`SELECT id, text, verdict, evidence FROM pipeline_criteria WHERE item_id = ${itemId} ORDER BY id`,
  )
  return rows.map((row) => ({ ...row, verdict: verdicts.find((word) => word === row.verdict) ?? 'open' }))
}

export const judgeCriterion = (q: Queries, id: number, judged: Omit<Criterion, 'text'>): Promise<number> =>
  q.run(
    sql`UPDATE pipeline_criteria SET verdict = ${judged.verdict}, evidence = ${judged.evidence} WHERE id = ${id}`,
  )

/** @returns false when it was there already */
export const addDependency = async (q: Queries, itemId: number, blockerId: number): Promise<boolean> =>
  (await q.run(sql`INSERT INTO pipeline_dependencies (item_id, blocker_id) VALUES (${itemId}, ${blockerId})
    ON CONFLICT DO NOTHING`)) === 1

/** @returns false when there was none */
export const removeDependency = async (q: Queries, itemId: number, blockerId: number): Promise<boolean> =>
  (await q.run(
    sql`DELETE FROM pipeline_dependencies WHERE item_id = ${itemId} AND blocker_id = ${blockerId}`,
  )) === 1

/** Ids that an item depends on, finished or not. */
export async function dependenciesOf(q: Queries, itemId: number): Promise<number[]> {
  const rows = await q.all<{ blocker_id: number }>(
    sql`SELECT blocker_id FROM pipeline_dependencies WHERE item_id = ${itemId} ORDER BY blocker_id`,
  )
  return rows.map((row) => row.blocker_id)
}

/** Ids of the items that depend on one. */
export async function dependentsOf(q: Queries, blockerId: number): Promise<number[]> {
  const rows = await q.all<{ item_id: number }>(
    sql`SELECT item_id FROM pipeline_dependencies WHERE blocker_id = ${blockerId} ORDER BY item_id`,
  )
  return rows.map((row) => row.item_id)
}

/** Everything that an item waits for, directly or through others. */
export async function dependencyClosure(q: Queries, itemId: number): Promise<number[]> {
  const rows = await q.all<{ id: number }>(sql`
    WITH RECURSIVE down (id) AS (
      SELECT blocker_id FROM pipeline_dependencies WHERE item_id = ${itemId}
      UNION
      SELECT d.blocker_id FROM pipeline_dependencies d JOIN down ON d.item_id = down.id)
    SELECT id FROM down`)
  return rows.map((row) => row.id)
}

/** The unfinished items that each item waits for. */
export async function waitingFor(q: Queries, ids: number[]): Promise<Map<number, number[]>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ item_id: number; blocker_id: number }>(sql`
    SELECT d.item_id, d.blocker_id FROM pipeline_dependencies d JOIN pipeline b ON b.id = d.blocker_id
    WHERE d.item_id IN (${join(ids)}) AND b.stage NOT IN ('done', 'live') ORDER BY d.item_id, d.blocker_id`)
  return grouped(rows, (row) => row.blocker_id)
}

function grouped<R extends { item_id: number }, V>(rows: R[], value: (row: R) => V): Map<number, V[]> {
  const byItem = new Map<number, V[]>()
  for (const row of rows) {
    const list = byItem.get(row.item_id)
    if (list) list.push(value(row))
    else byItem.set(row.item_id, [value(row)])
  }
  return byItem
}
