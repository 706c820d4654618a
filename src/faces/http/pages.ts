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
}

export function addPages(app: FastifyInstance, options: PageOptions): void {
  const home = homeText(options)
  app.get('/', (_request, reply) => send(reply, { status: 200, type: text, body: home }))
  app.get('/healthz', (_request, reply) => send(reply, { status: 200, type: text, body: 'ok\n' }))
  app.get('/readyz', async (_request, reply) => {
    const { database, now, actor } = options
    const env = { database, now, actor, trust: 'remote', permissions: 'all' } as const
    try {
      await call(itemList, { all: true, limit: 1 }, env)
    } catch (cause) {
      throw new TrackerError('unavailable', 'the database does not answer', { cause })
    }
    return send(reply, { status: 200, type: text, body: 'ready\n' })
  })
}

const homeText = ({ version, home }: PageOptions): string => `Throughline ${version}
${home === undefined ? '' : `${home.trim()}\n`}
API        ${base}/items, ${base}/board, …
Document   ${base}/openapi.json (OpenAPI 3.1)
Alive      /healthz
Ready      /readyz

The same from a terminal:
  pipeline board
  pipeline create "Title"
  pipeline help
`
