/** A row of the predecessor's `pipeline` as an item, with its labels, its criteria and what the log says of it. */

import type { Entity } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import { defaultPriority, priorities } from '../domain/item.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import type { ItemType, Stage } from '../domain/stage.ts'
import { convertCheck } from './legacy-check.ts'
import { readCriteria } from './legacy-criteria.ts'
import type { Past } from './legacy-history.ts'
import { entryOf, type Ledger, leave, lifeOf, log, put, ranks, tellMove, timeOf } from './legacy-ledger.ts'
import type { Blocker } from './legacy-notes.ts'
import { flagOf, type Life, milestonesOf, type Placed, placeItem } from './legacy-stage.ts'
import { actorOf, detailOf, textOf, textOrNull, wholeOf, wordOf, writtenOf } from './legacy-values.ts'
import { isRaidStage, readType, type TypeRead } from './legacy-words.ts'

/** A row with its times read: they are asked for in several places, and listed once where they can't be read. */
export interface Source extends Life {
  row: LegacyRow
  id: number
  /** The column `notes`. */
  notes: string | null
  createdAt: Instant
  approvedAt: Instant | null
}

export function readSource(ledger: Ledger, row: LegacyRow, id: number): Source {
  const origin = { row, table: 'pipeline', id: null, itemId: id }
  const startedAt = timeOf(ledger, origin, 'started_at')
  return {
    row,
    id,
    ...lifeOf(ledger, origin, startedAt),
    startedAt,
    completedAt: timeOf(ledger, origin, 'completed_at'),
    approvedAt: timeOf(ledger, origin, 'approved_at'),
    word: wordOf(row, 'stage'),
    notes: textOf(row, 'notes'),
  }
}

/** What other tables say of an item. */
export interface Around {
  parentId: number | null
  projectId: number | null
  past: Past | undefined
  blocker: Blocker | undefined
}

export function convertItem(ledger: Ledger, source: Source, around: Around): Entity<'item'> {
  const { id, row } = source
  const read = readType(wordOf(row, 'type'))
  const placed = placeItem(read.type, source, around.past)
  const item = toItem(source, around, read.type, placed.stage)
  put(ledger, 'item', id, item)
  if (read.label !== null) put(ledger, 'label', id, { itemId: id, label: read.label })
  addCriteria(ledger, source)
  const { title, type, parentId } = item
  const created = JSON.stringify({ title, type, stage: 'idea', parentId })
  log(ledger, entryOf(item.createdAt, id, 'created', { detail: created }), ranks.opening)
  tellApproval(ledger, source)
  tellReview(ledger, source)
  convertCheck(ledger, item, textOf(row, 'health_check'))
  tellChanges(ledger, source, item, read, placed)
  return item
}

function toItem(source: Source, around: Around, type: ItemType, stage: Stage): Entity<'item'> {
  const { row, id, createdAt, updatedAt } = source
  const { startedAt, doneAt, liveAt } = milestonesOf(stage, source, around.past)
  return {
    id,
    parentId: around.parentId,
    projectId: around.projectId,
    title: textOf(row, 'title') ?? '',
    type,
    stage,
    priority: priorityOf(row) ?? defaultPriority,
    assignee: assigneesOf(row)[0] ?? null,
    ...flagOf(source, around.blocker, around.past),
    // The default of an incident, which was none of the predecessor's words.
    severity: type === 'incident' ? 'major' : null,
    branch: textOrNull(row, 'branch_name'),
    skipped: '',
    version: 1,
    createdAt,
    updatedAt,
    startedAt,
    doneAt,
    liveAt,
    healthCheck: null,
    description: textOrNull(row, 'description'),
    spec: textOrNull(row, 'spec_doc'),
  }
}

const priorityOf = (row: LegacyRow): number | undefined =>
  priorities.find((priority) => priority === wholeOf(row, 'priority'))

/** Both columns were in use; the person goes before the role. */
const assigneesOf = (row: LegacyRow): string[] =>
  ['assigned_to', 'assigned_agent']
    .map((column) => textOf(row, column)?.trim() ?? '')
    .filter((name) => name !== '')

