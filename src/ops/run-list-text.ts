/** `runs` at a terminal: a line a run, incidents below. */

import { formatDuration } from '../domain/duration.ts'
import type { Severity } from '../domain/item.ts'
import type { RunResult } from '../domain/observation.ts'
import { columns, count, fit, oneLine } from '../domain/text.ts'
import { bare, severityMark, spread } from './item-line.ts'
import { minute, named, type Style, second } from './style.ts'

export interface RunHistory {
  itemId: number
  title: string
  from: string
  to: string
  total: number
  rawFrom: string | null
  runs: { at: string; result: RunResult; durationMs: number; attempts: number; summary: string | null }[]
  nextCursor: string | null
  bucketMs: number | null
  buckets: {
    from: string
    to: string
    runs: number
    failed: number
    minMs: number | null
    meanMs: number | null
    maxMs: number | null
    worst: RunResult
  }[]
  incidents: { id: number; title: string; severity: Severity; from: string; to: string | null }[]
}

export function runListText(history: RunHistory, style: Style): string {
  const { itemId: id, title, from, total, rawFrom } = history
  const head = fit(named({ id, title }, style), style.width)
  const lines = [head, style.dim(`${count(total, 'run')} since ${minute(from)} UTC`)]
  const isCut = history.nextCursor === null && history.bucketMs === null && history.runs.length < total
  if (isCut && rawFrom !== null)
    lines.push(style.dim(`one by one since ${minute(rawFrom)}; before: pipeline uptime ${id}`))
  if (history.runs.length > 0) lines.push('', ...history.runs.map((run) => runLine(run, style)))
  if (history.buckets.length > 0)
    lines.push('', ...history.buckets.map((bucket) => bucketLine(bucket, style)))
  if (history.incidents.length > 0)
    lines.push('', ...history.incidents.map((incident) => incidentLine(incident, style)))
  if (history.nextCursor) lines.push(style.dim(`more: --cursor ${history.nextCursor}`))
  return lines.join('\n')
}

const marks: Record<RunResult, [sign: string, paint: 'green' | 'yellow' | 'red' | 'cyan' | 'dim']> = {
  up: ['● up', 'green'],
  degraded: ['◐ degraded', 'yellow'],
  down: ['✖ down', 'red'],
  unknown: ['○ unknown', 'dim'],
  maintenance: ['░ maintenance', 'cyan'],
}

const mark = (result: RunResult, style: Style): string => {
  const [sign, paint] = marks[result]
  return style[paint](sign.padEnd(13))
}

/** `120 ms`, `1.4 s`, `2m 5s` */
const took = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms)

function runLine(
  { at, result, durationMs, attempts, summary }: RunHistory['runs'][number],
  style: Style,
): string {
  const tries = attempts > 1 ? style.dim(` ${attempts} tries`) : ''
  const left = `${style.dim(second(at))}  ${mark(result, style)} ${took(durationMs).padStart(8)}${tries}`
  const width = style.width - columns(bare(left)) - 2
  return `${left}  ${style.dim(fit(oneLine(summary ?? ''), width))}`.trimEnd()
}

const bucketLine = (bucket: RunHistory['buckets'][number], style: Style): string => {
  const mean = bucket.meanMs === null ? '' : took(bucket.meanMs)
  const most = bucket.maxMs === null ? '' : `at most ${took(bucket.maxMs)}`
  return `${style.dim(minute(bucket.from))}  ${mark(bucket.worst, style)} ${mean.padStart(8)}  ${style.dim(most)}`.trimEnd()
}

function incidentLine(
  { id, title, severity, from, to }: RunHistory['incidents'][number],
  style: Style,
): string {
  const left = `🚨 ${style.bold(`#${id}`)} ${severityMark(severity, style)} `
  const when = style.dim(`${minute(from)} – ${to === null ? 'open' : minute(to)}`)
  return spread(left, oneLine(title), [when], style.width)
}
