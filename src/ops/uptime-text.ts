/** `uptime` at a terminal. */

import { formatDuration } from '../domain/duration.ts'
import { pad } from '../domain/text.ts'
import type { StateTimes } from '../domain/uptime.ts'
import { cells, legend, percent } from './cells.ts'
import { named, type Style } from './style.ts'

interface Figures extends StateTimes {
  window: '24h' | '7d' | '30d' | '90d'
  ratio: number | null
  coverage: number | null
  runs: number
  failed: number
  meanDurationMs: number | null
  longestDurationMs: number | null
}

export interface UptimeReport {
  itemId: number
  title: string
  live: boolean
  hasCheck: boolean
  windows: Figures[]
  slo: {
    target: number
    windowMs: number
    allowedMs: number
    spentMs: number
    left: number
    coverage: number | null
    burnRateHour: number | null
    burnRateDay: number | null
  } | null
  days: ({ date: string } & StateTimes)[]
  hours: ({ at: string } & StateTimes)[]
}

export function uptimeText(report: UptimeReport, style: Style): string {
  const { itemId: id, title, live, hasCheck } = report
  const head = [named({ id, title }, style)]
  if (!hasCheck) head.push(style.dim('no health check: nothing is watched'))
  else if (!live) head.push(style.dim('not live: nothing is watched now'))
  return [
    head.join('\n'),
    table(report.windows, style),
    ...(report.slo ? [budget(report.slo, style)] : []),
    dayRows(report.days, style),
    `${style.dim('last 24 hours'.padEnd(labelWidth))}${cells(report.hours, style)}`,
    style.dim(legend),
  ].join('\n\n')
}

const widths = [5, 10, 10, 11, 12, 13, 9, 8]

const row = (values: string[]): string =>
  values
    .map((value, n) => pad(value, widths[n]!))
    .join('')
    .trimEnd()

function table(windows: readonly Figures[], style: Style): string {
  const head = ['', 'uptime', 'watched', 'down', 'maintained', 'runs', 'mean', 'longest']
  const lines = windows.map((each) => {
    const line = row([
      each.window,
      percent(each.ratio),
      percent(each.coverage),
      lasting(each.downMs),
      lasting(each.maintenanceMs),
      each.failed > 0 ? `${each.runs}, ${each.failed} ✖` : String(each.runs),
      each.meanDurationMs === null ? '–' : brief(each.meanDurationMs),
      each.longestDurationMs === null ? '–' : brief(each.longestDurationMs),
    ])
    return each.ratio === null ? style.dim(line) : line
  })
  return [style.dim(row(head)), ...lines].join('\n')
}

const lasting = (ms: number): string => (ms === 0 ? '–' : formatDuration(ms))

const brief = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`)

function budget(slo: NonNullable<UptimeReport['slo']>, style: Style): string {
  const paint = slo.left <= 0 ? style.red : slo.left < 0.25 ? style.yellow : style.green
  const objective = `Objective ${Number((slo.target * 100).toFixed(4))} % over ${formatDuration(slo.windowMs)}`
  const spent = `down ${formatDuration(slo.spentMs)} of ${formatDuration(slo.allowedMs)} allowed`
  const left = paint(slo.left < 0 ? 'budget overspent' : `${Math.floor(slo.left * 100)} % of the budget left`)
  const rate = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)}×`)
  return [
    `${objective}: ${spent}, ${left}`,
    `  ${watched(slo.coverage)}`,
    `  burn rate ${rate(slo.burnRateHour)} in the last hour, ${rate(slo.burnRateDay)} in the last 24 hours`,
  ].join('\n')
}

/** What nobody watched has spent nothing: without this the budget looks better than it is known to be. */
const watched = (coverage: number | null): string =>
  coverage === null ? 'all of its window was maintenance' : `${percent(coverage)} of its window was watched`

const labelWidth = 14
const daysInRow = 30

function dayRows(days: UptimeReport['days'], style: Style): string {
  const rows: string[] = []
  for (let from = 0; from < days.length; from += daysInRow) {
    const part = days.slice(from, from + daysInRow)
    rows.push(`${style.dim(part[0]!.date.padEnd(labelWidth))}${cells(part, style)}`)
  }
  return rows.join('\n')
}
