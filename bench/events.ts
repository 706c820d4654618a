/** Many open pages: each event at every one of them, and what that costs. */

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { toInstant } from '../src/domain/instant.ts'
import { operations } from '../src/ops/index.ts'
import { call } from '../src/ops/operation.ts'
import { openDatabase } from '../src/store/open.ts'
import type { Bench } from './figure.ts'
import { seedFile } from './seed.ts'
import { serving } from './served.ts'
import { quantile, sleep } from './watched.ts'

export const benchEvents: Bench = async ({ smoke }) => {
  const [clients, perSecond, seconds] = smoke ? [20, 20, 2] : [200, 50, 20]
  const seed = await seedFile(1_000)
  const server = await serving(seed.url)
  const seen = new Map<string, number[]>()
  const streams = Array.from({ length: clients }, () => listen(server.url, seen))
  try {
    await Promise.all(streams.map(({ ready }) => ready))
    const cpuMs = () => {
      const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) * 10
    }
    const beforeMs = cpuMs()
    await sleep(smoke ? 500 : 5_000)
    const idle = (cpuMs() - beforeMs) / (smoke ? 500 : 5_000)
    const writtenMs = await write(seed.url, perSecond, seconds)
    await sleep(1_000)
    const busy = (cpuMs() - beforeMs) / (seconds * 1_000)
    const lags = [...writtenMs].flatMap(([note, atMs]) => (seen.get(note) ?? []).map((at) => at - atMs))
    const name = `${clients} pages, ${perSecond} writes/s`
    return [
      {
        name: `${name}: told`,
        value: lags.length / (writtenMs.size * clients),
        unit: 'of them',
        goal: 1,
        direction: 'at least',
        broken: lags.length === 0,
      },
      { name: `${name}: p99`, value: quantile(lags, 0.99), unit: 'ms', goal: 500, direction: 'at most' },
      { name: `${name}: CPU`, value: busy * 100, unit: '% of a core' },
      { name: `${clients} pages, nothing new: CPU`, value: idle * 100, unit: '% of a core' },
    ]
  } finally {
    for (const { stop } of streams) stop()
    server.child.kill()
    seed.remove()
  }
}

/** By another process's connection, as the command line writes. @returns when each note was stored */
async function write(url: string, perSecond: number, seconds: number): Promise<Map<string, number>> {
  const database = await openDatabase(url, { now: toInstant(Date.now()) })
  const env = {
    database,
    now: () => toInstant(Date.now()),
    actor: 'agent:bench',
    trust: 'local',
    permissions: 'all',
  } as const
  const written = new Map<string, number>()
  const fromMs = Date.now()
  for (let n = 0; n < perSecond * seconds; n++) {
    await sleep(Math.max(0, fromMs + (n * 1_000) / perSecond - Date.now()))
    const text = `Note ${n}`
    await call(operations['item.note'], { id: 1 + (n % 1_000), text }, env)
    written.set(text, Date.now())
  }
  await database.close()
  return written
}

/** An open page: when each note came. */
function listen(url: string, seen: Map<string, number[]>): { ready: Promise<void>; stop(): void } {
  let text = ''
  let stop = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    const asked = request(`${url}/api/v1/events`, { agent: false }, (answer) => {
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        const parts = text.split('\n\n')
        text = parts.pop()!
        for (const part of parts) {
          if (part.includes('event: ready')) resolve()
          const data = /^event: activity$/m.test(part) && /^data: (.*)$/m.exec(part)?.[1]
          if (!data) continue
          for (const { note } of JSON.parse(data).entries) {
            const times = seen.get(note) ?? []
            times.push(Date.now())
            seen.set(note, times)
          }
        }
      })
    })
    asked.on('error', reject)
    asked.end()
    stop = () => asked.destroy()
  })
  return { ready, stop: () => stop() }
}
