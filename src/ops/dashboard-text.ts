/** `dashboard` at a terminal: what needs a human, how work flows, how production stands. */

import { formatAge, formatDuration } from '../domain/duration.ts'
import { emoji, stageName } from '../domain/stage.ts'
import { columns, count, fit, oneLine, pad } from '../domain/text.ts'
import { percent } from './cells.ts'
import type { Dashboard, Group, Ref } from './dashboard-types.ts'
import { bare, severityMark, spread } from './item-line.ts'
import { age, minute, type Style } from './style.ts'

export function dashboardText(board: Dashboard, style: Style): string {
  const of = board.project === null ? '' : ` · ${oneLine(board.project)}`
  const head = `${style.bold(`Dashboard${fit(of, 40)}`)}  ${style.dim(`${minute(board.at)} UTC`)}`
  const blocks = [
    head,
    needsBlock(board.needs, style),
    stagesBlock(board, style),
    flowBlock(board, style),
    productionBlock(board, style),
  ]
  return blocks
    .join('\n\n')
    .split('\n')
    .map((line) => within(line, style.width))
    .join('\n')
}

/** A line that is too long for a narrow terminal loses its colours, and its end. */
const within = (line: string, width: number): string =>
  columns(bare(line)) <= width ? line : fit(bare(line), width)

/** Items shown of each kind: the rest is a number. */
const shown = 3

function needsBlock(needs: Dashboard['needs'], style: Style): string {
  const { incidents, failing, blocked, reviews, approvals, channels, unwatched } = needs
  const parts = [
    kind(
      '🚨',
      style.red,
      count(incidents.count, 'incident not acknowledged', 'incidents not acknowledged'),
      incidents,
      style,
      ({ severity }) => severityMark(severity ?? 'major', style),
    ),
    kind('✖', style.red, `${failing.count} failing`, failing, style, ({ state }) =>
      state === 'down' ? style.red(state) : style.yellow(state),
    ),
    kind('⛔', style.red, `${blocked.count} blocked`, blocked, style, ({ reason }) =>
      style.dim(fit(oneLine(reason), 30)),
    ),
    kind(
      '🔍',
      style.yellow,
      count(reviews.count, 'waits for a review', 'wait for a review'),
      reviews,
      style,
      ({ type, stage }) => style.dim(stageName(type, stage)),
    ),
    kind(
      '🔑',
      style.yellow,
      `${count(approvals.count, 'check waits', 'checks wait')} for approval: pipeline check approve ID`,
      approvals,
      style,
      ({ command }) => style.dim(fit(oneLine(command), 30)),
    ),
    ...(channels.count > 0
      ? [
          `  ${pad('🔑', 2)} ${style.yellow(`${count(channels.count, 'channel waits', 'channels wait')} for approval: pipeline notify approve NAME`)}`,
        ]
      : []),
    kind('○', style.dim, `${unwatched.count} live without a health check`, unwatched, style, () => ''),
  ].filter((part) => part !== '')
  const title = style.bold('NEEDS A HUMAN')
  return [title, ...(parts.length > 0 ? parts : [`  ${style.green('Nothing does now.')}`])].join('\n')
}

function kind<More>(
  sign: string,
  paint: (text: string) => string,
  title: string,
  group: Group<More>,
  style: Style,
  aside: (item: Ref & More) => string,
): string {
  if (group.count === 0) return ''
  const lines = [`  ${paint(`${pad(sign, 2)} ${title}`)}`]
  for (const item of group.items.slice(0, shown)) lines.push(refLine(item, aside(item), style))
  if (group.count > shown) lines.push(style.dim(`     … and ${group.count - shown} more`))
  return lines.join('\n')
}

