/** Incidents at a terminal. */

import { stageName } from '../domain/stage.ts'
import { columns, count, fit, oneLine, pad } from '../domain/text.ts'
import type { IncidentFacts } from './incident-view.ts'
import { idColumns, severityMark, spread } from './item-line.ts'
import { age, minute, type Style } from './style.ts'
import type { ItemSummary } from './view.ts'

type Listed = ItemSummary & { incident: IncidentFacts }

const stageMarks: Partial<Record<ItemSummary['stage'], string>> = {
  idea: '🚨',
  building: '🔨',
  qa: '🧪',
  done: '✅',
}

const stateText = ({ type, stage }: ItemSummary): string =>
  `${stageMarks[stage] ?? '🚨'} ${stageName(type, stage)}`

/** Two lines each: what it is, and what it is of; titles below each other. */
export function incidentLines(items: readonly Listed[], style: Style): string[] {
  const idWidth = idColumns([...items])
  const stateWidth = Math.max(...items.map((item) => columns(stateText(item))))
  return items.flatMap((item) => {
    const id = style.bold(`#${item.id}`.padEnd(idWidth))
    const left = `${id} ${pad(stateText(item), stateWidth)}  `
    const right = [
      severityMark(item.severity ?? 'major', style),
      item.assignee ? style.cyan(fit(oneLine(item.assignee), 20)) : '',
      style.dim(age(item.incident.openedAt, style).padStart(4)),
    ]
    const line = spread(left, oneLine(item.title), right, style.width)
    const more = asideOf(item)
    return more === '' ? [line] : [line, style.dim(fit(`${' '.repeat(idWidth)} ${more}`, style.width))]
  })
}

function asideOf({ stage, incident }: Listed): string {
  const { subject, storm, gathered, acknowledged, fix, verifiedAt, resolvedBy } = incident
  const parts: string[] = []
  if (gathered) parts.push(`gathers ${gathered.total}, ${gathered.open} of them open`)
  if (subject) parts.push(`of #${subject.id} ${fit(oneLine(subject.title), 30)}`)
  if (storm) parts.push(`storm #${storm.id}`)
  if (acknowledged && stage !== 'done') parts.push(`acknowledged by ${oneLine(acknowledged.by)}`)
  if (fix) parts.push(`fix #${fix.id}${verifiedAt ? ' verified' : ''}`)
  if (stage === 'done' && resolvedBy === 'system') parts.push('resolved itself')
  return parts.length === 0 ? '' : `↳ ${parts.join(' · ')}`
}

/**
 * Facts of an incident, for `show`: label and value.
 * @param parentId is shown already
 */
export function factRows(incident: IncidentFacts, parentId: number | null): [label: string, value: string][] {
  const { subject, acknowledged, resolvedAt, resolvedBy, fix, verifiedAt, storm } = incident
  const rows: [string, string][] = [['Opened', `${minute(incident.openedAt)}, ${origins[incident.origin]}`]]
  if (subject && subject.id !== parentId) rows.push(['Subject', `#${subject.id} ${oneLine(subject.title)}`])
  if (acknowledged) rows.push(['Known to', `${oneLine(acknowledged.by)}, since ${minute(acknowledged.at)}`])
  if (storm) rows.push(['Storm', `#${storm.id} ${oneLine(storm.title)}`])
  if (fix) rows.push(['Fix', `#${fix.id} ${oneLine(fix.title)} (${stageName(fix.type, fix.stage)})`])
  if (verifiedAt) rows.push(['Verified', `${minute(verifiedAt)}: the fix is out, and the check is up`])
  if (resolvedAt)
    rows.push(['Resolved', `${minute(resolvedAt)}${resolvedBy ? `, ${enders[resolvedBy]}` : ''}`])
  return rows
}

const origins = { check: 'by its health check', hand: 'by hand', storm: 'because many checks failed at once' }
const enders = { system: 'by itself', person: 'by a person' }

/** What a storm gathered, for `show`. */
export function gatheredBlock(
  { gathered }: IncidentFacts,
  items: readonly Pick<ItemSummary, 'id' | 'title' | 'type' | 'stage'>[],
  style: Style,
): string {
  if (!gathered) return ''
  const head = style.bold(`Gathers ${count(gathered.total, 'incident')} (${gathered.open} open)`)
  const idWidth = idColumns([...items])
  const lines = items.map(({ id, title, type, stage }) =>
    fit(`  ${`#${id}`.padEnd(idWidth)} ${stageName(type, stage).padEnd(8)}  ${oneLine(title)}`, style.width),
  )
  const rest = gathered.total - items.length
  if (rest > 0) lines.push(style.dim(`  … and ${rest} more: pipeline incident list`))
  return [head, ...lines].join('\n')
}
