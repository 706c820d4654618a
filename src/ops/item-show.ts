import * as z from 'zod/mini'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { stages, types } from '../domain/stage.ts'
import { listEntries } from '../store/activity.ts'
import { findChecks } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import { gatheredItems } from '../store/incident-lists.ts'
import { findItem } from '../store/items.ts'
import { listRuns } from '../store/runs.ts'
import { requireItem } from './change.ts'
import * as field from './fields.ts'
import { factsOf, incidentFacts } from './incident-view.ts'
import { showText } from './item-show-text.ts'
import { oneLevel, type TreeNode, wholeTree } from './item-tree.ts'
import { operation } from './operation.ts'
import { fullView } from './view.ts'

/** Most children shown one level deep, most of a subtree, of what a storm gathered, of notes and of the history. */
const most = { children: 50, subtree: 1_000, notes: 5, history: 200, runs: 5, gathered: 50 }

/** One schema that holds itself: a new one a level would have no end as a document. */
function treeNode(): z.ZodMiniType<TreeNode> {
  const node: z.ZodMiniType = z.extend(field.itemSummary(), {
    progress: z.nullable(progress()),
    childCount: z.nullable(z.number()),
    children: z.nullable(z.array(z.lazy(() => node))),
  })
  return node as z.ZodMiniType<TreeNode>
}

const progress = () => z.strictObject({ finished: z.number(), total: z.number() })

const runSchema = () =>
  z.strictObject({
    at: z.string(),
    result: z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance']),
    durationMs: z.number(),
    attempts: z.number(),
    summary: z.nullable(z.string()),
  })

const gatheredItem = () =>
  z.strictObject({ id: z.number(), title: z.string(), type: z.enum(types), stage: z.enum(stages) })
/** Shares of the watched time: of the last 24 hours and 30 days; how much of those was watched. */
const uptimeSchema = () =>
  z.strictObject({
    day: z.nullable(z.number()),
    month: z.nullable(z.number()),
    coverage: z.nullable(z.number()),
  })

async function uptimeOf(q: Queries, item: Item, now: Instant) {
  if (item.stage !== 'live' || item.healthCheck === null) return null
  const { uptimeInBrief } = await import('./uptime-report.ts')
  return uptimeInBrief(q, item, (await findChecks(q, [item.id])).get(item.id), now)
}

export const itemShow = operation({
  name: 'item.show',
  summary: 'Show an item with its children, notes and health',
  kind: 'read',
  needs: 'item:read',
  // Uptime goes on while nothing is written.
  timeless: ({ uptime }) => uptime === null,
  input: () =>
    z.strictObject({
      id: field.itemId(),
      children: z.optional(field.described(z.boolean(), 'the whole subtree with its progress')),
      history: z.optional(field.described(z.boolean(), 'everything that happened to it')),
    }),
  output: () =>
    field.fullItemWith({
      parentTitle: z.nullable(z.string()),
      children: z.array(treeNode()),
      childCount: z.number(),
      progress: z.optional(progress()),
      notes: z.array(field.activityEntry()),
      moreNotes: z.boolean(),
      uptime: z.nullable(uptimeSchema()),
      runs: z.array(runSchema()),
      incident: z.nullable(incidentFacts()),
      gathered: z.array(gatheredItem()),
      history: z.optional(z.array(field.activityEntry())),
    }),
  http: { method: 'get', path: '/items/:id' },
  command: {
    words: 'show',
    positionals: ['id'],
    examples: ['pipeline show 25 --children', 'pipeline show 25 --history'],
  },
  async run(input, { q, now }) {
    const item = await requireItem(q, input.id)
    const parent = item.parentId === null ? undefined : await findItem(q, item.parentId)
    const below = input.children
      ? await wholeTree(q, item.id, most.subtree)
      : await oneLevel(q, item.id, most.children)
    const nodes = below.children
    const notes = await listEntries(q, { itemId: item.id, onlyNotes: true, limit: most.notes + 1 })
    const runs = item.healthCheck === null ? [] : await listRuns(q, item.id, most.runs)
    const incident = item.type === 'incident' ? (await factsOf(q, [item])).get(item.id)! : null
    const gathered = incident?.gathered ? await gatheredItems(q, item.id, most.gathered) : []
    return {
      ...(await fullView(q, item)),
      parentTitle: parent?.title ?? null,
      children: nodes,
      childCount: below.childCount,
      ...(below.progress ? { progress: below.progress } : {}),
      notes: notes.slice(0, most.notes),
      moreNotes: notes.length > most.notes,
      uptime: await uptimeOf(q, item, now),
      runs: runs.map(({ startedMs, result, durationMs, attempts, summary }) => ({
        at: toInstant(startedMs),
        result,
        durationMs,
        attempts,
        summary,
      })),
      incident,
      gathered: gathered.map(({ id, title, type, stage }) => ({ id, title, type, stage })),
      ...(input.history ? { history: await listEntries(q, { itemId: item.id, limit: most.history }) } : {}),
    }
  },
  toText: showText,
})
