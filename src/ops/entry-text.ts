/** One entry of the log as a person reads it. */

import { type ItemType, isStage, isType, type Stage, stageName } from '../domain/stage.ts'
import { oneLine, wrap } from '../domain/text.ts'
import type { Entry } from '../store/activity.ts'
import { minute, type Style, second } from './style.ts'

/**
 * `2026-02-05 07:46:15  #12  human:max  moved spec → building`, and the note below.
 * @param of the item, where it is the only one and named elsewhere
 */
export function entryText(entry: Entry, style: Style, of?: { type: ItemType }): string {
  const item = of || entry.itemId === null ? '' : ` ${style.cyan(`#${entry.itemId}`)}`
  const who = style.dim(oneLine(entry.actor))
  const head = `${style.dim(second(entry.at))}${item} ${oneLine(deedOf(entry, of?.type))} ${who}`
  if (!entry.note) return head
  const note = wrap(entry.note.trim(), style.width - 4).map((line) => `    ${line}`)
  return [head, ...note].join('\n')
}

/** Stages as they are called for the type of the entry's item; all else as it stands there. */
const nameFor =
  (type: ItemType | undefined) =>
  (stage: unknown): string =>
    type !== undefined && isStage(String(stage)) ? stageName(type, stage as Stage) : String(stage ?? 'none')

function movedText(of: Record<string, unknown>, type: ItemType | undefined): string {
  const nameOf = nameFor(type)
  const skipped = Array.isArray(of.skipped) ? of.skipped.map(String).filter(isStage) : []
  const aside = skipped.length > 0 ? ` (skipped ${skipped.map(nameOf).join(', ')})` : ''
  return `moved ${nameOf(of.from)} → ${nameOf(of.to)}${aside}`
}

const typeIn = ({ type }: Record<string, unknown>): ItemType | undefined =>
  typeof type === 'string' && isType(type) ? type : undefined

/**
 * What was done, in a few words.
 * @param type of the item, where it is known: an entry from before it told its item's type does not say it
 */
export function deedOf({ action, detail, noteType }: Entry, type?: ItemType): string {
  const of = detail ?? {}
  switch (action) {
    case 'moved':
      return movedText(of, typeIn(of) ?? type)
    case 'created':
      return `created as ${of.type}${of.parentId ? ` under #${of.parentId}` : ''}`
    case 'updated':
      return `updated ${changedNames(of)}`
    case 'noted':
      return noteType && noteType !== 'progress' ? `noted (${noteType})` : 'noted'
    case 'assigned':
      return of.to ? `assigned to ${String(of.to)}` : 'unassigned'
    case 'dependency-added':
      return `now waits for #${of.on}`
    case 'dependency-removed':
      return `no longer waits for #${of.on}`
    case 'upgraded':
      return of.stage ? `upgraded (was ${nameFor(type)(of.stage)})` : 'upgraded'
    case 'judged':
      return `criterion ${of.to}: ${String(of.criterion ?? '')}`
    case 'check-paused':
      return `check paused${typeof of.until === 'string' ? ` until ${minute(of.until)}` : ''}`
    case 'check-state':
      return `check ${of.from} → ${of.to}`
    case 'check-flapping':
      return 'check began to flap'
    case 'check-steady':
      return 'check no longer flaps'
    case 'deleted':
      return `deleted ${String(of.title ?? '')}`
    case 'parent-deleted':
      return `lost its parent #${of.parentId} (deleted)`
    case 'project-created':
      return `created project ${String(of.name ?? '')}`
    case 'incident-opened':
    case 'incident-reopened':
    case 'incident-resolved':
      return action.replace('-', of.incidentId ? ` #${of.incidentId} ` : ' ')
    case 'storm-grew':
      return `gathers ${of.count} incidents now`
    case 'fix-named':
      return `named #${of.fixId} as its fix`
    case 'recovery-verified':
      return `recovery verified: #${of.fixId} is out, #${of.subjectId} is up`
    default:
      return action.replaceAll('-', ' ')
  }
}

function changedNames(detail: Record<string, unknown>): string {
  const columns = detail.changed && typeof detail.changed === 'object' ? Object.keys(detail.changed) : []
  const lists = Array.isArray(detail.lists) ? detail.lists.map(String) : []
  return [...columns, ...lists].join(', ')
}
