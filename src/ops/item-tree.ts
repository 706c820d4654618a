/** What hangs below an item: its children, or the whole subtree with its progress. */

import { isFinished } from '../domain/item.ts'
import { isStage } from '../domain/stage.ts'
import type { Queries } from '../store/database.ts'
import { children, countItems, itemsById, subtree, type TreeRow } from '../store/lists.ts'
import { type ItemSummary, summarize } from './view.ts'

export interface Progress {
  finished: number
  total: number
}

export interface TreeNode extends ItemSummary {
  /** Of everything below it, incidents left out; null where only one level was asked for. */
  progress: Progress | null
  childCount: number | null
  /** Fewer than `childCount` where the tree is larger than what is shown. */
  children: TreeNode[] | null
}

export interface Below {
  children: TreeNode[]
  childCount: number
  progress: Progress | null
}

/** The first `most` children. */
export async function oneLevel(q: Queries, id: number, most: number): Promise<Below> {
  const summaries = await summarize(q, await children(q, id, most))
  return {
    children: summaries.map((summary) => ({ ...summary, progress: null, childCount: null, children: null })),
    childCount: summaries.length < most ? summaries.length : await countItems(q, { parentId: id }),
    progress: null,
  }
}

/** The first `most` items below, level by level; counts and progress are of all of them. */
export async function wholeTree(q: Queries, id: number, most: number): Promise<Below> {
  const rows = await subtree(q, id)
  const below = grouped(rows)
  const order = levels(below, id)
  const progress = progressOf(order, below, id)
  const shown = order.slice(0, most).map((row) => row.id)
  const nodes = (await summarize(q, await itemsById(q, shown))).map(
    (summary): TreeNode & { children: TreeNode[] } => ({
      ...summary,
      progress: progress.get(summary.id)!,
      childCount: below.get(summary.id)?.length ?? 0,
      children: [],
    }),
  )
  const byId = new Map(nodes.map((node) => [node.id, node]))
  for (const node of nodes) if (node.parentId !== id) byId.get(node.parentId!)?.children.push(node)
  return {
    children: nodes.filter((node) => node.parentId === id),
    childCount: below.get(id)?.length ?? 0,
    progress: progress.get(id)!,
  }
}

function grouped(rows: TreeRow[]): Map<number, TreeRow[]> {
  const groups = new Map<number, TreeRow[]>()
  for (const row of rows) {
    const group = groups.get(row.parentId)
    if (group) group.push(row)
    else groups.set(row.parentId, [row])
  }
  return groups
}

/** Every row once, parents before their children; what a circle of the owner's own SQL cuts off comes by no way. */
function levels(below: ReadonlyMap<number, TreeRow[]>, root: number): TreeRow[] {
  const order: TreeRow[] = [...(below.get(root) ?? [])]
  const seen = new Set([root, ...order.map((row) => row.id)])
  for (let at = 0; at < order.length; at += 1) {
    for (const row of below.get(order[at]!.id) ?? []) {
      if (seen.has(row.id)) continue
      seen.add(row.id)
      order.push(row)
    }
  }
  return order
}

/** How many items below each are finished; incidents are run, not change, and do not count. */
function progressOf(
  order: readonly TreeRow[],
  below: ReadonlyMap<number, TreeRow[]>,
  root: number,
): Map<number, Progress> {
  const found = new Map<number, Progress>()
  const add = (id: number): void => {
    const sum: Progress = { finished: 0, total: 0 }
    for (const row of below.get(id) ?? []) {
      const deeper = found.get(row.id) ?? { finished: 0, total: 0 }
      sum.finished += deeper.finished
      sum.total += deeper.total
      if (row.type === 'incident') continue
      sum.total += 1
      if (isStage(row.stage) && isFinished(row.stage)) sum.finished += 1
    }
    found.set(id, sum)
  }
  // From the leaves up, so that each one's own is whole when its parent counts it.
  for (const row of order.toReversed()) add(row.id)
  add(root)
  return found
}
