/** Entries of the log in words. Pure. */

import { type ItemType, isStage, type Stage, stageName } from '../../domain/stage.ts'
import { spanLong } from '../age.ts'
import type { Entry } from '../events.ts'

/** A piece of a sentence; a number is an item. */
export type Words = (string | { item: number; title?: string | undefined })[]

type Detail = Record<string, unknown>

/** What the actor did: `moved spec → building`. */
export function told({ action, detail }: Entry, type: ItemType): Words {
  const of = detail ?? {}
  const tell = Object.hasOwn(tellings, action) ? tellings[action] : undefined
  return tell ? tell(of, type) : [action.replaceAll('-', ' ')]
}

const text = (value: unknown): string => (value === null || value === undefined ? 'none' : String(value))

const stageText = (value: unknown, type: ItemType): string =>
  isStage(String(value)) ? stageName(type, value as Stage) : text(value)

function item(id: unknown, title?: unknown): Words[number] {
  const number = Number(id)
  if (!Number.isSafeInteger(number) || number < 1) return `#${text(id)}`
  return { item: number, title: typeof title === 'string' ? title : undefined }
}

const tellings: Record<string, (of: Detail, type: ItemType) => Words> = {
  created: (of) => [`created it as ${text(of.type)}`, ...(of.parentId ? [' under ', item(of.parentId)] : [])],
  moved: (of, type) => [
    `moved it from ${stageText(of.from, type)} to ${stageText(of.to, type)}`,
    skippedText(of, type),
  ],
  updated: (of) => [`changed ${changedText(of)}`],
  noted: () => ['noted'],
  claimed: () => ['took it'],
  released: () => ['gave it back'],
  assigned: (of) => [of.to ? `gave it to ${text(of.to)}` : 'took it from its assignee'],
  blocked: () => ['flagged it as blocked'],
  unblocked: () => ['took the blocked flag off'],
  judged: (of) => [`judged “${short(of.criterion)}”: ${text(of.to)}`],
  deleted: (of) => [`deleted it (${short(of.title)})`],
  'dependency-added': (of) => ['made it wait for ', item(of.on, of.onTitle)],
  'dependency-removed': (of) => ['no longer lets it wait for ', item(of.on, of.onTitle)],
  'parent-deleted': (of) => [`deleted its parent #${text(of.parentId)} ${short(of.title)}`],
  'check-state': (of) => [`saw it go from ${text(of.from)} to ${text(of.to)}`],
  'check-paused': () => ['paused its check'],
  'check-resumed': () => ['resumed its check'],
  'check-approved': () => ['approved the command of its check'],
  'check-changed': () => ['changed what is checked'],
  'check-flapping': () => ['saw it flap: up and down again and again'],
  'check-steady': () => ['saw it steady again'],
  'incident-opened': (of) =>
    of.incidentId ? ['opened the incident ', item(of.incidentId, of.title)] : ['opened it'],
  'incident-reopened': (of) =>
    of.incidentId ? ['reopened the incident ', item(of.incidentId, of.title)] : ['reopened it'],
  'incident-resolved': (of) =>
    of.incidentId ? ['resolved the incident ', item(of.incidentId, of.title)] : ['resolved it'],
  'incident-reminder': (of) => [
    `reminded of it${typeof of.openForMs === 'number' ? `, open for ${spanLong(of.openForMs)}` : ''}`,
  ],
  acknowledged: () => ['acknowledged it'],
  recovered: () => ['saw the check recover'],
  'failing-again': () => ['saw the check fail again'],
  'fix-named': (of) => ['named its fix: ', item(of.fixId, of.fixTitle)],
  'fix-removed': () => ['took its fix away'],
  'recovery-verified': (of) => ['verified the recovery by ', item(of.fixId, of.fixTitle)],
  'storm-opened': () => ['opened it as a storm'],
  'storm-grew': (of) => [`gathers ${text(of.count)} incidents now`],
  'maintenance-planned': () => ['planned maintenance'],
  'maintenance-ended': () => ['ended maintenance'],
  'maintenance-removed': () => ['struck planned maintenance'],
  'heartbeat-set-up': () => ['set up its heartbeat'],
  'heartbeat-renewed': () => ['renewed the address of its heartbeat'],
  upgraded: () => ['brought it over from an older pipeline'],
}

function skippedText({ skipped }: Detail, type: ItemType): string {
  if (!Array.isArray(skipped) || skipped.length === 0) return ''
  return `, skipping ${skipped.map((stage) => stageText(stage, type)).join(', ')}`
}

const short = (value: unknown): string => {
  const line = text(value).replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79).trimEnd()}…` : line
}

const columnNames: Record<string, string> = {
  parentId: 'the parent',
  projectId: 'the project',
  healthCheck: 'the health check',
  description: 'the description',
  spec: 'the spec',
}

/** `priority 2 → 1, labels` */
function changedText({ changed, lists }: Detail): string {
  const columns = changed !== null && typeof changed === 'object' ? Object.entries(changed) : []
  const names = columns.map(([column, change]) => changeText(column, change))
  const words = [...names, ...(Array.isArray(lists) ? lists.map(String) : [])]
  return words.length === 0 ? 'it' : words.join(', ')
}

function changeText(column: string, change: unknown): string {
  const known = Object.hasOwn(columnNames, column) ? columnNames[column]! : undefined
  const { from, to } = (change ?? {}) as { from?: unknown; to?: unknown }
  if (column === 'parentId') return `${known} ${ref(from)} → ${ref(to)}`
  if (known) return known
  if (change === null || typeof change !== 'object') return column
  if (column === 'title') return `the title “${short(from)}” → “${short(to)}”`
  return `${column} ${short(from)} → ${short(to)}`
}

const ref = (id: unknown): string => (id === null || id === undefined ? 'none' : `#${text(id)}`)

export type Kind = 'all' | 'notes' | 'changes'

/** A change may bring a note along: it is both. */
export const isOfKind = ({ note, action }: Pick<Entry, 'note' | 'action'>, kind: Kind): boolean =>
  kind === 'all' || (kind === 'notes' ? note !== null : action !== 'noted')

/** What tells the course of an incident. */
const aside = new Set(['updated', 'judged', 'incident-reminder', 'dependency-added', 'dependency-removed'])

export const isOfCourse = ({ action }: Pick<Entry, 'action'>): boolean => !aside.has(action)
