/** The predecessor's `activity`: what of it is about items becomes our log, and tells when an item was where. */

import type { Entity } from '../domain/entity.ts'
import { isObject } from '../domain/health-check-readers.ts'
import type { Instant } from '../domain/instant.ts'
import type { Stage } from '../domain/stage.ts'
import { entryOf, type Ledger, timeOf } from './legacy-ledger.ts'
import { relatedItem } from './legacy-numbers.ts'
import type { LegacyRow } from './legacy-shape.ts'
import { actorOf, detailOf, jsonOf, labelOf, textOf, textOrNull, wholeOf } from './legacy-values.ts'
import { readLoggedStage } from './legacy-words.ts'

/** What the log says of one item: when it last came to a stage, and to being blocked. */
export interface Past {
  reached: Map<Stage, Instant>
  blockedAt: Instant | null
  /** The stage that it was in when it was last blocked, if the log says. */
  blockedIn: Stage | null
}

export interface History {
  /** Undefined for an item of which the log says nothing. */
  of(itemId: number): Past | undefined
  /** Rows that were carried over. */
  count: number
}

/** Writes the entries of all rows about items; of items that are gone, too: their history stays readable. */
export function convertHistory(ledger: Ledger, rows: LegacyRow[]): History {
  const pasts = new Map<number, Past>()
  let count = 0
  for (const row of rows) {
    const itemId = relatedItem(row)
    if (itemId === null) continue
    const origin = { row, table: 'activity', id: wholeOf(row, 'id'), itemId }
    const at = timeOf(ledger, origin, 'created_at')
    const metadata = metadataOf(row)
    const move = moveOf(row, metadata)
    if (move) remember(pasts, itemId, move, at)
    ledger.entries.push(toEntry(row, at ?? ledger.now, itemId, metadata, move !== undefined))
    count++
  }
  return { of: (itemId) => pasts.get(itemId), count }
}

/** What is no JSON object stays as the text that it is. */
function metadataOf(row: LegacyRow): Record<string, unknown> {
  const text = textOrNull(row, 'metadata')
  const value = text === null ? null : jsonOf(text)
  return isObject(value) ? value : value === null ? {} : { text }
}

interface LoggedMove {
  from: string
  to: string
}

/** A stage's name, and nothing else: the words of a move are printed as they are. */
const isPlain = (word: unknown): word is string => typeof word === 'string' && /^[\w -]{1,40}$/.test(word)

function moveOf(row: LegacyRow, { from, to }: Record<string, unknown>): LoggedMove | undefined {
  const isMove = textOf(row, 'action') === 'pipeline_stage_changed'
  return isMove && isPlain(from) && isPlain(to) ? { from, to } : undefined
}

/** Rows come in the order of writing: of two at one time the later counts. */
function remember(
  pasts: Map<number, Past>,
  itemId: number,
  { from, to }: LoggedMove,
  at: Instant | null,
): void {
  if (at === null) return
  const past = pasts.get(itemId) ?? { reached: new Map(), blockedAt: null, blockedIn: null }
  pasts.set(itemId, past)
  if (to.trim().toLowerCase() === 'blocked') {
    if (past.blockedAt !== null && at < past.blockedAt) return
    past.blockedAt = at
    // From blocked to blocked says nothing new.
    past.blockedIn = readLoggedStage(from) ?? past.blockedIn
    return
  }
  const stage = readLoggedStage(to)
  const known = stage && past.reached.get(stage)
  if (stage && (known === undefined || at >= known)) past.reached.set(stage, at)
}

function toEntry(
  row: LegacyRow,
  at: Instant,
  itemId: number,
  metadata: Record<string, unknown>,
  isMove: boolean,
): Omit<Entity<'entry'>, 'id'> {
  const written = textOf(row, 'action') ?? ''
  const action = isMove ? 'moved' : actionOf(written)
  const session = textOrNull(row, 'session_id')
  const source = textOrNull(row, 'source')
  const label = labelOf(source)
  const detail = {
    ...(isMove ? {} : { description: textOrNull(row, 'description'), category: textOrNull(row, 'category') }),
    session,
    source: label === null ? source : null,
    action: isMove || action === written.replaceAll('_', '-') ? null : written,
    ...metadata,
  }
  const actor = actorOf('agent', session)
  return entryOf(at, itemId, action, { ...(actor && { actor }), source: label, detail: detailOf(detail) })
}

/**
 * Our own actions: each promises a certain detail to whoever reads the log (`demo --remove` deletes by one), which
 * a row of another program does not hold.
 */
const ours = new Set(
  [
    'created updated moved noted assigned claimed released blocked unblocked deleted judged parent-deleted',
    'dependency-added dependency-removed check-state check-changed check-approved recovered failing-again',
    'incident-opened incident-reopened incident-resolved project-created demo-loaded demo-removed search-rebuilt',
    'approved reviewed upgraded',
  ].flatMap((words) => words.split(' ')),
)

/** The action as a word of the log: no list of ours, and nothing that a terminal obeys. */
function actionOf(written: string): string {
  const word = written.replace(/[^\p{L}\p{N}.:-]+/gu, '-').slice(0, 60)
  if (word === '' || word === '-') return 'logged'
  return ours.has(word) ? `legacy-${word}` : word
}
