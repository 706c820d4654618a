/** The board's queries in the database, in one process that stays: as the page and the REST API ask. */

import { boardShow } from '../src/ops/board-show.ts'
import { call, type Environment } from '../src/ops/operation.ts'
import { boardRows } from '../src/store/board.ts'
import { openDatabase } from '../src/store/open.ts'
import { type Bench, median } from './figure.ts'
import { seedFile } from './seed.ts'

const now = '2026-01-01T00:00:00.000Z'

export const benchBoard: Bench = async ({ smoke }) => {
  const items = smoke ? 1_000 : 100_000
  const seed = await seedFile(items)
  const database = await openDatabase(seed.url, { now, create: false })
  const env: Environment = {
    database,
    now: () => now,
    actor: 'agent:bench',
    trust: 'local',
    permissions: 'all',
  }
  try {
    const query = await repeated(smoke ? 3 : 50, () => database.read((q) => boardRows(q, {}, 20)))
    const whole = await repeated(smoke ? 3 : 50, () => call(boardShow, {}, env))
    return [
      { name: `board query at ${items}`, value: query, unit: 'ms', goal: 8, direction: 'at most' },
      { name: `board operation at ${items}`, value: whole, unit: 'ms' },
    ]
  } finally {
    await database.close()
    seed.remove()
  }
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
