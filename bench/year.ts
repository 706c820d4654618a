/**
 * A year of a check that runs each minute: every run goes through the path that a worker's turn records it by, with a
 * clock of its own; a day is one transaction. What it leaves on disk, and how long its uptime takes to tell.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toInstant } from '../src/domain/instant.ts'
import { itemCreate } from '../src/ops/item-create.ts'
import { itemMove } from '../src/ops/item-move.ts'
import { type Context, call, type Environment } from '../src/ops/operation.ts'
import { recordRuns } from '../src/ops/record-runs.ts'
import type { RunReport } from '../src/ops/run-report.ts'
import { timesOf, watchedOf } from '../src/ops/uptime-of.ts'
import { uptimeShow } from '../src/ops/uptime-show.ts'
import { findChecks } from '../src/store/checks.ts'
import type { Database } from '../src/store/database.ts'
import { findItem } from '../src/store/items.ts'
import { openDatabase } from '../src/store/open.ts'
import { connect } from '../src/store/sqlite-driver.ts'
import { type Bench, type Figure, median } from './figure.ts'

const beganMs = Date.UTC(2025, 0, 1)
const dayMs = 86_400_000

export const benchYear: Bench = async ({ smoke }) => {
  const days = smoke ? 10 : 365
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-bench-'))
  const url = join(folder, 'pipeline.db')
  const clock = { ms: beganMs }
  const database = await openDatabase(url, { now: toInstant(beganMs) })
  try {
    const env: Environment = {
      database,
      now: () => toInstant(clock.ms),
      actor: 'system:monitor',
      trust: 'local',
      permissions: 'all',
    }
    const id = await liveItem(env)
    const runMs = await watch(env, clock, id, days)
    const figures = [...(await asked(env, id, smoke)), ...sizes(url, days)]
    return [...figures, { name: 'a run recorded', value: runMs, unit: 'ms' }]
  } finally {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function liveItem(env: Environment): Promise<number> {
  const healthCheck = {
    type: 'http',
    url: 'http://127.0.0.1:1/',
    frequency: 'minutely',
    slo: { target: 0.999, window: '30d' },
    incident: { open: false },
  }
  const { data } = await call(itemCreate, { title: 'Watched for a year', healthCheck }, env)
  await call(itemMove, { id: data.id, to: 'live' }, env)
  return data.id
}

/** Every run of so many days. @returns milliseconds a run */
async function watch(env: Environment, clock: { ms: number }, id: number, days: number): Promise<number> {
  const from = performance.now()
  const shared = {
    actor: env.actor,
    source: null,
    trust: env.trust,
    warn: () => {},
    newToken: () => Promise.reject(new Error('no token here')),
    require: () => {},
    permissions: env.permissions,
    location: env.database.location,
  }
  let runs = 0
  for (let day = 1; day <= days; day += 1) {
    await env.database.write(async (q) => {
      for (;;) {
        const check = (await findChecks(q, [id])).get(id)!
        const dueMs = check.nextRunMs!
        if (dueMs >= beganMs + day * dayMs) break
        clock.ms = dueMs + 20
        const context: Context = { ...shared, q, now: env.now() }
        await recordRuns(context, [report(id, check.epoch, clock.ms, runs)])
        runs += 1
      }
    })
  }
  return (performance.now() - from) / runs
}

/** Now and then slow; and every ten days down for a quarter of an hour. */
function report(itemId: number, epoch: number, startedMs: number, n: number): RunReport {
  const isDown = n % 14_400 >= 7200 && n % 14_400 < 7215
  return {
    itemId,
    epoch,
    result: isDown ? 'down' : n % 5000 === 17 ? 'degraded' : 'up',
    summary: isDown ? 'status is 503, not in 200..299' : 'all conditions hold',
    startedMs,
    durationMs: 40 + ((n * 7919) % 400),
    attempts: isDown ? 2 : 1,
    condition: isDown ? 'status in 200..299' : '',
    evidence: '',
    perfdata: null,
  }
}

async function asked(env: Environment, id: number, smoke: boolean): Promise<Figure[]> {
  const nowMs = Date.parse(env.now())
  const rounds = smoke ? 3 : 50
  const query = await repeated(rounds, () => ninetyDays(env.database, id, nowMs))
  const whole = await repeated(rounds, () => call(uptimeShow, { id }, env))
  return [
    { name: 'uptime of 90 days, query', value: query, unit: 'ms', goal: 10, direction: 'at most' },
    { name: 'uptime, operation', value: whole, unit: 'ms', note: 'four windows, objective, days and hours' },
  ]
}

const ninetyDays = (database: Database, id: number, nowMs: number): Promise<unknown> =>
  database.read(async (q) => {
    const check = (await findChecks(q, [id])).get(id)
    const [of] = await watchedOf(q, [{ ...(await findItem(q, id))!, check, isLive: true }], nowMs)
    return timesOf(q, [{ of: of!, fromMs: nowMs - 90 * dayMs, toMs: nowMs }])
  })

async function repeated(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const from = performance.now()
    await work()
    if (round > 0) times.push(performance.now() - from)
  }
  return median(times)
}

const tables = ['pipeline_runs', 'pipeline_hours', 'pipeline_days', 'pipeline_states']

/** Whole pages, as they lie in the file: those of the four tables, and all, before and after they are packed. */
function sizes(url: string, days: number): Figure[] {
  const connection = connect(url)
  try {
    const number = (statement: string): number =>
      Object.values(connection.prepare(statement).get() as Record<string, number>)[0]!
    const rows = tables.map((table) => `${number(`SELECT count(*) FROM ${table}`)} ${table.slice(9)}`)
    const pages = (): number => number('PRAGMA page_count')
    const pageBytes = number('PRAGMA page_size')
    const before = pages() * pageBytes
    const ours = tables.reduce((sum, table) => sum + tableBytes(connection, table), 0)
    connection.exec('VACUUM')
    const mib = (bytes: number): number => bytes / 1_048_576
    return [
      {
        name: `${days} days on disk, four tables`,
        value: mib(ours),
        unit: 'MiB',
        goal: 0.5,
        direction: 'at most',
        note: rows.join(', '),
      },
      {
        name: 'the whole file',
        value: mib(before),
        unit: 'MiB',
        note: 'with all other tables and free pages',
      },
      { name: 'the whole file, packed', value: mib(pages() * pageBytes), unit: 'MiB' },
    ]
  } finally {
    connection.close()
  }
}

function tableBytes(connection: ReturnType<typeof connect>, table: string): number {
  const row = connection.prepare('SELECT sum(pgsize) AS bytes FROM dbstat WHERE name = ?').get(table)
  return Number((row as { bytes: number }).bytes)
}
