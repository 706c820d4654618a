/**
 * Requests a second of the REST face beside a bare Fastify that serves the same bytes: alternating rounds, the median
 * of the ratios. By hand, for it takes a minute and a quiet machine:
 * `npx esbuild test/faces/http/throughput.ts --bundle --platform=node --format=esm --packages=external
 * --outfile=dist/throughput.mjs && node dist/throughput.mjs [postgres://…]`
 */

import { fork } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process, { argv, env, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { createHttpServer } from '../../../src/faces/http/server.ts'
import { itemCreate } from '../../../src/ops/item-create.ts'
import { call } from '../../../src/ops/operation.ts'
import type { Database } from '../../../src/store/database.ts'
import { openDatabase } from '../../../src/store/open.ts'

const now = () => new Date().toISOString()
const paths = ['/api/v1/items/7', '/api/v1/items?limit=50']
const connections = 32
const rounds = 7
const roundMs = 1_500

/** Requests a second. The answers of one path are equally long, so bytes count them. */
async function rate(port: number, path: string, length: number): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  let bytes = 0
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let pending = length
    socket.on('data', (chunk) => {
      bytes += chunk.length
      pending -= chunk.length
      if (pending > 0) return
      pending += length
      socket.write(request)
    })
    return socket
  })
  await pause(200)
  const before = bytes
  const startedMs = performance.now()
  await pause(roundMs)
  const perSecond = (bytes - before) / length / ((performance.now() - startedMs) / 1000)
  for (const socket of sockets) socket.destroy()
  return perSecond
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Bytes of one answer, head and all. */
function answerLength(port: number, path: string): Promise<{ length: number; body: string }> {
  return new Promise((resolve) => {
    let text = Buffer.alloc(0)
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    })
    socket.on('data', (chunk) => {
      text = Buffer.concat([text, chunk])
      const head = text.indexOf('\r\n\r\n')
      const size = Number(/content-length: (\d+)/i.exec(text.toString('latin1', 0, head))?.[1])
      if (head === -1 || text.length < head + 4 + size) return
      socket.destroy()
      resolve({ length: text.length, body: text.toString('utf8', head + 4) })
    })
  })
}

/** @returns the port of a server in a process of its own */
function started(kind: string, ...more: string[]): Promise<number> {
  return new Promise((resolve) => {
    fork(fileURLToPath(import.meta.url), [kind, ...more]).on('message', (port) => resolve(Number(port)))
  })
}

async function serveBare(): Promise<void> {
  const app = Fastify({ logger: false })
  const bodies = JSON.parse(env.BODIES!) as string[]
  app.get('/api/v1/items/:id', (_, reply) => reply.type('application/json; charset=utf-8').send(bodies[0]))
  app.get('/api/v1/items', (_, reply) => reply.type('application/json; charset=utf-8').send(bodies[1]))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  process.send!(new URL(url).port)
}

async function serveOurs(url: string, cached: boolean): Promise<void> {
  const database = await openDatabase(url, { now: now() })
  // Without a stamp nothing is kept.
  const seen: Database = cached
    ? database
    : Object.assign(Object.create(database), {
        stamp: () => undefined,
        read: database.read.bind(database),
        write: database.write.bind(database),
      })
  const server = await createHttpServer({ database: seen, now, actor: 'human:max', version: '0' })
  process.send!(new URL((await server.listen(0)).url).port)
}

async function fill(url: string): Promise<void> {
  const database = await openDatabase(url, { now: now() })
  const environment = { database, now, actor: 'human:max', trust: 'local', permissions: 'all' } as const
  for (let n = 0; n < 200; n += 1) {
    const raw = {
      title: `Item ${n} with a title of usual length`,
      labels: ['one', 'two'],
      description: 'x'.repeat(300),
    }
    await call(itemCreate, raw, environment)
  }
  await database.close()
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

async function main(url: string): Promise<void> {
  await fill(url)
  const ports: Record<string, number> = {
    kept: await started('ours', url, 'kept'),
    asked: await started('ours', url, 'asked'),
  }
  const answers = await Promise.all(paths.map((path) => answerLength(ports.kept!, path)))
  env.BODIES = JSON.stringify(answers.map(({ body }) => body))
  ports.bare = await started('bare')
  for (const path of paths) {
    const rates: Record<string, number[]> = { bare: [], kept: [], asked: [] }
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of Object.keys(rates)) {
        const { length } = await answerLength(ports[kind]!, path)
        rates[kind]!.push(await rate(ports[kind]!, path, length))
      }
    }
    for (const kind of ['kept', 'asked']) {
      const ratios = rates[kind]!.map((value, round) => value / rates.bare![round]!)
      const line = {
        path,
        kind,
        ratio: median(ratios).toFixed(2),
        min: Math.min(...ratios).toFixed(2),
        perSecond: Math.round(median(rates[kind]!)),
        bare: Math.round(median(rates.bare!)),
      }
      stdout.write(`${JSON.stringify(line)}\n`)
    }
  }
  process.exit(0)
}

const [kind = '', url = '', mode] = argv.slice(2)
// A server ends with whoever started it.
process.on('disconnect', () => process.exit())
if (kind === 'bare') await serveBare()
else if (kind === 'ours') await serveOurs(url, mode === 'kept')
else await main(kind || join(await mkdtemp(join(tmpdir(), 'throughput-')), 'pipeline.db'))
