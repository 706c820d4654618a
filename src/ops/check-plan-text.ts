/** What a health check comes to, at a terminal. */

import { formatDuration } from '../domain/duration.ts'
import { formatExpectation } from '../domain/expectation-shape.ts'
import type { CheckPlan, Schedule } from '../domain/health-check.ts'
import { oneLine, wrap } from '../domain/text.ts'
import type { Style } from './style.ts'

export function planText(plan: CheckPlan, style: Style): string {
  const { retries, timeoutMs, retryIntervalMs, failureThreshold, successThreshold, incident } = plan
  const tries =
    retries === 0 ? 'once' : `up to ${retries + 1} times, ${formatDuration(retryIntervalMs)} apart`
  const rows: [string, string][] = [
    ['probes', `${plan.type} ${targetOf(plan)}`.trimEnd()],
    ['runs', `${scheduleText(plan.schedule, plan.timezone)}, by runners with the label ${plan.runner}`],
    ['a run', plan.type === 'heartbeat' ? '' : `${tries}, each ${formatDuration(timeoutMs)} at the most`],
    ['up when', plan.expect.map(formatExpectation).join('; ')],
    ['degraded', plan.degraded.map((each) => `unless ${formatExpectation(each)}`).join('; ')],
    ['counts', `down after ${runs(failureThreshold)}, up again after ${runs(successThreshold)}`],
    [
      'incident',
      incident.open
        ? `${incident.severity}, reopened within ${formatDuration(incident.reopenWindowMs)}`
        : 'none',
    ],
    [
      'objective',
      plan.slo ? `${+(plan.slo.target * 100).toFixed(4)} % in ${formatDuration(plan.slo.windowMs)}` : '',
    ],
    ['waits for', plan.dependsOn.map((id) => `#${id}`).join(', ')],
  ]
  const lines = rows
    .filter(([, value]) => value !== '')
    .flatMap(([label, value]) =>
      wrap(oneLine(value), style.width - 13).map(
        (line, index) => `  ${style.dim((index === 0 ? label : '').padEnd(10))} ${line}`,
      ),
    )
  return [`${style.green('✔')} The health check is valid.`, ...lines].join('\n')
}

const runs = (count: number): string => (count === 1 ? 'one run' : `${count} runs in a row`)

const targetOf = ({ argv, shellCommand, url, host, port, record }: CheckPlan): string =>
  shellCommand ??
  argv?.join(' ') ??
  url ??
  [host && port ? `${host}:${port}` : host, record].filter(Boolean).join(' ')

function scheduleText(schedule: Schedule, timezone: string): string {
  if (schedule.kind === 'interval') return schedule.name ?? `every ${formatDuration(schedule.intervalMs)}`
  if (schedule.kind === 'cron') return `cron ${schedule.expression} (${timezone})`
  const every = schedule.every ? `${scheduleText(schedule.every, timezone)}, ` : ''
  return `when it reports: ${every}late after ${formatDuration(schedule.graceMs)}`
}
