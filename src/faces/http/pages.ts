/** What is not the API: the page, or a word on what is here, and whether the server lives. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TrackerError } from '../../errors.ts'
import { itemList } from '../../ops/item-list.ts'
import { call } from '../../ops/operation.ts'
import { wantsPage } from './accept.ts'
import { deliver } from './answer.ts'
import { base, type FaceOptions } from './face.ts'
import { nothingHere } from './refusal.ts'
import { pathOf, send, text } from './reply.ts'
import { assetsPath, type Site } from './site.ts'

export interface PageOptions extends FaceOptions {
  home?: string | undefined
  /** How long `/readyz` gives the database, in milliseconds. */
  readyMs?: number | undefined
}

export function addPages(app: FastifyInstance, options: PageOptions, site: Site): void {
  const home = homeText(options)
  app.get('/', async (request, reply) => {
    if (await givePage(request, reply, site)) return reply
    return send(reply, { status: 200, type: text, body: home, headers: { vary: 'accept' } })
  })
  app.get(`${assetsPath}:name`, async (request, reply) => {
    const file = await site.file(pathOf(request))
    if (!file) throw nothingHere()
    await deliver(request, reply, file)
    return reply
  })
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

/**
 * Whatever a browser asks for by a path of its own is the page, which finds out what to show; other files beside it are
 * given by their names.
 * @returns false where it is neither, or where no page is built
 */
export async function givePage(request: FastifyRequest, reply: FastifyReply, site: Site): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const path = pathOf(request)
  if (isReserved(path)) return false
  const { accept } = request.headers
  const answer = (await site.file(path)) ?? (wantsPage(accept) ? await site.page() : undefined)
  if (!answer) return false
  await deliver(request, reply, answer)
  return true
}

/** Paths below which nothing is a page. */
const isReserved = (path: string): boolean => /^\/(?:api|assets|metrics|healthz|readyz)(?:\/|$)/.test(path)

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