function refLine(item: Ref, aside: string, style: Style): string {
  const right = [aside, item.since === null ? '' : style.dim(age(item.since, style).padStart(4))]
  return spread(`     ${style.bold(`#${item.id}`)} `, oneLine(item.title), right, style.width)
}

const barWidth = 20

function stagesBlock({ stages, oldest }: Dashboard, style: Style): string {
  const most = Math.max(1, ...stages.map((stage) => stage.count))
  const head = style.dim(`  ${pad('', 16)}${'ITEMS'.padStart(7)}${'MEDIAN'.padStart(8)}${'85 %'.padStart(6)}`)
  const rows = stages.map(({ stage, count: n, age: ages }) => {
    const times = ages === null ? ['', ''] : [formatAge(ages.medianMs), formatAge(ages.p85Ms)]
    const bar = n === 0 ? '' : '▇'.repeat(Math.max(1, Math.round((n / most) * barWidth)))
    const row = `  ${pad(`${emoji[stage]} ${stage}`, 16)}${String(n).padStart(7)}${times[0]!.padStart(8)}${times[1]!.padStart(6)}`
    return n === 0 ? style.dim(row) : `${row}  ${style.cyan(bar)}`.trimEnd()
  })
  const longest = oldest
    .slice(0, shown)
    .map((item) => refLine(item, style.dim(stageName(item.type, item.stage)), style))
  const lines = [
    `${style.bold('STAGES')} ${style.dim('and how long items have been in them')}`,
    head,
    ...rows,
  ]
  return [...lines, ...(longest.length > 0 ? [style.dim('  longest in their stage'), ...longest] : [])].join(
    '\n',
  )
}

const labelWidth = 14
const row = (label: string, text: string, style: Style): string =>
  `  ${style.dim(pad(label, labelWidth))}${text}`

const bars = '▁▂▃▄▅▆▇█'

/** A column a week; a dot where there was nothing. */
function columnsOf(values: readonly number[], style: Style): string {
  const most = Math.max(1, ...values)
  const bar = (n: number): string =>
    n === 0 ? style.dim('·') : bars[Math.ceil((n / most) * bars.length) - 1]!
  return values.map(bar).join('')
}

function flowBlock({ throughput, cycle }: Dashboard, style: Style): string {
  const counts = throughput.weeks.map((week) => week.count)
  const times = ({ count: n, medianMs, p85Ms }: Dashboard['cycle']['days30']): string =>
    medianMs === null || p85Ms === null
      ? style.dim('nothing was finished')
      : `median ${formatDuration(medianMs)}, 85 % within ${formatDuration(p85Ms)} ${style.dim(`(${count(n, 'item')})`)}`
  return [
    `${style.bold('FLOW')} ${style.dim(`of ${counts.length} weeks`)}`,
    row(
      'finished',
      `${columnsOf(counts, style)}  ${throughput.total}, ${counts.at(-1)} of them this week`,
      style,
    ),
    row('cycle 30 d', times(cycle.days30), style),
    row('cycle 90 d', times(cycle.days90), style),
  ].join('\n')
}

function productionBlock({ incidents, uptime }: Dashboard, style: Style): string {
  const counts = incidents.weeks.map((week) => week.opened)
  const total = counts.reduce((sum, n) => sum + n, 0)
  const open =
    incidents.open.count === 0 ? style.green('none open') : style.red(`${incidents.open.count} open`)
  const mean = ({ count: n, meanMs }: Dashboard['incidents']['resolved']): string =>
    meanMs === null ? style.dim('–') : `after ${formatDuration(meanMs)} ${style.dim(`(mean of ${n})`)}`
  const worst = uptime.worst
    .slice(0, shown)
    .map(({ id, title, ratio }) =>
      spread(`     ${style.bold(`#${id}`)} `, oneLine(title), [style.yellow(percent(ratio))], style.width),
    )
  return [
    style.bold('PRODUCTION'),
    row('incidents', `${columnsOf(counts, style)}  ${total}, ${open}`, style),
    row('acknowledged', mean(incidents.acknowledged), style),
    row('resolved', mean(incidents.resolved), style),
    row(`uptime ${uptime.days} d`, uptimeText(uptime, style), style),
    ...worst,
  ].join('\n')
}

const uptimeText = ({ mean, items, watched }: Dashboard['uptime'], style: Style): string =>
  mean === null
    ? style.dim(
        items === 0 ? 'nothing is live with a check' : `nothing was seen of ${count(items, 'check')} yet`,
      )
    : `${percent(mean)} ${style.dim(`(mean of ${watched}${watched < items ? ` of ${items}` : ''} checked)`)}`
