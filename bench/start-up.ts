/** Whole processes: `list`, `board`, `show`, `create`, `move` against `node -e 0`, by turns. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Bench, type Figure, median, root } from './figure.ts'
import { seedFile } from './seed.ts'

const command = join(root, 'tools', 'db.js')
const rss = join(root, 'bench', 'rss.cjs')

export const benchStartUp: Bench = async ({ smoke }) => {
  const figures: Figure[] = []
  for (const items of smoke ? [100] : [100, 1_000, 10_000, 100_000]) {
    const seed = await seedFile(items)
    try {
      figures.push(...measure(seed.url, items, smoke ? 3 : 31))
    } finally {
      seed.remove()
    }
  }
  return figures
}

function measure(db: string, items: number, rounds: number): Figure[] {
  const open = Math.min(items, 20)
  const deeds: Record<string, (round: number) => string[]> = {
    list: () => ['list'],
    board: () => ['board'],
    show: () => ['show', String(open)],
    create: () => ['create', 'A new item', '--as', 'agent:bench'],
    move: (round) => ['move', String(open), round % 2 === 0 ? 'qa' : 'building', '--as', 'agent:bench'],
  }
  const bare: number[] = []
  const times = Object.fromEntries(Object.keys(deeds).map((name) => [name, [] as number[]]))
  const peaks = Object.fromEntries(Object.keys(deeds).map((name) => [name, 0]))
  let failed = ''
  for (let round = 0; round <= rounds; round += 1) {
    const empty = timed(['-e', '0'])
    if (round > 0) bare.push(empty.ms)
    for (const [name, words] of Object.entries(deeds)) {
      const run = timed([command, 'pipeline', '--db', db, ...words(round)])
      if (run.status !== 0) failed = `${name}: ${run.stderr}`
      if (round > 0) times[name]!.push(run.ms)
      else peaks[name] = timed(['-r', rss, command, 'pipeline', '--db', db, ...words(1)]).peakMib
    }
  }
  const goal = items <= 10_000 ? 1.3 : 1.4
  return Object.keys(deeds).flatMap((name): Figure[] => [
    {
      name: `${name} at ${items}`,
      value: median(times[name]!) / median(bare),
      unit: '×',
      goal,
      direction: 'at most',
      note: `${median(times[name]!).toFixed(1)} ms, bare ${median(bare).toFixed(1)} ms${failed ? ` FAILED ${failed}` : ''}`,
      broken: failed !== '',
    },
    { name: `${name} at ${items}, peak`, value: peaks[name]!, unit: 'MiB', goal: 64, direction: 'at most' },
  ])
}

function timed(args: string[]) {
  const from = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const ms = performance.now() - from
  return { ms, status, stderr, peakMib: Number(/peak-rss-kib=(\d+)/.exec(stderr)?.[1] ?? 0) / 1024 }
}
