/** `show` at a terminal. */

import { stageName } from '../domain/stage.ts'
import { oneLine, wrap } from '../domain/text.ts'
import type { Entry } from '../store/activity.ts'
import { percent } from './cells.ts'
import { entryText } from './entry-text.ts'
import { factRows, gatheredBlock } from './incident-text.ts'
import type { IncidentFacts } from './incident-view.ts'
import {
  healthMark,
  idColumns,
  isUnwatched,
  itemLine,
  severityMark,
  stageColumns,
  stageMark,
} from './item-line.ts'
import type { TreeNode } from './item-tree.ts'
import { age, minute, type Style, second } from './style.ts'
import type { FullItem } from './view.ts'

export interface Shown extends FullItem {
  parentTitle: string | null
  children: TreeNode[]
  childCount: number
  progress?: { finished: number; total: number } | undefined
  notes: Entry[]
  moreNotes: boolean
  uptime: { day: number | null; month: number | null; coverage: number | null } | null
  runs: { at: string; result: string; durationMs: number; attempts: number; summary: string | null }[]
  incident: IncidentFacts | null
  gathered: Pick<FullItem, 'id' | 'title' | 'type' | 'stage'>[]
  history?: Entry[] | undefined
}

export function showText(item: Shown, style: Style): string {
  const blocks = [
    head(item, style),
    facts(item, style),
    prose('Description', item.description, style),
    criteria(item, style),
    prose('Spec', item.spec, style),
    healthBlock(item, style),
    item.incident ? gatheredBlock(item.incident, item.gathered, style) : '',
    childBlock(item, style),
    noteBlock(item, style),
    historyBlock(item, style),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

const head = (item: Shown, style: Style): string =>
  wrap(`#${item.id} ${oneLine(item.title)}`, style.width)
    .map(style.bold)
    .join('\n')

function facts(item: Shown, style: Style): string {
  const rows: [label: string, value: string, paint?: (text: string) => string][] = [
    [
      'Stage',
      `${stageMark(item.type, item.stage)}${item.version ? style.dim(` · version ${item.version}`) : ''}`,
    ],
    ['Type', item.type],
    ['Priority', String(item.priority)],
  ]
  const add = (label: string, value: string | null | undefined, paint?: (text: string) => string): void => {
    if (value) rows.push([label, value, paint])
  }
  add('Severity', item.severity && severityMark(item.severity, style))
  add(
    'Blocked',
    item.blocked && `${oneLine(item.blocked.reason)} (${sinceText(item.blocked.since, style)})`,
    style.red,
  )
  add('Skipped', item.skipped.map((stage) => stageName(item.type, stage)).join(', '), style.yellow)
  add('Parent', item.parentId === null ? null : `#${item.parentId} ${oneLine(item.parentTitle ?? '')}`)
  for (const [label, value] of item.incident ? factRows(item.incident, item.parentId) : []) add(label, value)
  add('Depends on', dependencyText(item, style))
  add('Project', item.project && oneLine(item.project))
  add('Labels', item.labels.map(oneLine).join(', '))
  add('Assignee', item.assignee && oneLine(item.assignee), style.cyan)
  add('Branch', item.branch && oneLine(item.branch))
  add('Times', timesText(item))
  return rows.flatMap(([label, value, paint]) => labelled(label, value, style, paint)).join('\n')
}

/** A space at which no line is broken. */
const held = '\u00a0'

/** Painted after it was wrapped: a colour is no text that could be broken in two. */
function labelled(label: string, value: string, style: Style, paint = (text: string) => text): string[] {
  const lines = wrap(value, style.width - 12).map((line) => paint(line.replaceAll(held, ' ')))
  return lines.map((line, index) => `${style.dim((index === 0 ? label : '').padEnd(11))} ${line}`)
}

const dependencyText = (item: Shown, style: Style): string =>
  item.dependencies
    .map((id) => (item.waitingFor.includes(id) ? style.yellow(`#${id} (open)`) : `#${id}`))
    .join(', ')

function timesText(item: Shown): string {
  const times: [string, string | null][] = [
    ['created', item.createdAt],
    ['started', item.startedAt],
    ['done', item.doneAt],
    ['live', item.liveAt],
    ['updated', item.updatedAt],
  ]
  return times.flatMap(([word, at]) => (at ? `${word} ${minute(at)}`.replaceAll(' ', held) : [])).join(' · ')
}

function prose(title: string, text: string | null, style: Style): string {
  if (!text) return ''
  const lines = wrap(text.trim(), style.width - 2).map((line) => (line ? `  ${line}` : ''))
  return [style.bold(title), ...lines].join('\n')
}

const verdictMark = { open: '○', passed: '✔', failed: '✖' } as const

function criteria(item: Shown, style: Style): string {
  if (item.criteria.length === 0) return ''
  const passed = item.criteria.filter((each) => each.verdict === 'passed').length
  const lines = item.criteria.flatMap(({ text, verdict, evidence }, index) => {
    const paint = verdict === 'passed' ? style.green : verdict === 'failed' ? style.red : style.dim
    const [first = '', ...rest] = wrap(oneLine(text), style.width - 8)
    const shown = [
      `  ${paint(verdictMark[verdict])} ${index + 1}. ${first}`,
      ...rest.map((line) => `       ${line}`),
    ]
    if (evidence) shown.push(...wrap(evidence, style.width - 8).map((line) => style.dim(`       ${line}`)))
    return shown
  })
  return [style.bold(`Acceptance criteria (${passed} of ${item.criteria.length} passed)`), ...lines].join(
    '\n',
  )
}

/** `for 2h`, `since just now` */
function sinceText(at: string, style: Style): string {
  const lasted = age(at, style)
  return lasted === 'now' ? 'since just now' : `for ${lasted}`
}

function healthBlock(item: Shown, style: Style): string {
  const { health, healthCheck } = item
  if (!health || !healthCheck) return ''
  const lines = [`${style.bold('Health')} ${healthMark(health, style)}${lastedText(health, style)}`]
  lines.push(...wrap(checkLine(healthCheck), style.width - 2).map((line) => style.dim(`  ${line}`)))
  if (!health.approved)
    lines.push(...wrap(wholeCheck(healthCheck), style.width - 2).map((line) => `  ${line}`))
  if (!health.approved)
    lines.push(
      `  written over the network or by another program; it runs once you approve it: pipeline check approve ${item.id}`,
    )
  else if (item.stage !== 'live')
    lines.push(style.dim(`  runs once it is live; try it: pipeline check ${item.id}`))
  else if (health.paused && !health.nextRunAt)
    lines.push(style.dim(`  paused since ${minute(health.paused.since)}; go on: pipeline resume ${item.id}`))
  else if (health.nextRunAt)
    lines.push(
      style.dim(
        `  ${isHeartbeat(healthCheck) ? 'the next one is due by' : 'next run'} ${minute(health.nextRunAt)}`,
      ),
    )
  if (item.uptime) lines.push(uptimeLine(item.uptime, style))
  for (const run of item.runs) lines.push(runLine(run, style))
  return lines.join('\n')
}

function lastedText(health: NonNullable<Shown['health']>, style: Style): string {
  if (isUnwatched(health, style) && health.enabled && health.approved)
    return ` since ${minute(health.nextRunAt ?? health.watchedUntil!)} (it was ${health.state})`
  return health.since ? ` ${sinceText(health.since, style)}` : ''
}

const uptimeLine = ({ day, month, coverage }: NonNullable<Shown['uptime']>, style: Style): string =>
  style.dim(`  uptime ${percent(day)} in 24 h, ${percent(month)} in 30 d (${percent(coverage)} watched)`)

/** All of it: who approves must see what else it brings along, an environment or headers say. */
const wholeCheck = (check: Record<string, unknown>): string => oneLine(JSON.stringify(check))

const isHeartbeat = (check: Record<string, unknown>): boolean => check.type === 'heartbeat'

function checkLine(check: Record<string, unknown>): string {
  const target = check.url ?? check.command ?? check.host ?? ''
  const every = check.frequency ? `, ${check.frequency}` : ''
  if (isHeartbeat(check)) return oneLine(`heartbeat${every}; the line for its job: pipeline heartbeat ID`)
  if (typeof check.type !== 'string' || target === '')
    return 'not a valid health check; see what is wrong: pipeline check ID'
  return oneLine(`${check.type} ${Array.isArray(target) ? target.join(' ') : target}${every}`)
}

function runLine(run: Shown['runs'][number], style: Style): string {
  const paint = run.result === 'up' ? style.green : run.result === 'down' ? style.red : style.yellow
  const why = run.summary ? ` ${oneLine(run.summary)}` : ''
  const line = `${second(run.at)} ${run.result} ${run.durationMs} ms${why}`
  return wrap(line, style.width - 4)
    .map((part, index) => (index === 0 ? `  ${part.replace(run.result, paint(run.result))}` : `    ${part}`))
    .join('\n')
}

function childBlock(item: Shown, style: Style): string {
  if (item.children.length === 0) return ''
  const done =
    item.progress && item.progress.total > 0
      ? `, ${item.progress.finished} of ${item.progress.total} below finished`
      : ''
  const lines = [style.bold(`Children (${item.childCount}${done})`), ...treeLines(item.children, '  ', style)]
  if (item.childCount > item.children.length) {
    lines.push(
      style.dim(`  … and ${item.childCount - item.children.length} more: pipeline list --parent ${item.id}`),
    )
  }
  return lines.join('\n')
}

/** Columns that a subtree is indented at the most. */
const deepest = 30

function treeLines(nodes: TreeNode[], indent: string, style: Style): string[] {
  const idWidth = idColumns(nodes)
  const stageWidth = stageColumns(nodes)
  return nodes.flatMap((node) => {
    const line = itemLine(node, style, { indent, idWidth, stageWidth })
    const shown = node.children ?? []
    if (!node.childCount) return [line]
    const { finished, total } = node.progress ?? { finished: 0, total: 0 }
    const below = total > 0 ? [style.dim(`${indent}   ${finished} of ${total} below finished`)] : []
    const deeper = indent.length < deepest ? `${indent}   ` : indent
    const more = node.childCount - shown.length
    const rest =
      more > 0 ? [style.dim(`${deeper}… and ${more} more: pipeline show ${node.id} --children`)] : []
    return [line, ...below, ...treeLines(shown, deeper, style), ...rest]
  })
}

function noteBlock(item: Shown, style: Style): string {
  if (item.notes.length === 0 || item.history) return ''
  const lines = item.notes.map((note) => entryText(note, style, item))
  if (item.moreNotes) lines.push(style.dim(`older notes: pipeline log --item ${item.id}`))
  const title = item.moreNotes ? `Notes (the last ${item.notes.length})` : `Notes (${item.notes.length})`
  return [style.bold(title), ...lines].join('\n')
}

function historyBlock(item: Shown, style: Style): string {
  if (!item.history) return ''
  return [style.bold('History'), ...item.history.map((entry) => entryText(entry, style, item))].join('\n')
}
