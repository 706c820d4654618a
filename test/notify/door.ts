/** What the tests of senders share: an event, a door, channels, and an HTTP receiver that keeps what it got. */

import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { parseConfig } from '../../src/domain/config.ts'
import type { NotifyDoor } from '../../src/notify/index.ts'
import { serve } from '../probes/server.ts'

export { event } from '../domain/notifications.ts'

export const nowMs = Date.parse('2026-02-05T07:46:16.500Z')

export const doorOf = (fields: Partial<NotifyDoor> = {}): NotifyDoor => ({
  env: {},
  nowMs: () => nowMs,
  run: () => Promise.reject(new Error('no program is run here')),
  timeoutMs: 5000,
  ...fields,
})

/** The channel as the configuration gives it. */
export const channelOf = (fields: Record<string, unknown>) =>
  parseConfig({ channels: { team: fields } }).channels.team!

export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** @param answer  what to answer to the request of this number, from 1; the body has been read */
export async function receiver(answer: (response: ServerResponse, count: number) => void) {
  const received: Received[] = []
  const { origin, server } = await serve((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      received.push({ method, path: url, headers, body })
      answer(response, received.length)
    })
  })
  return { origin, server, received }
}
