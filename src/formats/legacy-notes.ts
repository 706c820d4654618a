/** Notes of the predecessor: rows of `pipeline_notes`, and V3's column with a note a line, newest first. */

import type { Instant } from '../domain/instant.ts'
import { type NoteType, noteTypes } from '../domain/item.ts'
import type { LegacyRow } from '../domain/legacy-rows.ts'
import { entryOf, type Ledger, leave, log, type NewEntry, timeOf } from './legacy-ledger.ts'
import type { Outline, Outlined } from './legacy-links.ts'
import {
  actorOf,
  detailOf,
  instantOf,
  labelOf,
  textOf,
  textOrNull,
  textsOf,
  wholeOf,
  wordOf,
} from './legacy-values.ts'

export interface Blocker {
  at: Instant
  text: string
}

/** Notes of one conversion: rows first, then the columns of the items. */
export interface Notes {
  /** Rows of items that have a column of notes, too: what stands in both comes once. */
  waiting: Map<number, NewEntry[]>
  /** The newest row of type blocker, of items that are blocked. */
  blockers: Map<number, Blocker>
  /** Notes that were carried over. */
  count: number
}

export const newNotes = (): Notes => ({ waiting: new Map(), blockers: new Map(), count: 0 })

/** Rows of `pipeline_notes`. */
export function convertNotes(ledger: Ledger, notes: Notes, rows: readonly LegacyRow[], items: Outline): void {
  for (const row of rows) {
    const item = items.find(wholeOf(row, 'pipeline_id'))
    if (!item) {
      leaveNote(ledger, row)
      continue
    }
    const entry = rowEntry(ledger, row, item)
    notes.count++
    if (item.isBlocked && entry.noteType === 'blocker') putBlocker(notes.blockers, item.id, entry)
    if (!item.hasLines) log(ledger, entry)
    else if (!notes.waiting.get(item.id)?.push(entry)) notes.waiting.set(item.id, [entry])
  }
}

/**
 * The notes of an item's column, and its rows that waited for them.
 * @param text  the column
 * @returns     what says why it is blocked: its newest row of type blocker, or else the newest note of the column
 */
export function convertLines(
  ledger: Ledger,
  notes: Notes,
  item: Outlined,
  text: string | null,
): Blocker | undefined {
  const rows = notes.waiting.get(item.id) ?? []
  notes.waiting.delete(item.id)
  const written = new Map<string, NewEntry[]>()
  for (const row of rows) if (!written.get(keyOf(row))?.push(row)) written.set(keyOf(row), [row])
  const lines = text === null ? [] : readLines(text, item)
  const own = lines.filter((line) => {
    // Stored in both places: the row says more, but for the source.
    const twin = written.get(keyOf(line))?.shift()
    if (twin) twin.source ??= line.source
    return !twin
  })
  for (const entry of [...rows, ...own]) log(ledger, entry)
  notes.count += own.length
  return notes.blockers.get(item.id) ?? blockerOf(lines.at(-1))
}

/** One note: the same words on the same item in the same minute. */
const keyOf = ({ itemId, at, note }: NewEntry): string => `${itemId} ${at.slice(0, 16)} ${note?.trim()}`

/** Of two at one time the later counts. */
function putBlocker(blockers: Map<number, Blocker>, itemId: number, entry: NewEntry): void {
  const blocker = blockerOf(entry)
  const known = blockers.get(itemId)
  if (blocker && (known === undefined || blocker.at >= known.at)) blockers.set(itemId, blocker)
}

function blockerOf(entry: NewEntry | undefined): Blocker | undefined {
  const text = entry?.note?.trim()
  return entry && text ? { at: entry.at, text } : undefined
}

function leaveNote(ledger: Ledger, row: LegacyRow): void {
  const itemId = wholeOf(row, 'pipeline_id')
  const named = textOf(row, 'pipeline_id')
  const why = named === null ? 'it names no item' : `its item #${named} is gone`
  const text = textsOf(row, ['agent_role', 'note_type'], ['content'])
  leave(ledger, { what: 'note', id: wholeOf(row, 'id'), itemId, why, text })
}

function rowEntry(ledger: Ledger, row: LegacyRow, item: Outlined): NewEntry {
  const origin = { row, table: 'pipeline_notes', id: wholeOf(row, 'id'), itemId: item.id }
  const note = textOf(row, 'content') ?? ''
  const at = timeOf(ledger, origin, 'created_at') ?? item.updatedAt
  const role = textOrNull(row, 'agent_role')
  const actor = actorOf('agent', role)
  const noteType = readNoteType(row)
  const detail = {
    was: noteType === textOf(row, 'note_type') ? null : textOrNull(row, 'note_type'),
    role: actor ? null : role,
  }
  return entryOf(at, item.id, 'noted', { ...(actor && { actor }), detail: detailOf(detail), note, noteType })
}

const readNoteType = (row: LegacyRow): NoteType =>
  noteTypes.find((type) => type === wordOf(row, 'note_type')) ?? 'progress'

/** `2026-02-05 08:21 [source] words` */
const lineShape = /^\s*(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?) +\[([^\]]*)\] ?(.*)$/

/**
 * The notes of the column, oldest first. A line without a time belongs to the note above it; what stands above the
 * first one is a note of its own, of the item's last change.
 */
function readLines(text: string, item: Outlined): NewEntry[] {
  const notes: { at: Instant; label: string | null; lines: string[] }[] = [
    { at: item.updatedAt, label: null, lines: [] },
  ]
  for (const line of text.split(/\r?\n/)) {
    const [, time, label = '', words = ''] = lineShape.exec(line) ?? []
    const at = instantOf(time)
    if (at !== null) notes.push({ at, label, lines: [words] })
    else notes.at(-1)!.lines.push(line)
  }
  const [head, ...dated] = notes.map(({ at, label, lines }) => {
    const source = labelOf(label)
    const detail = source === null ? detailOf({ source: label || null }) : null
    return entryOf(at, item.id, 'noted', {
      source,
      detail,
      note: lines.join('\n').trim(),
      noteType: 'progress',
    })
  })
  const all = head?.note ? [head, ...dated] : dated
  return all.reverse().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}
