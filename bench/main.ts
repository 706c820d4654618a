/**
 * Paired benchmarks: each figure is a ratio to a yardstick measured in the same run, by turns, since one machine's
 * milliseconds say nothing of another's. Prints a table and writes JSON beside it.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchBoard } from './board.ts'
import { benchBulk } from './bulk.ts'
import { benchCommands } from './commands.ts'
import { benchConcurrency } from './concurrency.ts'
import { benchEvents } from './events.ts'
import type { Bench, Figure } from './figure.ts'
import { root } from './figure.ts'
import { benchHealth } from './health.ts'
import { benchHttp } from './http.ts'
import { benchMonitor } from './monitor.ts'
import { benchPage } from './page.ts'
import { benchShared, runSharedWorker } from './shared.ts'
import { benchStartUp } from './start-up.ts'
import { benchYear } from './year.ts'

const benches: Record<string, Bench> = {
  'start-up': benchStartUp,
  concurrency: benchConcurrency,
  board: benchBoard,
  http: benchHttp,
  commands: benchCommands,
  bulk: benchBulk,
  monitor: benchMonitor,
  shared: benchShared,
  health: benchHealth,
  year: benchYear,
  events: benchEvents,
  page: benchPage,
}

async function run(argv: string[]): Promise<void> {
  if (argv[0] === '--shared-worker') return runSharedWorker(argv[1]!)
  const smoke = argv.includes('--smoke')
  const wanted = argv.filter((word) => !word.startsWith('--'))
  const unknown = wanted.find((name) => !Object.hasOwn(benches, name))
  if (unknown) throw new Error(`no benchmark ${unknown}; there are ${Object.keys(benches).join(', ')}`)
  const names = wanted.length > 0 ? wanted : Object.keys(benches)
  const figures: Figure[] = []
  for (const name of names) {
    process.stdout.write(`${name}${smoke ? ' (smoke)' : ''}\n`)
    for (const figure of await benches[name]!({ smoke })) {
      figures.push(figure)
      process.stdout.write(`  ${line(figure)}\n`)
    }
  }
  const out = join(root, 'bench', 'out')
  mkdirSync(out, { recursive: true })
  writeFileSync(
    join(out, 'figures.json'),
    `${JSON.stringify({ node: process.version, smoke, figures }, null, 2)}\n`,
  )
  const wrong = figures.filter((figure) => figure.broken)
  if (wrong.length > 0) {
    process.stdout.write(`broken: ${wrong.map((figure) => figure.name).join(', ')}\n`)
    process.exitCode = 1
  }
}

function line({ name, value, unit, goal, direction, note }: Figure): string {
  const met =
    goal === undefined ? '' : (direction === 'at least' ? value >= goal : value <= goal) ? 'met' : 'MISSED'
  const target = goal === undefined ? '' : ` (goal ${direction} ${goal}: ${met})`
  return `${name.padEnd(34)} ${value.toFixed(2).padStart(8)} ${unit}${target}${note ? ` ${note}` : ''}`
}

run(process.argv.slice(2))
