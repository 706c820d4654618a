/** The predecessor's `pipeline_tasks`: here a task is an item of its own, below the one it belonged to. */

import type { Entity } from '../domain/entity.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import type { Stage } from '../domain/stage.ts'
import { entryOf, type Ledger, leave, lifeOf, log, put, ranks, tellMove, timeOf } from './legacy-ledger.ts'
import type { Outline, Outlined } from './legacy-links.ts'
import { noReason } from './legacy-stage.ts'
import { detailOf, textOf, textOrNull, textsOf, wholeOf, wordOf } from './legacy-values.ts'

/** Stages by the word for the status; blocked is a flag here. */
const stageOf = new Map<string, Stage>([
  ['todo', 'idea'],
  ['doing', 'building'],
  ['done', 'done'],
  ['blocked', 'idea'],
])

/**
 * @param last  the highest id that was ever given to an item
 * @returns     the highest one that is given now
 */
export function convertTasks(ledger: Ledger, rows: LegacyRow[], items: Outline, last: number): number {
  for (const row of rows) {
    const parent = items.find(wholeOf(row, 'pipeline_id'))
    if (parent) convertTask(ledger, row, parent, ++last)
    else leaveTask(ledger, row)
  }
  return last
}

function leaveTask(ledger: Ledger, row: LegacyRow): void {
  const named = textOf(row, 'pipeline_id')
  const why = named === null ? 'it names no item' : `its item #${named} is gone`
  const text = textsOf(row, ['status', 'assigned_to'], ['title', 'description', 'output'])
  leave(ledger, { what: 'task', id: wholeOf(row, 'id'), itemId: wholeOf(row, 'pipeline_id'), why, text })
}

function convertTask(ledger: Ledger, row: LegacyRow, parent: Outlined, id: number): void {
  const taskId = wholeOf(row, 'id')
  const origin = { row, table: 'pipeline_tasks', id: taskId, itemId: id }
  const completedAt = timeOf(ledger, origin, 'completed_at')
  const { createdAt } = lifeOf(ledger, origin, completedAt ?? parent.createdAt)
  const word = wordOf(row, 'status')
  const stage = stageOf.get(word ?? 'todo') ?? 'idea'
  const isBlocked = word === 'blocked'
  const item: Entity<'item'> = {
    id,
    parentId: parent.id,
    projectId: parent.projectId,
    title: textOf(row, 'title') ?? '',
    type: 'task',
    stage,
    priority: 2,
    assignee: textOf(row, 'assigned_to')?.trim() || null,
    blockedReason: isBlocked ? noReason : null,
    blockedAt: isBlocked ? createdAt : null,
    severity: null,
    branch: null,
    skipped: '',
    version: 1,
    createdAt,
    updatedAt: completedAt ?? createdAt,
    startedAt: stage === 'building' ? createdAt : null,
    doneAt: stage === 'done' ? (completedAt ?? createdAt) : null,
    liveAt: null,
    healthCheck: null,
    description: textOrNull(row, 'description'),
    spec: null,
  }
  put(ledger, 'item', id, item)
  const { title, type, parentId } = item
  const detail = JSON.stringify({ title, type, stage: 'idea', parentId, ...(taskId !== null && { taskId }) })
  log(ledger, entryOf(createdAt, id, 'created', { detail }), ranks.opening)
  const output = textOrNull(row, 'output')
  if (output !== null) {
    const note = `Output: ${output}`
    log(ledger, entryOf(completedAt ?? createdAt, id, 'noted', { note, noteType: 'progress' }))
  }
  tellChanges(ledger, item, row, completedAt)
}

/** What the item does not say any more, or says otherwise. */
function tellChanges(ledger: Ledger, item: Entity<'item'>, row: LegacyRow, completedAt: string | null): void {
  const { id, title, stage: to } = item
  const from = textOf(row, 'status')
  const word = wordOf(row, 'status')
  const isKnown = word === null || stageOf.has(word)
  if (word === 'blocked' || !isKnown) {
    const why = isKnown
      ? 'it was blocked, and nothing says where'
      : `there is no status ${JSON.stringify(from)}`
    tellMove(ledger, { id, title, type: 'task', from, to: to as Stage, why })
  }
  const detail = detailOf({
    status: word === 'blocked' || !isKnown ? from : null,
    completedAt: to === 'done' ? null : completedAt,
  })
  if (detail !== null) log(ledger, entryOf(ledger.now, id, 'upgraded', { detail }), ranks.closing)
}
