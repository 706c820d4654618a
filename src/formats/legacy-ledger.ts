/** What one conversion gathers: rows, entries of the log, and what is to be said of them. */

import type { Entity, Kind } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import type { LegacyRow, MadeRow } from '../domain/legacy-rows.ts'
import { oneLine } from '../domain/text.ts'
import type { Left, LegacyReport, StageMoved } from './legacy-shape.ts'
import { instantOf, textOf } from './legacy-values.ts'

/** Who wrote what has no author. */
export const upgrader = 'system:upgrade'

export type NewEntry = Omit<Entity<'entry'>, 'id'>

export interface Ledger {
  /** The instant of the upgrade. */
  now: Instant
  /** Until somebody takes it. */
  made: MadeRow[]
  /** How many criteria there are: each has the next number. */
  criteria: number
  /** Rows that hold something in a column which has no place here, by `table.column`. */
  strange: Map<string, number>
  report: Pick<LegacyReport, 'moved' | 'left' | 'unapproved'>
}

export const newLedger = (now: Instant): Ledger => ({
  now,
  made: [],
  criteria: 0,
  strange: new Map(),
  report: { moved: [], left: [], unapproved: [] },
})

/** @param key the number of its kind's order */
export function put<K extends Exclude<Kind, 'entry'>>(
  { made }: Ledger,
  kind: K,
  key: number,
  row: Entity<K>,
): void {
  made.push({ kind, key, rank: 0, row })
}

/** Entries of one instant: the first ones, all others in the order of writing, the last ones. */
export const ranks = { opening: 0, usual: 1, closing: 2 } as const

export function log({ made }: Ledger, entry: NewEntry, rank: number = ranks.usual): void {
  made.push({ kind: 'entry', key: entry.at, rank, row: entry })
}

/** Lists what could not be carried over, its text shortened. The reason is ours, and may quote a word of theirs. */
export function leave({ report }: Ledger, left: Omit<Left, 'text'> & { text: string | null }): void {
  report.left.push({ ...left, why: oneLine(left.why), text: shortened(left.text ?? '') })
}

/** Lists an item whose stage is not what its word plainly means. */
export function tellMove({ report }: Ledger, move: StageMoved): void {
  report.moved.push({ ...move, why: oneLine(move.why) })
}

const longest = 200

function shortened(text: string): string {
  if (text.length <= longest) return text
  // Half of a surrogate pair is no character.
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** An entry of the log, by `upgrader` if nobody else is named. */
export const entryOf = (
  at: Instant,
  itemId: number,
  action: string,
  more: Partial<Pick<NewEntry, 'actor' | 'source' | 'detail' | 'note' | 'noteType'>> = {},
): NewEntry => ({
  at,
  itemId,
  actor: more.actor ?? upgrader,
  source: more.source ?? null,
  action,
  detail: more.detail ?? null,
  note: more.note ?? null,
  noteType: more.noteType ?? null,
})

/** Which row of which table it is, for the report. */
export interface Origin {
  row: LegacyRow
  table: string
  /** Of the row, unless it is an item. */
  id: number | null
  itemId: number | null
}

/** The instant of a column; null where there is none, and where it can't be read, which is listed. */
export function timeOf(ledger: Ledger, origin: Origin, column: string): Instant | null {
  const at = instantOf(origin.row[column])
  const text = textOf(origin.row, column)
  if (at === null && text?.trim()) {
    const { id, itemId } = origin
    leave(ledger, {
      what: 'time',
      id,
      itemId,
      why: `${origin.table}.${column} can't be read as a time`,
      text,
    })
  }
  return at
}

/** When a row was made and last changed; one stands in for the other, then `fallback`, then the upgrade. */
export function lifeOf(
  ledger: Ledger,
  origin: Origin,
  fallback: Instant | null = null,
): { createdAt: Instant; updatedAt: Instant } {
  const created = timeOf(ledger, origin, 'created_at')
  const updated = timeOf(ledger, origin, 'updated_at')
  const createdAt = created ?? updated ?? fallback ?? ledger.now
  return { createdAt, updatedAt: updated ?? createdAt }
}

/** The columns that are carried over. What else a table has, its owner added. */
const known = {
  projects: 'id name description created_at updated_at',
  pipeline: `id project_id parent_id title description type stage spec_doc acceptance_criteria approved_by approved_at
    branch_name review_notes review_passed health_check notes priority assigned_agent assigned_to started_at
    completed_at created_at updated_at`,
  pipeline_notes: 'id pipeline_id agent_role note_type content created_at',
  pipeline_tasks: 'id pipeline_id title description status assigned_to output created_at completed_at',
}

const isKnown = (table: keyof typeof known, column: string): boolean =>
  known[table].split(/\s+/).includes(column)

/** Counts what stands in columns that have no place here. */
export function countStrange(
  { strange }: Ledger,
  table: keyof typeof known,
  rows: readonly LegacyRow[],
): void {
  for (const column of Object.keys(rows[0] ?? {})) {
    if (isKnown(table, column)) continue
    const n = rows.filter((row) => row[column] !== null && row[column] !== undefined).length
    const name = `${table}.${column}`
    if (n > 0) strange.set(name, (strange.get(name) ?? 0) + n)
  }
}

/** Lists the columns that hold something which has no place here, each once. */
export function leaveStrange(ledger: Ledger): void {
  for (const [name, n] of ledger.strange) {
    const why = name.startsWith('projects.')
      ? 'projects have no such field here; the table projects keeps it'
      : 'there is no such field here; the backup keeps it'
    const text = `${name}: ${n} ${n === 1 ? 'row' : 'rows'}`
    leave(ledger, { what: 'column', id: null, itemId: null, why, text })
  }
}
