/** Several workers on one PostgreSQL: each run exactly once, and how much faster four are than one. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import sql from 'sql-template-tag'
import { toInstant } from '../src/domain/instant.ts'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/open.ts'
import { createWorker } from '../src/worker/worker.ts'
import { startPostgres } from '../test/helpers/postgres-server.ts'
import { type Bench, type Figure, root } from './figure.ts'
import { liveItems, sleep } from './watched.ts'

const places = 10
const waitMs = 50

export const benchShared: Bench = async ({ smoke }) => {
  const checks = smoke ? 400 : 5000
  const server = await startPostgres()
  try {
    const pipeline = (name: string) => freshPipeline(`${server.url}?schema=${name}`, checks)
    const alone = await pipeline('alone')
    const oneMs = await timed([worker(alone.url)])
    const shared = await pipeline('shared')
    const fourMs = await timed(Array.from({ length: 4 }, () => worker(shared.url)))
    const { runs, items } = await counted(shared.database)
    const figures: Figure[] = [
      {
        name: 'four workers to one',
        value: oneMs / fourMs,
        unit: '×',
        goal: 3,
        direction: 'at least',
        note: `${Math.round(checks / (oneMs / 1000))} and ${Math.round(checks / (fourMs / 1000))} runs/s, ${places} places each`,
      },
      {
        name: 'four workers: not exactly once',
        value: Math.abs(runs - checks) + Math.abs(items - checks),
        unit: 'runs',
        goal: 0,
        direction: 'at most',
        broken: runs !== checks || items !== checks,
      },
    ]
    figures.push(await bytesOfRun(alone.database, smoke ? 10_000 : 200_000))
    if (!smoke) figures.push(await killed(await pipeline('killed'), checks))
    await alone.database.close()
    await shared.database.close()
    return figures
  } finally {
    await server.stop()
  }
}

interface Shared {
  url: string
  database: Database
}

async function freshPipeline(url: string, checks: number): Promise<Shared> {
  const database = await openDatabase(url, { now: toInstant(Date.now()) })
  const timing = { frequency: 'daily', timeout: '1s', retries: 0 }
  await liveItems(database, checks, (n) => ({ type: 'tcp', host: '127.0.0.1', port: n, ...timing }))
  return { url, database }
}

/** A process with the worker and the store of the product, and a probe that only waits. */
const worker = (url: string): ChildProcess =>
  spawn(process.execPath, [join(root, 'bench', 'out', 'bench.cjs'), '--shared-worker', url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })

/** What such a process does: one pass over what is due. */
export async function runSharedWorker(url: string): Promise<void> {
  const now = () => toInstant(Date.now())
  const database = await openDatabase(url, { now: now(), create: false, poolSize: 2 })
  const probe = async () => {
    await sleep(waitMs)
    return { durationMs: waitMs }
  }
  const context = { root, env: {}, now, elapsedMs: () => performance.now() }
  const door = { probe, context, pause: sleep }
  const owner = `bench:${process.pid}`
  await createWorker({ database, now, door, owner, concurrency: places }).checkDue({ dryRun: false })
  await database.close()
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => child.once('exit', () => resolve()))

async function timed(workers: ChildProcess[]): Promise<number> {
  const from = performance.now()
  await Promise.all(workers.map(ended))
  return performance.now() - from
}

async function counted(database: Database): Promise<{ runs: number; items: number }> {
  const row = await database.read((q) =>
    q.get<{ runs: number; items: number }>(
      sql`SELECT count(*) AS runs, count(DISTINCT item_id) AS items FROM pipeline_runs`,
    ),
  )
  return { runs: Number(row?.runs), items: Number(row?.items) }
}

/** One of four is killed while it works; what it held is run when its leases have ended. */
async function killed({ url, database }: Shared, checks: number): Promise<Figure> {
  const workers = Array.from({ length: 4 }, () => worker(url))
  const rest = Promise.all(workers.map(ended))
  while ((await counted(database)).runs < checks / 4) await sleep(50)
  workers[0]!.kill('SIGKILL')
  await rest
  const { runs: before } = await counted(database)
  // The longest run, and 30 s to spare.
  await sleep(32_000)
  await ended(worker(url))
  const { runs, items } = await counted(database)
  await database.close()
  return {
    name: 'one of four killed: lost or twice',
    value: Math.abs(runs - checks) + Math.abs(items - checks),
    unit: 'runs',
    goal: 0,
    direction: 'at most',
    note: `${checks - before} were left to run after the lease`,
    broken: items !== checks,
  }
}

/** With its index, as it stands after a week of a check a minute. */
async function bytesOfRun(database: Database, rows: number): Promise<Figure> {
  await database.write((q) =>
    q.run(sql`INSERT INTO pipeline_runs (item_id, started_ms, duration_ms, result, attempts)
      SELECT 1 + n % 20, 1795000000000 + n * 60000, 12, 'up', 1 FROM generate_series(1, ${rows}) AS n`),
  )
  const row = await database.read((q) =>
    q.get<{ bytes: number; n: number }>(sql`SELECT pg_total_relation_size('pipeline_runs') AS bytes,
      (SELECT count(*) FROM pipeline_runs) AS n`),
  )
  return { name: 'a run on PostgreSQL', value: Number(row?.bytes) / Number(row?.n), unit: 'bytes' }
}
