/** One entry of the log as a person reads it. */

import { isStage, type Stage } from '../domain/stage.ts'
import { oneLine, wrap } from '../domain/text.ts'
import type { Entry } from '../store/activity.ts'
import { minute, type Style, second } from './style.ts'

/** `2026-02-05 07:46:15  #12  human:max  moved spec → building`, and the note below. */
export function entryText(entry: Entry, style: Style, options: { withItem?: boolean } = {}): string {
  const item = options.withItem === false || entry.itemId === null ? '' : ` ${style.cyan(`#${entry.itemId}`)}`
  const who = style.dim(oneLine(entry.actor))
  const head = `${style.dim(second(entry.at))}${item} ${oneLine(deedOf(entry))} ${who}`
  if (!entry.note) return head
  const note = wrap(entry.note.trim(), style.width - 4).map((line) => `    ${line}`)
  return [head, ...note].join('\n')
}

const stagesOf = (value: unknown): Stage[] =>
  Array.isArray(value) ? value.filter((each) => isStage(String(each))) : []

/** What was done, in a few words. */
export function deedOf({ action, detail, noteType }: Entry): string {
  const of = detail ?? {}
  switch (action) {
    case 'moved': {
      const skipped = stagesOf(of.skipped)
      const aside = skipped.length > 0 ? ` (skipped ${skipped.join(', ')})` : ''
      return `moved ${of.from ?? 'none'} → ${of.to}${aside}`
    }
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
      return of.stage ? `upgraded (was ${String(of.stage)})` : 'upgraded'
    case 'judged':
      return `criterion ${of.to}: ${String(of.criterion ?? '')}`
    case 'check-paused':
      return `check paused${typeof of.until === 'string' ? ` until ${minute(of.until)}` : ''}`
    case 'check-state':
      return `check ${of.from} → ${of.to}`
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
    case 'check-flapping':
      return 'check began to flap'
    case 'check-steady':
      return 'check no longer flaps'
    default:
      return action.replaceAll('-', ' ')
  }
}

function changedNames(detail: Record<string, unknown>): string {
  const columns = detail.changed && typeof detail.changed === 'object' ? Object.keys(detail.changed) : []
  const lists = Array.isArray(detail.lists) ? detail.lists.map(String) : []
  return [...columns, ...lists].join(', ')
}
