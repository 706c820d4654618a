/** 20 processes × 10 writes at once, against as many bare node starts: nothing lost, nothing refused. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { activityList } from '../src/ops/activity-list.ts'
import { itemList } from '../src/ops/item-list.ts'
import { call, type Environment } from '../src/ops/operation.ts'
import { openDatabase } from '../src/store/open.ts'
import { type Bench, type Figure, root } from './figure.ts'
import { seedFile } from './seed.ts'

const command = join(root, 'tools', 'db.js')
const processes = 20

export const benchConcurrency: Bench = async ({ smoke }) => {
  const each = smoke ? 2 : 10
  const seed = await seedFile(1)
  try {
    const bare = await crowd(each, () => ['-e', '0'])
    const figures: Figure[] = []
    const deeds: Record<string, (who: number, n: number) => string[]> = {
      creates: (who, n) => ['create', `Item ${who}-${n}`],
      'notes on one item': (who, n) => ['note', '1', `Note ${who}-${n}`],
      'moves of one item': (who, n) => [
        'move',
        '1',
        (who + n) % 2 === 0 ? 'qa' : 'building',
        '--note',
        `Move ${who}-${n}`,
      ],
    }
    for (const [name, words] of Object.entries(deeds)) {
      const run = await crowd(each, (who, n) => [
        command,
        'pipeline',
        '--db',
        seed.url,
        '--as',
        `agent:a${who}`,
        ...words(who, n),
      ])
      const stored = await count(seed.url, name)
      const wanted = processes * each
      figures.push({
        name: `${name}: wall time`,
        value: run.ms / bare.ms,
        unit: '×',
        goal: 1.5,
        direction: 'at most',
        note: `${wanted - stored} lost, ${run.refused} refused of ${wanted}`,
        broken: stored !== wanted || run.refused > 0,
      })
    }
    return figures
  } finally {
    seed.remove()
  }
}

/** Twenty shells at once, each starting its processes one after the other. */
async function crowd(
  each: number,
  args: (who: number, n: number) => string[],
): Promise<{ ms: number; refused: number }> {
  let refused = 0
  const from = performance.now()
  const one = (words: string[]): Promise<void> =>
    new Promise((resolve) => {
      spawn(process.execPath, words, { stdio: 'ignore' }).on('exit', (code) => {
        if (code !== 0) refused += 1
        resolve()
      })
    })
  await Promise.all(
    Array.from({ length: processes }, async (_, who) => {
      for (let n = 0; n < each; n += 1) await one(args(who, n))
    }),
  )
  return { ms: performance.now() - from, refused }
}

async function count(url: string, what: string): Promise<number> {
  const database = await openDatabase(url, { now: '2026-01-01T00:00:00.000Z', create: false })
  const env: Environment = {
    database,
    now: () => '2026-01-01T00:00:00.000Z',
    actor: 'agent:bench',
    trust: 'local',
    permissions: 'all',
  }
  try {
    if (what === 'creates') {
      const { data } = await call(itemList, { limit: 1000, all: true }, env)
      return data.items.filter((item) => item.title.startsWith('Item ')).length
    }
    const word = what.startsWith('notes') ? 'Note ' : 'Move '
    const { data } = await call(activityList, { item: 1, limit: 1000 }, env)
    return data.entries.filter((entry) => entry.note?.startsWith(word)).length
  } finally {
    await database.close()
  }
}
