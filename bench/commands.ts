/** Command checks against a bare spawn loop in a small process, by turns; ours also beside 250 MB of live heap. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseHealthCheck } from '../src/domain/health-check.ts'
import { createCommandProbe } from '../src/probes/command.ts'
import { createSpawner } from '../src/probes/spawner.ts'
import { type Bench, type Figure, median, root } from './figure.ts'

const heapBytes = 250_000_000
const concurrency = 16

export const benchCommands: Bench = async ({ smoke }) => {
  const bare = startBare()
  const spawner = createSpawner({ path: join(root, 'dist', 'spawner.cjs'), execPath: process.execPath })
  const beside = checksBy(createCommandProbe({ run: spawner.run }))
  const within = checksBy(createCommandProbe())
  try {
    const figures = [await compare('command checks', beside, bare.rate, smoke)]
    const held = fillHeap(smoke ? heapBytes / 10 : heapBytes)
    figures.push(await compare('command checks, 250 MB heap', beside, bare.rate, smoke))
    // what it would be without the spawner
    const {
      goal: _,
      direction: __,
      ...without
    } = await compare('the same, no spawner', within, bare.rate, smoke)
    return held.length > 0 ? [...figures, without] : []
  } finally {
    await spawner.close()
    bare.child.kill()
  }
}

type Rate = (count: number) => Promise<number>

async function compare(name: string, ours: Rate, bare: Rate, smoke: boolean): Promise<Figure> {
  const count = smoke ? 20 : 250
  const rates = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= (smoke ? 1 : 7); round += 1) {
    const one = await ours(count)
    const other = await bare(count)
    if (round === 0) continue
    rates.ours.push(one)
    rates.bare.push(other)
  }
  return {
    name,
    // the machine's speed changes between rounds, hardly within one
    value: median(rates.ours.map((rate, round) => rate / rates.bare[round]!)),
    unit: '×',
    goal: 0.8,
    direction: 'at least',
    note: `${Math.round(median(rates.ours))}/s, bare ${Math.round(median(rates.bare))}/s`,
    broken: !(median(rates.ours) > 0),
  }
}

function checksBy(probe: ReturnType<typeof createCommandProbe>): Rate {
  const { plan } = parseHealthCheck({ type: 'command', command: '/bin/true', frequency: 'daily' })
  const context = {
    root,
    env: process.env,
    elapsedMs: () => performance.now(),
    now: () => new Date().toISOString(),
  }
  return async (count) => {
    let left = count
    const from = performance.now()
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (left-- > 0) {
          const seen = await probe(plan, context)
          if (seen.exitCode !== 0) throw new Error(`the check saw ${JSON.stringify(seen)}`)
        }
      }),
    )
    return count / ((performance.now() - from) / 1000)
  }
}

function startBare(): { child: ChildProcess; rate: Rate } {
  const child = spawn(process.execPath, [join(root, 'bench', 'bare-spawn.cjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]()
  const rate: Rate = async (count) => {
    child.stdin!.write(`${count}\n`)
    const { value } = await lines.next()
    return count / (Number(value) / 1000)
  }
  return { child, rate }
}

/** Small objects, as rows and strings are. */
function fillHeap(bytes: number): object[] {
  const held: object[] = []
  while (process.memoryUsage().heapUsed < bytes) {
    held.push(Array.from({ length: 1000 }, (_, n) => ({ n, text: `text ${n}` })))
  }
  return held
}
