/** `health` at a terminal: one line a live item. */

import { formatAge } from '../domain/duration.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import type { CheckResult } from '../domain/observation.ts'
import { count, oneLine, pad } from '../domain/text.ts'
import type { StateTimes } from '../domain/uptime.ts'
import { cells, legend, percent } from './cells.ts'
import type { HealthDays } from './health-days.ts'
import { idColumns } from './item-line.ts'
import { age, type Style } from './style.ts'

type State = CheckResult | 'maintenance' | 'paused' | 'off' | 'no-check'

/** Not all of it is shown at a terminal. */
export interface HealthEntry extends Partial<HealthDays> {
  id: number
  title: string
  state: State
  lastState: CheckResult | null
  since: Instant | null
  flapping: boolean
  notWatchedSince: Instant | null
  uptime: number | null
  coverage: number | null
  lastRunAt: Instant | null
  nextRunAt: Instant | null
  summary: string | null
  hours: StateTimes[]
}

export interface HealthPage {
  /** With days: that of the first cell. */
  firstDay?: string
  counts: Record<State, number>
  flapping: number
  notWatched: number
  workers: number
  lastPassAt: Instant | null
  onlyDown: boolean
  items: HealthEntry[]
  nextCursor: string | null
}

export function healthText(page: HealthPage, style: Style): string {
  const total = Object.values(page.counts).reduce((sum, n) => sum + n, 0)
  if (total === 0) return 'Nothing is live yet.'
  const lines = [headLine(page, style), passLine(page, style)]
  if (page.items.length === 0) lines.push(page.onlyDown ? style.green('Nothing is down.') : 'No more items.')
  else lines.push('', ...table(page.items, style))
  if (page.nextCursor) lines.push(style.dim(`more: --cursor ${page.nextCursor}`))
  return lines.join('\n')
}

function headLine({ counts, flapping, notWatched }: HealthPage, style: Style): string {
  const said: [n: number, word: string, paint: (text: string) => string][] = [
    [counts.down, 'down', style.red],
    [counts.degraded, 'degraded', style.yellow],
    [counts.unknown, 'unknown', style.yellow],
    [counts.maintenance, 'in maintenance', style.cyan],
    [counts.paused, 'paused', style.dim],
    [counts.up, 'up', style.green],
    [counts.off, 'off', style.dim],
    [counts['no-check'], 'without a check', style.dim],
  ]
  const parts = said.filter(([n]) => n > 0).map(([n, word, paint]) => paint(`${n} ${word}`))
  if (flapping > 0) parts.push(style.yellow(`${flapping} flapping (≈)`))
  if (notWatched > 0) parts.push(style.yellow(`${notWatched} not watched`))
  return parts.join(' · ')
}

function passLine({ lastPassAt, workers }: HealthPage, style: Style): string {
  if (lastPassAt === null) return style.dim('nobody has looked yet')
  const ago = age(lastPassAt, style)
  return style.dim(`${count(workers, 'worker')} · last pass ${ago === 'now' ? 'just now' : `${ago} ago`}`)
}

interface Column {
  head: string
  width: number
  text(entry: HealthEntry, style: Style): string
}

const stateWidth = 13
const columnList: Column[] = [
  { head: '30 DAYS', width: 7, text: ({ uptime }) => percent(uptime).padStart(7) },
  {
    head: 'SINCE',
    width: 5,
    text: (entry, style) => age(entry.notWatchedSince ?? entry.since, style).padStart(5),
  },
  { head: 'LAST', width: 4, text: ({ lastRunAt }, style) => age(lastRunAt, style).padStart(4) },
  { head: 'NEXT', width: 4, text: ({ nextRunAt }, style) => until(nextRunAt, style).padStart(4) },
]
const sparkWidth = 24
/** Columns that a title keeps before others go. */
const titleMin = 12

function table(items: readonly HealthEntry[], style: Style): string[] {
  const idWidth = idColumns([...items])
  const columns = [...columnList]
  const left = stateWidth + 1 + idWidth + 1
  let right = columns.reduce((sum, { width }) => sum + width + 1, 0)
  const spark = style.width - left - right - sparkWidth - 1 >= titleMin
  if (spark) right += sparkWidth + 1
  while (columns.length > 1 && style.width - left - right < titleMin) right -= columns.pop()!.width + 1
  const titleWidth = Math.max(titleMin, style.width - left - right)
  const head = [
    pad('STATE', stateWidth),
    pad('ID', idWidth),
    pad('TITLE', titleWidth),
    ...columns.map((column) => column.head.padStart(column.width)),
    ...(spark ? ['24 HOURS'] : []),
  ].join(' ')
  const lines = items.map((entry) => {
    const cellsOfDay = spark && entry.state !== 'no-check' ? [cells(entry.hours, style)] : []
    const plain = columns.map((column) => column.text(entry, style))
    const title = pad(oneLine(entry.title), titleWidth)
    const id = `#${entry.id}`.padEnd(idWidth)
    const muted = entry.state === 'no-check' || entry.state === 'off'
    const row = [id, title, ...plain].join(' ')
    const shown = cellsOfDay.length > 0 ? row : row.trimEnd()
    return [mark(entry, style), muted ? style.dim(shown) : row, ...cellsOfDay].join(' ')
  })
  return [style.dim(head), ...lines, ...(spark ? [style.dim(legend)] : [])]
}

const until = (at: Instant | null, style: Style): string => {
  if (at === null) return ''
  const ms = toMs(at) - toMs(style.now)
  return ms <= 0 ? 'due' : formatAge(ms)
}

/** The state in so many columns, coloured. */
function mark({ state, flapping, notWatchedSince }: HealthEntry, style: Style): string {
  const padded = (sign: string, word: string): string => pad(`${flapping ? '≈' : sign} ${word}`, stateWidth)
  if (notWatchedSince !== null) return style.yellow(padded('○', 'not watched'))
  switch (state) {
    case 'up':
      return (flapping ? style.yellow : style.green)(padded('●', 'up'))
    case 'down':
      return style.red(padded('✖', 'down'))
    case 'degraded':
      return style.yellow(padded('◐', 'degraded'))
    case 'maintenance':
      return style.cyan(padded('░', 'maintenance'))
    case 'no-check':
      return style.dim(pad('  no check', stateWidth))
    default:
      return style.dim(padded('○', state))
  }
}
