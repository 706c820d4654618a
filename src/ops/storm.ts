/** Storms: one incident gathers those of many items that began to fail at once, and ends when all of them have. */

import { decideIncident, isTakenUp } from '../domain/incident.ts'
import { toMs } from '../domain/instant.ts'
import { type Item, severities } from '../domain/item.ts'
import {
  decideStorm,
  grownTitle,
  hasDoubled,
  type StormRules,
  stormRules,
  stormTitle,
} from '../domain/storm.ts'
import { count } from '../domain/text.ts'
import { findIncident, insertIncident, markRecovery, stormCheck } from '../store/incidents.ts'
import { insertItem, lockItem } from '../store/items.ts'
import { indexItem, reindexItem } from '../store/search.ts'
import {
  countGathered,
  countRecent,
  type Gatherable,
  gatherable,
  gatheredSubjects,
  gatherInto,
  lockStorms,
  openStorm,
} from '../store/storms.ts'
import { log, store } from './change.ts'
import { closeIncident } from './incident-close.ts'
import type { Reconciled } from './incident-reconcile.ts'
import { notify } from './notify-about.ts'
import type { Context } from './operation.ts'

/** So many of what it gathered are named when it opens. */
const named = 20

/**
 * After the runs of a turn were stored: gathers what began, tells of what no storm tells of, and ends storms of which
 * all is over.
 */
export async function followStorms(
  context: Context,
  reconciled: readonly Reconciled[],
  rules: StormRules = stormRules,
): Promise<void> {
  const begun = reconciled.filter((each) => each.notice)
  const storms = new Set(reconciled.flatMap(({ stormId }) => stormId ?? []))
  if (begun.length === 0 && storms.size === 0) return
  await lockStorms(context.q)
  const told = begun.length === 0 ? 0 : await gather(context, begun.length, rules)
  for (const { change, notice } of begun.slice(0, told)) {
    await notify(context, change!.change === 'opened' ? 'incident.opened' : 'incident.reopened', notice!)
  }
  for (const id of [...storms].sort((a, b) => a - b)) await settle(context, id)
}

/** When one that a storm gathered was closed or opened by a person. */
export async function followStorm(context: Context, stormId: number): Promise<void> {
  await lockStorms(context.q)
  await settle(context, stormId)
}

/** @returns how many of those that began are told of one by one */
async function gather(context: Context, begun: number, rules: StormRules): Promise<number> {
  const { q } = context
  const atMs = toMs(context.now)
  const sinceMs = atMs - rules.windowMs
  const storm = await openStorm(q)
  const found = await gatherable(q, sinceMs)
  const decision = decideStorm(
    {
      recent: await countRecent(q, sinceMs),
      ungathered: found.count,
      begun,
      stormBeganMs: storm?.beganMs,
      atMs,
    },
    rules,
  )
  if (decision.do === 'open') await open(context, found, sinceMs, rules)
  if (decision.do === 'join') await join(context, storm!.itemId, found, sinceMs, rules)
  return decision.told
}

async function open(context: Context, found: Gatherable, sinceMs: number, rules: StormRules): Promise<void> {
  const { q, now, actor } = context
  const storm = await insertItem(q, {
    parentId: null,
    projectId: found.projectId,
    title: stormTitle(found.count, rules),
    type: 'incident',
    stage: 'idea',
    priority: 1,
    description: null,
    spec: null,
    assignee: null,
    severity: found.severity,
    healthCheck: null,
    branch: null,
    createdAt: now,
  })
  await indexItem(q, storm.id, storm)
  await insertIncident(q, {
    itemId: storm.id,
    subjectId: null,
    checkName: stormCheck,
    openedMs: toMs(now),
  })
  await gatherInto(q, storm.id, sinceMs)
  const detail = { title: storm.title, type: 'incident', stage: 'idea', count: found.count }
  const note = await namesOf(context, storm.id, found.count)
  await log(context, storm.id, 'storm-opened', { detail, note })
  const more = { severity: storm.severity, summary: storm.title, detail: note, actor }
  await notify(context, 'storm.opened', { incident: storm, subject: null, ...more })
}

async function namesOf({ q }: Context, stormId: number, total: number): Promise<string> {
  const first = await gatheredSubjects(q, stormId, named)
  const rest = total > first.length ? [`… and ${total - first.length} more`] : []
  return [`${count(total, 'check')} began to fail at once:`, ...first.map(lineOf), ...rest].join('\n')
}

const lineOf = ({ id, title }: { id: number; title: string }): string => `#${id} ${title}`

/** How many it gathers is told each time that has doubled; that it became more severe, at once. */
async function join(
  context: Context,
  stormId: number,
  found: Gatherable,
  sinceMs: number,
  rules: StormRules,
): Promise<void> {
  const { q } = context
  const joined = await gatherInto(q, stormId, sinceMs)
  const { total } = await countGathered(q, stormId)
  const storm = await lockItem(q, stormId)
  if (!storm) return
  const severity = worse(storm.severity, found.severity)
  const grown = hasDoubled(total - joined, total, rules)
  if (!grown && severity === storm.severity) return
  const title = grown ? grownTitle(storm.title, total) : storm.title
  await storeGrown(context, storm, { title, severity }, total)
}

async function storeGrown(
  context: Context,
  storm: Item,
  changes: Pick<Item, 'title' | 'severity'>,
  total: number,
): Promise<Item> {
  const stored = await store(context, storm, changes)
  if (changes.title !== storm.title) await reindexItem(context.q, storm.id, stored)
  const { title, severity } = changes
  await log(context, storm.id, 'storm-grew', { detail: { title, count: total, severity } })
  return stored
}

/**
 * At its end the title of a storm counts all that it gathered, also those since it was last told that it has grown.
 * @param storm kept from changing by others
 */
export async function countInFull(context: Context, storm: Item): Promise<Item> {
  const { total } = await countGathered(context.q, storm.id)
  const { severity } = storm
  const title = grownTitle(storm.title, total)
  return title === storm.title ? storm : storeGrown(context, storm, { title, severity }, total)
}

const worse = (a: Item['severity'], b: NonNullable<Item['severity']>): Item['severity'] =>
  a !== null && severities.indexOf(a) <= severities.indexOf(b) ? a : b

/** On the level, like all incidents: open as long as one of those that it gathered is. */
async function settle(context: Context, stormId: number): Promise<void> {
  const { q } = context
  const item = await lockItem(q, stormId)
  const storm = item && (await findIncident(q, stormId))
  if (!storm || storm.resolvedMs !== null) return
  const gathered = await countGathered(q, stormId)
  const decision = decideIncident({
    state: gathered.open > 0 ? 'down' : 'up',
    open: { itemId: stormId, takenUp: isTakenUp(item), recoveryNoted: storm.recoveryNoted },
    rules: { open: false, autoResolve: true, reopenWindowMs: 0 },
    atMs: toMs(context.now),
  })
  const over = `All ${gathered.total} incidents that it gathered are resolved.`
  if (decision.do === 'resolve') {
    const counted = await countInFull(context, item)
    await closeIncident(context, counted, { by: 'system', note: over, isStorm: true })
  }
  if (decision.do === 'note-recovery') {
    await countInFull(context, item)
    await markRecovery(q, stormId, true)
    await log(context, stormId, 'recovered', { note: `${over} Closing is left to whoever took it up.` })
  }
  if (decision.do === 'note-failing-again') {
    await markRecovery(q, stormId, false)
    await log(context, stormId, 'failing-again', { detail: { title: item.title, open: gathered.open } })
  }
}
