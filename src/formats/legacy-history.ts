/** The predecessor's `activity`: what of it is about items becomes our log, and tells when an item was where. */

import { isObject } from '../domain/health-check-readers.ts'
import type { Instant } from '../domain/instant.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import type { Stage } from '../domain/stage.ts'
import { entryOf, type Ledger, log, type NewEntry, timeOf } from './legacy-ledger.ts'
import { relatedItem } from './legacy-numbers.ts'
import { actorOf, detailOf, labelOf, readJson, textOf, textOrNull, wholeOf, wordOf } from './legacy-values.ts'
import { normalised, readLoggedStage } from './legacy-words.ts'

/** What the log says of one item: when it last came to a stage, and to being blocked. */
export interface Past {
  reached: { building: Instant | null; done: Instant | null; live: Instant | null }
  blockedAt: Instant | null
  /** The stage that it was in when it was last blocked, if the log says. */
  blockedIn: Stage | null
}

export interface History {
  /** By the items' ids; none for an item of which the log says nothing. */
  pasts: Map<number, Past>
  /** Rows that were carried over. */
  count: number
}

export const newHistory = (): History => ({ pasts: new Map(), count: 0 })

/**
 * Writes an entry of each row; of items that are gone, too: their history stays readable.
 * @param rows about items
 */
export function convertHistory(ledger: Ledger, history: History, rows: readonly LegacyRow[]): void {
  for (const row of rows) {
    const itemId = relatedItem(row)
    if (itemId === null) continue
    const origin = { row, table: 'activity', id: wholeOf(row, 'id'), itemId }
    const at = timeOf(ledger, origin, 'created_at')
    const told = toldBy(row)
    if (told.move) remember(history.pasts, itemId, told.move, at)
    log(ledger, toEntry(row, at ?? ledger.now, itemId, told))
    history.count++
  }
}

interface LoggedMove {
  /** Null where the row says that there was none. */
  from: string | null
  to: string
}

/** What a row says beside its own columns. */
interface Told {
  move: LoggedMove | undefined
  /** What its metadata holds; what is no whole JSON object stays the text that it is. */
  metadata: Record<string, unknown>
  /** The stages, where the metadata does not have them. */
  stages: Partial<LoggedMove>
}

function toldBy(row: LegacyRow): Told {
  const text = textOrNull(row, 'metadata')
  const { value, isWhole } = text === null ? { value: null, isWhole: true } : readJson(text)
  const found = isObject(value) ? value : {}
  const metadata = value === null ? {} : isObject(value) && isWhole ? value : { text }
  if (wordOf(row, 'action') !== 'pipeline-stage-changed') return { move: undefined, metadata, stages: {} }
  const move = moveIn(found) ?? moveIn(sentenceOf(row))
  const stages = move && !('to' in metadata) ? move : {}
  return { move, metadata, stages }
}

/** A stage's name, and nothing else: the words of a move are printed as they are. */
const isPlain = (word: unknown): word is string => typeof word === 'string' && /^[\w -]{1,40}$/.test(word)

function moveIn({ from, to }: Record<string, unknown>): LoggedMove | undefined {
  if (!isPlain(to)) return undefined
  return isPlain(from) ? { from, to } : from === null ? { from, to } : undefined
}

/** `Pipeline #1 moved from review to blocked` */
const sentence = /^\s*pipeline(?: item)? #\d+ moved from ([\w -]{1,40}) to ([\w -]{1,40}?)\s*\.?\s*$/i

function sentenceOf(row: LegacyRow): Record<string, unknown> {
  const [, from, to] = sentence.exec(textOf(row, 'description') ?? '') ?? []
  return { from, to }
}

/** Rows come in the order of writing: of two at one time the later counts. */
function remember(
  pasts: Map<number, Past>,
  itemId: number,
  { from, to }: LoggedMove,
  at: Instant | null,
): void {
  if (at === null) return
  const reached = { building: null, done: null, live: null }
  const past = pasts.get(itemId) ?? { reached, blockedAt: null, blockedIn: null }
  pasts.set(itemId, past)
  if (normalised(to) === 'blocked') {
    if (past.blockedAt !== null && at < past.blockedAt) return
    past.blockedAt = at
    // From blocked to blocked says nothing new.
    past.blockedIn = readLoggedStage(from) ?? past.blockedIn
    return
  }
  const stage = readLoggedStage(to)
  if (stage !== 'building' && stage !== 'done' && stage !== 'live') return
  const known = past.reached[stage]
  if (known === null || at >= known) past.reached[stage] = at
}

function toEntry(row: LegacyRow, at: Instant, itemId: number, { move, metadata, stages }: Told): NewEntry {
  const written = textOf(row, 'action') ?? ''
  const action = move ? 'moved' : actionOf(written)
  const session = textOrNull(row, 'session_id')
  const source = textOrNull(row, 'source')
  const label = labelOf(source)
  const own: Record<string, unknown> = {
    ...stages,
    description: textOrNull(row, 'description'),
    category: textOrNull(row, 'category'),
    session,
    source: label === null ? source : null,
    action: move || action === written.replaceAll('_', '-') ? null : written,
  }
  const actor = actorOf('agent', session)
  const detail = beside(own, metadata)
  return entryOf(at, itemId, action, { ...(actor && { actor }), source: label, detail })
}

/** Both as one JSON object; of two under one name the row's own has it, the other stands under `metadata`. */
function beside(own: Record<string, unknown>, metadata: Record<string, unknown>): string | null {
  const told = Object.entries(own).filter(([, value]) => value !== null)
  const names = new Set(told.map(([name]) => name))
  const entries = Object.entries(metadata)
  const twins = entries.filter(([name]) => names.has(name))
  if (twins.length === 0)
    return entries.length === 0 ? detailOf(own) : JSON.stringify(Object.fromEntries([...told, ...entries]))
  const others = entries.filter(([name]) => !names.has(name) && name !== 'metadata')
  const kept = entries.filter(([name]) => names.has(name) || name === 'metadata')
  return JSON.stringify(Object.fromEntries([...told, ...others, ['metadata', Object.fromEntries(kept)]]))
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
    'approved reviewed upgraded acknowledged incident-reminder recovery-verified storm-opened storm-grew',
    'check-flapping check-steady check-paused check-resumed maintenance-planned maintenance-removed',
    'maintenance-ended channel-approved',
  ].flatMap((words) => words.split(' ')),
)

/** The action as a word of the log: no list of ours, and nothing that a terminal obeys. */
function actionOf(written: string): string {
  const word = written.replace(/[^\p{L}\p{N}.:-]+/gu, '-').slice(0, 60)
  if (word === '' || word === '-') return 'logged'
  return ours.has(word) ? `legacy-${word}` : word
}