function addCriteria(ledger: Ledger, { row, id }: Source): void {
  const given = textOf(row, 'acceptance_criteria')
  const { list: read, isWhole } = readCriteria(given)
  if (!isWhole) {
    const why =
      'a number of pipeline.acceptance_criteria lost digits, or a key that stood twice its first value'
    leave(ledger, { what: 'text', id: null, itemId: id, why, text: given })
  }
  for (const { text, verdict, evidence, rest } of read) {
    const criterionId = ++ledger.criteria
    put(ledger, 'criterion', criterionId, { id: criterionId, itemId: id, text, verdict, evidence })
    if (rest === null) continue
    const why = `parts of the criterion ${JSON.stringify(text.slice(0, 60))} have no place here`
    leave(ledger, { what: 'text', id: null, itemId: id, why, text: rest })
  }
  const withNul = read.find((each) => each.hadNul)
  if (!withNul) return
  const why = 'NUL characters were taken out of pipeline.acceptance_criteria'
  leave(ledger, { what: 'text', id: null, itemId: id, why, text: withNul.text })
}

function tellApproval(ledger: Ledger, { row, id, approvedAt, startedAt, updatedAt }: Source): void {
  const by = textOrNull(row, 'approved_by')
  const written = textOrNull(row, 'approved_at')
  if (by === null && written === null) return
  const actor = actorOf('human', by)
  const detail = detailOf({ by, at: approvedAt ?? written })
  const at = approvedAt ?? startedAt ?? updatedAt
  log(ledger, entryOf(at, id, 'approved', { ...(actor && { actor }), detail }))
}

function tellReview(ledger: Ledger, { row, id, updatedAt }: Source): void {
  const note = textOrNull(row, 'review_notes')
  const written = textOrNull(row, 'review_passed')
  if (note === null && written === null) return
  const passed = flagIn(written)
  const detail = JSON.stringify({ passed, ...(passed === null && written !== null && { was: written }) })
  const noteType = note === null ? null : 'decision'
  log(ledger, entryOf(updatedAt, id, 'reviewed', { detail, note, noteType }))
}

/** SQLite has no booleans: 1 and 0, or a word. */
function flagIn(text: string | null): boolean | null {
  if (text === null) return null
  if (/^\s*(true|yes|passed)\s*$/i.test(text)) return true
  if (/^\s*(false|no|failed)\s*$/i.test(text)) return false
  return text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text) !== 0
}

/** What the item does not say any more, or says otherwise; plain renames are nothing to speak of. */
function tellChanges(
  ledger: Ledger,
  source: Source,
  item: Entity<'item'>,
  read: TypeRead,
  placed: Placed,
): void {
  const { row, id, word, completedAt } = source
  const from = textOf(row, 'stage')
  const type = textOf(row, 'type')
  const { title } = item
  if (placed.why !== null) {
    tellMove(ledger, { id, title, type: read.type, from, to: placed.stage, why: placed.why })
  }
  if (!read.known) {
    const why = `there is no type ${JSON.stringify(type)}; it is a feature now`
    leave(ledger, { what: 'text', id: null, itemId: id, why, text: type })
  }
  const [assignee, other = null] = assigneesOf(row)
  const alsoAssigned = other === assignee ? null : other
  const priority = priorityOf(row) === undefined ? writtenOf(row, 'priority') : null
  const tell = (why: string, text: string): void =>
    leave(ledger, { what: 'text', id: null, itemId: id, why, text })
  if (priority !== null) tell(`there is no such priority; it is ${defaultPriority} now`, String(priority))
  if (alsoAssigned !== null) tell('an item has one assignee; the second is in its log', alsoAssigned)
  const isKept = placed.stage === 'done' || placed.stage === 'live'
  const detail = detailOf({
    stage: placed.why !== null || isRaidStage(word ?? '') ? from : null,
    type: read.known ? null : type,
    alsoAssigned,
    completedAt: isKept ? null : completedAt,
    priority,
    parentId: item.parentId === null ? writtenOf(row, 'parent_id') : null,
    projectId: item.projectId === wholeOf(row, 'project_id') ? null : writtenOf(row, 'project_id'),
    id: wholeOf(row, 'id') === id ? null : writtenOf(row, 'id'),
  })
  if (detail !== null) log(ledger, entryOf(ledger.now, id, 'upgraded', { detail }), ranks.closing)
}
