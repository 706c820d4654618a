/** Notes of the predecessor: rows of `pipeline_notes`, and V3's column with a note a line, newest first. */

import type { Entity } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import { type NoteType, noteTypes } from '../domain/item.ts'
import { entryOf, type Ledger, leave, timeOf } from './legacy-ledger.ts'
import type { LegacyRow } from './legacy-shape.ts'
import {
  actorOf,
  detailOf,
  instantOf,
  labelOf,
  textOf,
  textOrNull,
  wholeOf,
  wordOf,
} from './legacy-values.ts'

type NewEntry = Omit<Entity<'entry'>, 'id'>

/** An item as far as its notes are concerned. */
export interface Noted {
  id: number
  updatedAt: Instant
  /** The column `notes`. */
  notes: string | null
}

export interface Blocker {
  at: Instant
  text: string
}

export interface Notes {
  /** The newest note that may say why an item is blocked. */
  blockerOf(itemId: number): Blocker | undefined
  /** Notes that were carried over. */
  count: number
}

/**
 * @param items  by their ids
 * @param idOf   the id now of the item that a row names
 */
export function convertNotes(
  ledger: Ledger,
  rows: LegacyRow[],
  items: ReadonlyMap<number, Noted>,
  idOf: (was: number | null) => number | undefined,
): Notes {
  const written = new Map<string, NewEntry[]>()
  const blockers = new Map<number, Blocker>()
  let count = 0
  const add = (entry: NewEntry): void => {
    ledger.entries.push(entry)
    count++
  }
  for (const row of rows) {
    const entry = rowEntry(ledger, row, items, idOf)
    if (!entry) continue
    add(entry)
    const key = keyOf(entry)
    const known = written.get(key)
    if (known) known.push(entry)
    else written.set(key, [entry])
    if (entry.noteType === 'blocker') putBlocker(blockers, entry)
  }
  for (const item of items.values()) {
    const lines = item.notes === null ? [] : readLines(item.notes, item)
    for (const entry of lines) {
      // Stored in both places: the row says more, but for the source.
      const twin = written.get(keyOf(entry))?.shift()
      if (twin) twin.source ??= entry.source
      else add(entry)
    }
    const newest = lines.at(-1)
    if (newest) putBlocker(blockers, newest)
  }
  return { blockerOf: (itemId) => blockers.get(itemId), count }
}

/** One note: the same words on the same item in the same minute. */
const keyOf = ({ itemId, at, note }: NewEntry): string => `${itemId} ${at.slice(0, 16)} ${note?.trim()}`

/** Of two at one time the later counts. */
function putBlocker(blockers: Map<number, Blocker>, { itemId, at, note }: NewEntry): void {
  const text = note?.trim()
  const known = blockers.get(itemId!)
  if (text && (known === undefined || at >= known.at)) blockers.set(itemId!, { at, text })
}

function rowEntry(
  ledger: Ledger,
  row: LegacyRow,
  items: ReadonlyMap<number, Noted>,
  idOf: (was: number | null) => number | undefined,
): NewEntry | undefined {
  const was = wholeOf(row, 'pipeline_id')
  const origin = { row, table: 'pipeline_notes', id: wholeOf(row, 'id'), itemId: idOf(was) ?? was }
  const note = textOf(row, 'content') ?? ''
  const item = items.get(idOf(was) ?? 0)
  if (!item) {
    const named = textOf(row, 'pipeline_id')
    const why = named === null ? 'it names no item' : `its item #${named} is gone`
    leave(ledger, { what: 'note', id: origin.id, itemId: was, why, text: note })
    return undefined
  }
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
function readLines(text: string, item: Pick<Noted, 'id' | 'updatedAt'>): NewEntry[] {
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
