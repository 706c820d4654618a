/** REST against bare Fastify serving the same bytes: each server in a process of its own, asked by turns. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { type Bench, type Figure, median, root } from './figure.ts'
import { seedFile } from './seed.ts'
import { serving, started } from './served.ts'

export const benchHttp: Bench = async ({ smoke }) => {
  const seed = await seedFile(1_000)
  const ours = await serving(seed.url)
  try {
    const figures: Figure[] = []
    const paths = {
      'GET item': '/api/v1/items/20',
      'list 50': '/api/v1/items?limit=50',
      board: '/api/v1/board',
    }
    const goals: Record<string, number> = { 'GET item': 0.7, 'list 50': 0.6, board: 0.5 }
    for (const [name, path] of Object.entries(paths)) {
      const body = await (await fetch(ours.url + path)).text()
      const file = join(root, 'bench', 'out', 'body.json')
      writeFileSync(file, body)
      const bare = await started([join(root, 'bench', 'bare-fastify.cjs'), file])
      try {
        figures.push(await compare(name, path, ours.url, bare.url, goals[name]!, body.length, smoke))
      } finally {
        bare.child.kill()
      }
    }
    return figures
  } finally {
    ours.child.kill()
    seed.remove()
  }
}

async function compare(
  name: string,
  path: string,
  ours: string,
  bare: string,
  goal: number,
  bytes: number,
  smoke: boolean,
): Promise<Figure> {
  const ms = smoke ? 100 : 2_000
  const rates = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= (smoke ? 1 : 5); round += 1) {
    const one = await rate(ours, path, ms)
    const other = await rate(bare, '/', ms)
    if (round === 0) continue
    rates.ours.push(one)
    rates.bare.push(other)
  }
  const value = median(rates.ours) / median(rates.bare)
  const note = `${Math.round(median(rates.ours))}/s, bare ${Math.round(median(rates.bare))}/s, ${bytes} bytes`
  return {
    name: `REST ${name}`,
    value,
    unit: '×',
    goal,
    direction: 'at least',
    note,
    broken: !(median(rates.ours) > 0),
  }
}

/** Requests a second over 16 kept connections. */
async function rate(origin: string, path: string, ms: number): Promise<number> {
  const pool = new Pool(origin, { connections: 16, pipelining: 1 })
  let done = 0
  const until = performance.now() + ms
  const from = performance.now()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < until) {
        const answer = await pool.request({ path, method: 'GET' })
        await answer.body.dump()
        if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`)
        done += 1
      }
    }),
  )
  const seconds = (performance.now() - from) / 1000
  await pool.close()
  return done / seconds
}
