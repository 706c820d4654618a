/** What is live, listed and told to Prometheus: many checks, each with a month of hours and days. */

import { healthList } from '../src/ops/health-list.ts'
import { metricsShow } from '../src/ops/metrics-show.ts'
import { call, type Environment } from '../src/ops/operation.ts'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/open.ts'
import { connect } from '../src/store/sqlite-driver.ts'
import { type Bench, median } from './figure.ts'
import { seedFile } from './seed.ts'

const now = '2026-03-01T12:34:56.000Z'
const nowMs = Date.parse(now)

export const benchHealth: Bench = async ({ smoke }) => {
  const listed = smoke ? 100 : 1000
  const scraped = smoke ? 1000 : 10_000
  return [
    {
      name: `health of ${listed} live items`,
      value: await figure(listed, smoke, (env) => call(healthList, { limit: 1000 }, env)),
      unit: 'ms',
      goal: 100,
      direction: 'at most',
      note: 'all of them on one page',
    },
    {
      name: `metrics of ${scraped} live items`,
      value: await figure(scraped, smoke, (env) => call(metricsShow, {}, env)),
      unit: 'ms',
      goal: 200,
      direction: 'at most',
    },
  ]
}

async function figure(
  items: number,
  smoke: boolean,
  work: (env: Environment) => Promise<unknown>,
): Promise<number> {
  const seed = await seedFile(1)
  fill(seed.url, items)
  const database = await openDatabase(seed.url, { now, create: false })
  try {
    return await repeated(smoke ? 2 : 15, () => work(environment(database)))
  } finally {
    await database.close()
    seed.remove()
  }
}

const environment = (database: Database): Environment => ({
  database,
  now: () => now,
  actor: 'agent:bench',
  trust: 'local',
  permissions: 'all',
})

/** Past the store, which would take minutes: rows as it writes them. */
function fill(file: string, items: number): void {
  const connection = connect(file)
  const hour = Math.floor(nowMs / 3_600_000)
  const day = Math.floor(hour / 24)
  const check = '{"type":"http","url":"http://127.0.0.1:1/","frequency":"1m"}'
  connection.exec(`
    BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < ${9 + items})
    INSERT INTO pipeline (id, title, type, stage, health_check, created_at, updated_at)
    SELECT i, 'Live number ' || i, 'feature', 'live', '${check}', '${now}', '${now}' FROM n;
    INSERT INTO pipeline_checks (item_id, state, since_ms, live_since_ms, last_run_ms, last_result, last_duration_ms,
      next_run_ms, told, rolled_ms)
    SELECT id, CASE WHEN id % 20 = 0 THEN 'down' ELSE 'up' END, ${nowMs} - 5000000, 0, ${nowMs} - 30000,
      CASE WHEN id % 20 = 0 THEN 'down' ELSE 'up' END, 40, ${nowMs} + 30000, 'up', ${hour} * 3600000
      FROM pipeline WHERE id >= 10;
    INSERT INTO pipeline_states (item_id, at_ms, state)
    SELECT id, ${nowMs} - n.i * 8000000, CASE n.i % 2 WHEN 0 THEN 'down' ELSE 'up' END FROM pipeline
      JOIN (SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3) n WHERE id >= 10;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
    INSERT INTO pipeline_hours SELECT id, ${hour} - n.i, 3600000 - (n.i % 10 = 0) * 10000, 0, (n.i % 10 = 0) * 10000, 0,
      60, n.i % 10 = 0, 2400, 90 FROM pipeline, n
      WHERE id >= 10;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)
    INSERT INTO pipeline_days SELECT id, ${day} - n.i, 86390000, 0, 10000, 0, 1440, 1, 57600, 90 FROM pipeline, n
      WHERE id >= 10;
    COMMIT`)
  connection.close()
}

async function repeated(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const from = performance.now()
    await work()
    if (round > 0) times.push(performance.now() - from)
  }
  return median(times)
}
