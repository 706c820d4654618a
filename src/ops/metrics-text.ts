/** Figures as Prometheus reads them: text format 0.0.4. Loaded when they are asked for. */

import { type Instant, toMs } from '../domain/instant.ts'
import { severities } from '../domain/item.ts'
import { isStage, stages } from '../domain/stage.ts'
import { countByStage } from '../store/counts.ts'
import type { Queries } from '../store/database.ts'
import { openBySeverity } from '../store/incidents.ts'
import { liveItems } from '../store/live.ts'
import { outboxCounts } from '../store/outbox.ts'
import { listWorkers, type WorkerRow } from '../store/workers.ts'
import { isHere, type Standing, standingOf } from './health-standing.ts'

type Labels = readonly (readonly [name: string, value: string])[]
type Sample = readonly [labels: Labels, value: number]

interface Metric {
  name: string
  help: string
  samples: readonly Sample[]
}

export async function metricsText(q: Queries, now: Instant, version: string | undefined): Promise<string> {
  const nowMs = toMs(now)
  const standings: Standing[] = []
  for (const item of await liveItems(q)) standings.push(await standingOf(item, nowMs))
  const metrics = [
    { name: 'build_info', help: 'The version that runs.', samples: version ? [one({ version }, 1)] : [] },
    { name: 'items', help: 'Items by stage.', samples: await itemsByStage(q) },
    ...checkMetrics(standings.filter(({ state }) => state !== 'no-check')),
    { name: 'incidents_open', help: 'Incidents that are not resolved.', samples: await incidents(q) },
    ...workerMetrics(await listWorkers(q), nowMs),
    ...outboxMetrics(await outboxCounts(q)),
  ]
  return metrics.map(written).join('')
}

const outboxMetrics = (counts: Awaited<ReturnType<typeof outboxCounts>>): Metric[] => [
  {
    name: 'outbox_events_waiting',
    help: 'Events that no channel was asked about yet.',
    samples: [one({}, counts.events)],
  },
  {
    name: 'notifications_waiting',
    help: 'Notifications that are to be sent.',
    samples: [one({}, counts.waiting)],
  },
  {
    name: 'notifications_failed',
    help: 'Notifications that were given up.',
    samples: [one({}, counts.failed)],
  },
]

const one = (labels: Record<string, string>, value: number): Sample => [Object.entries(labels), value]

async function itemsByStage(q: Queries): Promise<Sample[]> {
  const counts = new Map<string, number>(stages.map((stage) => [stage, 0]))
  for (const { stage, n } of await countByStage(q)) {
    const shown = isStage(stage) ? stage : 'idea'
    counts.set(shown, counts.get(shown)! + n)
  }
  return [...counts].map(([stage, n]) => one({ stage }, n))
}

async function incidents(q: Queries): Promise<Sample[]> {
  const counts = await openBySeverity(q)
  return severities.map((severity) => one({ severity }, counts.get(severity) ?? 0))
}

/** What is not known has no sample: a series that ends is the field's way to say so; the state tells why. */
function checkMetrics(standings: readonly Standing[]): Metric[] {
  const up: Sample[] = []
  const states: Sample[] = []
  const durations: Sample[] = []
  const lastRuns: Sample[] = []
  for (const { item, state } of standings) {
    const id = ['item', String(item.id)] as const
    states.push([[id, ['state', state]], 1])
    if (state === 'up' || state === 'degraded' || state === 'down')
      up.push([[id, ['title', item.title]], state === 'down' ? 0 : 1])
    if (item.check?.lastDurationMs != null) durations.push([[id], item.check.lastDurationMs / 1000])
    if (item.check?.lastRunMs != null) lastRuns.push([[id], item.check.lastRunMs / 1000])
  }
  return [
    {
      name: 'check_up',
      help: 'Whether the live item works; no sample while that is not known.',
      samples: up,
    },
    { name: 'check_state', help: 'The state that the live item is in.', samples: states },
    { name: 'check_duration_seconds', help: 'How long the last run took.', samples: durations },
    { name: 'check_last_run_timestamp_seconds', help: 'When the last run began.', samples: lastRuns },
  ]
}

function workerMetrics(workers: readonly WorkerRow[], nowMs: number): Metric[] {
  const here = workers.filter((worker) => isHere(worker, nowMs))
  return [
    { name: 'workers', help: 'Workers seen within the last minute.', samples: [one({}, here.length)] },
    {
      name: 'worker_last_seen_timestamp_seconds',
      help: 'When the worker was last seen.',
      samples: workers
        .filter(({ concurrency }) => concurrency > 0)
        .map(({ owner, seenMs }) => one({ worker: owner }, seenMs / 1000)),
    },
    {
      name: 'check_lag_seconds',
      help: 'How late a run of the worker began at the most, of late.',
      samples: here.map(({ owner, lagMs }) => one({ worker: owner }, lagMs / 1000)),
    },
  ]
}

function written({ name, help, samples }: Metric): string {
  if (samples.length === 0) return ''
  const full = `pipeline_${name}`
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`)
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`
}

const labelText = (labels: Labels): string =>
  labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`

/** As the format has it: backslash, new line and quotation mark. */
const escaped = (value: string): string =>
  plain.test(value) ? value : value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const plain = /^[\w .:/-]*$/
