/** The board at a terminal: a block a stage, incidents above all else. */

import { emoji, type ItemType, type Stage, stageName } from '../domain/stage.ts'
import { fit, oneLine } from '../domain/text.ts'
import { quoted } from './change.ts'
import { healthMark, idColumns, marks, priorityMark, severityMark, spread } from './item-line.ts'
import { age, type Style } from './style.ts'
import type { ItemSummary } from './view.ts'

export interface Board {
  columns: { stage: Stage; count: number; items: ItemSummary[] }[]
  incidents: (ItemSummary & { parentTitle: string | null })[]
  incidentCount: number
  filter: {
    type: ItemType | null
    project: string | null
    assignee?: string | null | undefined
    label?: string | undefined
    text?: string | undefined
  }
}

export function boardText(board: Board, style: Style): string {
  const blocks: string[] = []
  if (board.incidentCount > 0) blocks.push(incidentBlock(board, style))
  const idWidth = idColumns(board.columns.flatMap((column) => column.items))
  for (const column of board.columns) blocks.push(columnBlock(column, board, idWidth, style))
  const total = board.columns.reduce((sum, column) => sum + column.count, 0)
  if (total === 0 && board.incidentCount === 0 && flagsOf(board.filter) === '') {
    blocks.push(
      style.dim('Nothing here yet. Begin: pipeline create "Title", or look at a sample: pipeline demo'),
    )
  }
  return blocks.join('\n')
}

function incidentBlock({ incidents, incidentCount }: Board, style: Style): string {
  const lines = [style.bold(style.red(`🚨 INCIDENTS (${incidentCount})`))]
  for (const incident of incidents) lines.push(...incidentLines(incident, style))
  if (incidentCount > incidents.length) {
    lines.push(style.dim(`   … and ${incidentCount - incidents.length} more: pipeline list --type incident`))
  }
  return `${lines.join('\n')}\n`
}

function incidentLines(incident: Board['incidents'][number], style: Style): string[] {
  const left = `   ${style.bold(`#${incident.id}`)} `
  const right = [
    severityMark(incident.severity ?? 'major', style),
    stageName('incident', incident.stage),
    incident.assignee ? style.cyan(fit(oneLine(incident.assignee), 20)) : '',
    style.dim(age(incident.createdAt, style)),
  ]
  const line = spread(left, oneLine(incident.title), right, style.width)
  if (incident.parentId === null) return [line]
  const parent = `      ↳ of #${incident.parentId} ${oneLine(incident.parentTitle ?? '')}`
  return [line, style.dim(fit(parent, style.width))]
}

function columnBlock(
  { stage, count, items }: Board['columns'][number],
  { filter }: Board,
  idWidth: number,
  style: Style,
): string {
  const title = `${emoji[stage]} ${stage.toUpperCase()} (${count})`
  const lines = [count === 0 ? style.dim(title) : style.bold(title)]
  for (const item of items) lines.push(cardLine(item, idWidth, style))
  if (count > items.length) {
    lines.push(
      style.dim(`   … and ${count - items.length} more: pipeline list --stage ${stage}${flagsOf(filter)}`),
    )
  }
  return lines.join('\n')
}

/** The filter as flags of `list`. */
const flagsOf = ({ type, project, assignee, label, text }: Board['filter']): string =>
  Object.entries({ type, project, assignee: assignee === null ? 'none' : assignee, label, text })
    .map(([name, value]) => (value ? ` --${name} ${quoted(oneLine(value))}` : ''))
    .join('')

function cardLine(item: ItemSummary, idWidth: number, style: Style): string {
  const left = `   ${style.bold(`#${item.id}`.padEnd(idWidth))} ${priorityMark(item.priority, style)} `
  const right = [
    ...marks(item, style),
    item.type === 'feature' ? '' : style.dim(item.type),
    item.assignee ? style.cyan(fit(oneLine(item.assignee), 20)) : '',
    item.stage === 'live' ? healthMark(item.health, style) || style.dim('no check') : '',
  ]
  return spread(left, oneLine(item.title), right, style.width)
}
