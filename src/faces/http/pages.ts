/** What is not the API: a word on what is here, and whether it lives. */

import type { FastifyInstance } from 'fastify'
import { TrackerError } from '../../errors.ts'
import { itemList } from '../../ops/item-list.ts'
import { call } from '../../ops/operation.ts'
import { send, text } from './reply.ts'
import { base, type FaceOptions } from './routes.ts'

export interface PageOptions extends FaceOptions {
  version: string
  home?: string | undefined
  /** How long `/readyz` gives the database, in milliseconds. */
  readyMs?: number | undefined
}

export function addPages(app: FastifyInstance, options: PageOptions): void {
  const home = homeText(options)
  app.get('/', (_request, reply) => send(reply, { status: 200, type: text, body: home }))
  app.get('/healthz', (_request, reply) => send(reply, { status: 200, type: text, body: 'ok\n' }))
  app.get('/readyz', async (_request, reply) => {
    const { database, now, actor } = options
    const env = { database, now, actor, trust: 'remote', permissions: 'all' } as const
    try {
      await within(options.readyMs ?? 5_000, call(itemList, { all: true, limit: 1 }, env))
    } catch (cause) {
      throw new TrackerError('unavailable', 'the database does not answer', { cause })
    }
    return send(reply, { status: 200, type: text, body: 'ready\n' })
  })
}

/** @throws when `work` takes longer than `ms`; it goes on then, and nobody hears of it */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer for ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const homeText = ({ version, home }: PageOptions): string => `Throughline ${version}
${home === undefined ? '' : `${home.trim()}\n`}
API        ${base}/items, ${base}/board, …
Document   ${base}/openapi.json (OpenAPI 3.1)
Alive      /healthz
Ready      /readyz
Figures    /metrics (Prometheus)

The same from a terminal:
  pipeline board
  pipeline create "Title"
  pipeline help
`
