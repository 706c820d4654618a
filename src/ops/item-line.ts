/** One item on one line: the same in list, children and search. */

import { emoji, type ItemType, stageName } from '../domain/stage.ts'
import { columns, fit, oneLine, pad } from '../domain/text.ts'
import { age, type Style, soon } from './style.ts'
import type { Health, ItemSummary } from './view.ts'

/** `● up`, coloured. Empty for an item without a check. */
export function healthMark(health: Health | null, style: Style): string {
  if (!health) return ''
  if (!health.approved) return style.yellow('○ not approved')
  if (!health.enabled) return style.dim('○ off')
  const silence = silenceOf(health, style)
  if (silence) return style.dim(`○ ${silence}`)
  if (isUnwatched(health, style)) return style.yellow('○ not watched')
  if (health.flapping) return style.yellow(`≈ ${health.state}, flapping`)
  if (health.state === 'up') return style.green('● up')
  if (health.state === 'degraded') return style.yellow('◐ degraded')
  if (health.state === 'down') return style.red('✖ down')
  return style.dim('○ unknown')
}

/** `paused until 09:46`, `maintenance until 2026-02-06 02:00`; empty when neither is so now. */
function silenceOf({ paused, maintenanceUntil }: Health, style: Style): string {
  if (paused && paused.until === null) return 'paused'
  if (paused?.until && paused.until > style.now) return `paused until ${soon(paused.until, style)}`
  if (maintenanceUntil === null || maintenanceUntil <= style.now) return ''
  return `maintenance until ${soon(maintenanceUntil, style)}`
}

/** Nobody has looked, although it was time to: what was so then need not be so now. */
export const isUnwatched = (health: Pick<Health, 'watchedUntil'>, style: Style): boolean =>
  health.watchedUntil !== null && health.watchedUntil < style.now

type Marked = Pick<ItemSummary, 'blocked' | 'waitingFor' | 'skipped' | 'severity' | 'type' | 'stage'>

/** What is remarkable about an item, in a few words each. */
export function marks(item: Marked, style: Style): string[] {
  const found: string[] = []
  if (item.type === 'incident' && item.severity && item.stage !== 'done')
    found.push(severityMark(item.severity, style))
  if (item.blocked) found.push(style.red('blocked'))
  if (item.waitingFor.length > 0) found.push(style.yellow(`waits ${someIds(item.waitingFor)}`))
  if (item.skipped.length > 0) found.push(style.yellow(`${item.skipped.length} skipped`))
  return found
}

const someIds = (ids: number[]): string =>
  ids
    .slice(0, 2)
    .map((id) => `#${id}`)
    .join(' ') + (ids.length > 2 ? ` +${ids.length - 2}` : '')

export const severityMark = (severity: string, style: Style): string =>
  severity === 'minor' ? style.yellow(severity) : style.red(severity)

/** Text of a line without what colours it. */
// biome-ignore lint/complexity/useRegexLiterals: the escape character is easier to see in words
const colour = new RegExp('\\u001b\\[\\d+m', 'g')
export const bare = (text: string): string => (text.includes('\u001b') ? text.replace(colour, '') : text)

/** Columns that a title keeps, however much there is to say on its right. */
const titleMin = 10

/** One line of at most `width` columns: the title is cut, then the widest of the parts at the right edge go. */
export function spread(left: string, title: string, parts: string[], width: number): string {
  const free = width - columns(bare(left))
  const kept = parts.filter((part) => part !== '')
  const taken = (): number => kept.reduce((sum, part) => sum + columns(bare(part)) + 1, 1)
  while (kept.length > 0 && free - taken() < titleMin) {
    const widths = kept.map((part) => columns(bare(part)))
    kept.splice(widths.indexOf(Math.max(...widths)), 1)
  }
  if (kept.length === 0) return `${left}${fit(title, free)}`
  const shown = pad(title, free - taken())
  return `${left}${shown}  ${kept.join(' ')}`
}

/** The stage as `🔨 building`, or `🔨 open` for an incident. */
export const stageMark = (type: ItemType, stage: ItemSummary['stage']): string =>
  `${emoji[stage]} ${stageName(type, stage)}`

export interface LineOptions {
  indent?: string
  /** Columns of the id and of the stage, so that the titles of a list stand below each other. */
  idWidth?: number
  stageWidth?: number
}

/** `#12 P1 🔨 building  Invoice extractor        agent:builder-1  2h` */
export function itemLine(item: ItemSummary, style: Style, options: LineOptions = {}): string {
  const { indent = '', idWidth = 0, stageWidth = 0 } = options
  const id = style.bold(`#${item.id}`.padEnd(idWidth))
  const stage = pad(
    stageMark(item.type, item.stage),
    Math.max(stageWidth, columns(stageMark(item.type, item.stage))),
  )
  const left = `${indent}${id} ${priorityMark(item.priority, style)} ${stage}  `
  const right = [
    ...marks(item, style),
    item.stage === 'live' ? healthMark(item.health, style) : '',
    item.type === 'feature' ? '' : style.dim(item.type),
    item.assignee ? style.cyan(fit(oneLine(item.assignee), 20)) : '',
    style.dim(age(item.updatedAt, style).padStart(4)),
  ].filter((part) => part !== '')
  return spread(left, oneLine(item.title), right, style.width)
}

/** The items of a list, their titles below each other. */
export function itemLines(items: ItemSummary[], style: Style): string[] {
  const idWidth = idColumns(items)
  const stageWidth = stageColumns(items)
  return items.map((item) => itemLine(item, style, { idWidth, stageWidth }))
}

/** Columns of the widest stage, with its emoji. */
export const stageColumns = (items: Pick<ItemSummary, 'type' | 'stage'>[]): number =>
  Math.max(0, ...items.map((item) => columns(stageMark(item.type, item.stage))))

/** Columns of the widest id, with its #. */
export const idColumns = (items: { id: number }[]): number =>
  Math.max(0, ...items.map((item) => String(item.id).length + 1))

export const priorityMark = (priority: number, style: Style): string =>
  priority === 1 ? style.red('P1') : style.dim(`P${priority}`)
