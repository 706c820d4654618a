/** `/api/v1/events`: what happens, as server-sent events. docs/decisions/010-events.md */

import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseCursor } from '../../domain/log-cursor.ts'
import { TrackerError } from '../../errors.ts'
import { isWelcome } from './accept.ts'
import { callerOf } from './caller.ts'
import { EventHub, type Joining, type Listener } from './event-hub.ts'
import { base, type FaceOptions, queryOf } from './face.ts'
import { Refusal } from './refusal.ts'
import { cautious } from './reply.ts'
import { readQuery } from './request-input.ts'

export const eventsPath = `${base}/events`

const type = 'text/event-stream'

/** Not to be kept, changed or gathered by whatever stands between. */
const headers = {
  ...cautious,
  'content-type': `${type}; charset=utf-8`,
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/** @param onError told of looks at the database that fail */
export function addEvents(
  app: FastifyInstance,
  options: FaceOptions,
  onError: (error: unknown) => void,
): void {
  const { database, now, actor, pause } = options
  const hub = new EventHub({ database, now, actor, pause, onError })
  app.addHook('preClose', async () => hub.close())
  app.get(eventsPath, async (request, reply) => {
    requireStream(request)
    callerOf(request.headers, actor)
    const from = placeOf(request, hub.elapsedMs)
    if (request.method === 'HEAD') return reply.headers(headers).send()
    await hub.join({
      from,
      open() {
        if (reply.raw.destroyed) return undefined
        reply.hijack()
        return listenerOf(hub, reply.raw)
      },
    })
    return reply
  })
}

function requireStream({ headers: { accept } }: FastifyRequest): void {
  if (isWelcome(accept, type)) return
  throw new Refusal(406, 'invalid', `this is a stream of events, ${type}`, {
    hint: `ask for it: Accept: ${type}`,
  })
}

/**
 * A browser says by itself where it left off; a page that begins a stream anew says it with `since`.
 * @throws TrackerError `invalid`
 */
function placeOf(request: FastifyRequest, nowMs: number): Joining['from'] {
  const { since, ...others } = Object.fromEntries(readQuery(queryOf(request.url)))
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new TrackerError('invalid', `unknown field ${JSON.stringify(unknown.slice(0, 40))}`, {
      hint: 'there is one: since, the id of the last event seen',
    })
  const last = request.headers['last-event-id']
  // A browser asks no more once it is refused: it is told to fetch all anew.
  if (last !== undefined && last !== '') return parseCursor(String(last), nowMs) ?? 'lost'
  if (since === undefined) return 'now'
  const place = since.length === 1 ? parseCursor(since[0]!, nowMs) : undefined
  if (place) return place
  throw new TrackerError('invalid', 'since is not the id of an event', {
    hint: 'take it from an event, or from an entry of the log',
  })
}

function listenerOf(hub: EventHub, stream: ServerResponse): Listener {
  const listener: Listener = {
    waiting: () => stream.writableLength,
    write: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    cut: () => void stream.destroy(),
  }
  stream.on('close', () => hub.leave(listener))
  stream.writeHead(200, headers)
  return listener
}
