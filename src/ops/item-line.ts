/** One item on one line: the same in list, children and search. */

import { emoji, type ItemType, stageName } from '../domain/stage.ts'
import { columns, fit, oneLine } from '../domain/text.ts'
import { age, type Style } from './style.ts'
import type { Health, ItemSummary } from './view.ts'

/** `● up`, coloured. Empty for an item without a check. */
export function healthMark(health: Health | null, style: Style): string {
  if (!health) return ''
  if (!health.approved) return style.yellow('○ not approved')
  if (!health.enabled) return style.dim('○ off')
  if (health.state === 'up') return style.green('● up')
  if (health.state === 'degraded') return style.yellow('◐ degraded')
  if (health.state === 'down') return style.red('✖ down')
  return style.dim('○ unknown')
}

type Marked = Pick<ItemSummary, 'blocked' | 'waitingFor' | 'skipped' | 'severity' | 'type' | 'stage'>

/** What is remarkable about an item, in a few words each. */
export function marks(item: Marked, style: Style): string[] {
  const found: string[] = []
  if (item.type === 'incident' && item.severity && item.stage !== 'done') found.push(severityMark(item.severity, style))
  if (item.blocked) found.push(style.red('blocked'))
  if (item.waitingFor.length > 0) found.push(style.yellow(`waits ${item.waitingFor.map((id) => `#${id}`).join(' ')}`))
  if (item.skipped.length > 0) found.push(style.yellow(`skipped ${item.skipped.length}`))
  return found
}

export const severityMark = (severity: string, style: Style): string =>
  severity === 'minor' ? style.yellow(severity) : style.red(severity)

/** Text of a line without what colours it. */
// biome-ignore lint/complexity/useRegexLiterals: the escape character is easier to see in words
const colour = new RegExp('\\u001b\\[\\d+m', 'g')
export const bare = (text: string): string => text.replace(colour, '')

/** Left part cut so that the whole takes at most `width` columns; the right part stands at the right edge. */
export function spread(left: string, title: string, right: string, width: number): string {
  const room = width - columns(bare(left)) - (right ? columns(bare(right)) + 2 : 0)
  const shown = fit(title, Math.max(10, room))
  if (!right) return `${left}${shown}`
  const gap = Math.max(2, width - columns(bare(left)) - columns(shown) - columns(bare(right)))
  return `${left}${shown}${' '.repeat(gap)}${right}`
}

/** The stage as `🔨 building`, or `🔨 open` for an incident. */
export const stageMark = (type: ItemType, stage: ItemSummary['stage']): string =>
  `${emoji[stage]} ${stageName(type, stage)}`

/** `#12 P1 🔨 building  Invoice extractor        agent:builder-1  2h` */
export function itemLine(item: ItemSummary, style: Style, options: { indent?: string; withStage?: boolean } = {}): string {
  const stage = options.withStage === false ? '' : ` ${stageMark(item.type, item.stage)}`
  const left = `${options.indent ?? ''}${style.bold(`#${item.id}`)} ${priorityMark(item.priority, style)}${stage}  `
  const right = [
    ...marks(item, style),
    item.stage === 'live' ? healthMark(item.health, style) : '',
    item.type === 'feature' ? '' : style.dim(item.type),
    item.assignee ? style.cyan(fit(oneLine(item.assignee), 20)) : '',
    style.dim(age(item.updatedAt, style)),
  ].filter((part) => part !== '')
  return spread(left, oneLine(item.title), right.join(' '), style.width)
}

export const priorityMark = (priority: number, style: Style): string =>
  priority === 1 ? style.red('P1') : style.dim(`P${priority}`)
