/** What a health check comes to, at a terminal: every field that goes with its type, given or not. */

import { formatDuration } from '../domain/duration.ts'
import { formatExpectation } from '../domain/expectation-shape.ts'
import type { CheckPlan, Maintenance, Schedule } from '../domain/health-check.ts'
import { toInstant } from '../domain/instant.ts'
import { count, fit, oneLine, wrap } from '../domain/text.ts'
import { type Style, second } from './style.ts'

type Row = [label: string, value: string]

const labelWidth = 11
/** Columns of a text that may be long: a body, or the value of a header. */
const longest = 200

export function planText(plan: CheckPlan, style: Style): string {
  const rows: Row[] = [
    ['probes', `${plan.type} ${targetOf(plan)}`.trimEnd()],
    ...detailsOf(plan),
    ['runs', runsText(plan)],
    ['missed', missedText(plan)],
    ['a run', plan.type === 'heartbeat' ? '' : attemptsText(plan)],
    ['up when', plan.expect.map(formatExpectation).join('; ')],
    ['degraded', plan.degraded.map((each) => `unless ${formatExpectation(each)}`).join('; ')],
    ['counts', countsText(plan)],
    ['incident', incidentText(plan.incident)],
    ['maintenance', plan.maintenance.map(maintenanceText).join('; ')],
    [
      'objective',
      plan.slo ? `${+(plan.slo.target * 100).toFixed(4)} % in ${formatDuration(plan.slo.windowMs)}` : '',
    ],
    ['waits for', plan.dependsOn.map((id) => `#${id}`).join(', ')],
    ['enabled', plan.enabled ? 'yes' : 'no: it is not run'],
  ]
  const lines = rows
    .filter(([, value]) => value !== '')
    .flatMap(([label, value]) =>
      wrap(oneLine(value), style.width - labelWidth - 3).map(
        (line, index) => `  ${style.dim((index === 0 ? label : '').padEnd(labelWidth))} ${line}`,
      ),
    )
  return [`${style.green('✔')} The health check is valid.`, ...lines].join('\n')
}

const targetOf = ({ argv, shellCommand, url, host, port, record }: CheckPlan): string =>
  shellCommand ??
  argv?.join(' ') ??
  url ??
  [host && port ? `${host}:${port}` : host, record].filter(Boolean).join(' ')

/** What goes with one kind of check alone. */
function detailsOf(plan: CheckPlan): Row[] {
  switch (plan.type) {
    case 'command':
      return [
        ['started', `${plan.shell ? 'by a shell' : 'without a shell'}, in ${plan.cwd}`],
        ['variables', byName(plan.env, '=')],
        ['exit codes', plan.exitCodes],
      ]
    case 'http':
      return [
        ['asks with', `${plan.method}, ${count(plan.followRedirects, 'redirect')} followed at the most`],
        ['headers', byName(plan.headers, ': ')],
        ['body', short(plan.body ?? '')],
      ]
    case 'dns':
      return [['resolver', plan.resolver ?? 'that of the runner']]
    default:
      return []
  }
}

const byName = (texts: Record<string, string>, between: string): string =>
  Object.entries(texts)
    .map(([name, text]) => short(`${name}${between}${text}`))
    .join('; ')

const short = (text: string): string => fit(oneLine(text), longest)

function runsText({ schedule, timezone, jitter, runner }: CheckPlan): string {
  const share = `jitter ${+(jitter * 100).toFixed(4)} %`
  return `${scheduleText(schedule)} (${timezone}), ${share}, by runners with the label ${runner}`
}

function scheduleText(schedule: Schedule): string {
  if (schedule.kind === 'interval') return schedule.name ?? `every ${formatDuration(schedule.intervalMs)}`
  if (schedule.kind === 'cron') return `cron ${schedule.expression}`
  const every = schedule.every ? `${scheduleText(schedule.every)}, ` : ''
  return `when it reports: ${every}late after ${formatDuration(schedule.graceMs)}`
}

function missedText({ missedRun, maxLatenessMs }: CheckPlan): string {
  const most = maxLatenessMs === null ? '' : `, at most ${formatDuration(maxLatenessMs)} late`
  return missedRun === 'skip' ? `skipped${most}` : `run once${most}`
}

function attemptsText({ retries, retryIntervalMs, timeoutMs }: CheckPlan): string {
  const tries = retries === 0 ? 'once' : `up to ${retries + 1} times`
  const again = `${count(retries, 'retry', 'retries')}, ${formatDuration(retryIntervalMs)} apart`
  return `${tries} (${again}), each ${formatDuration(timeoutMs)} at the most`
}

function countsText({ failureThreshold, successThreshold, startPeriodMs }: CheckPlan): string {
  const thresholds = `down after ${runs(failureThreshold)}, up again after ${runs(successThreshold)}`
  return `${thresholds}; start period ${formatDuration(startPeriodMs)}`
}

const runs = (n: number): string => (n === 1 ? 'one run' : `${n} runs in a row`)

function incidentText(rules: CheckPlan['incident']): string {
  const { open, severity, autoResolve, reopenWindowMs, reminderIntervalMs } = rules
  return [
    open ? severity : `none is opened (${severity})`,
    autoResolve ? 'resolved by recovery' : 'resolved by hand',
    `reopened within ${formatDuration(reopenWindowMs)}`,
    `a reminder every ${formatDuration(reminderIntervalMs)}`,
  ].join(', ')
}

function maintenanceText(window: Maintenance): string {
  if (window.kind === 'window')
    return `${second(toInstant(window.fromMs))} to ${second(toInstant(window.toMs))}`
  return `${window.expression} (${window.timezone}) for ${formatDuration(window.durationMs)}`
}
