/** One request over a connection of its own, of which nothing is left; a redirect is an answer like any other. */

import type { Socket } from 'node:net'

import type { Client } from 'undici'
import { failure } from './faults.ts'
import { type Delivery, defaultTimeoutMs, type NotifyDoor, retry, seconds, stopped } from './notify.ts'

/** Read of an answer's body, for the reason. */
const bodyCapBytes = 1024
/** A receiver may ask for patience, but not for being forgotten. */
const longestPatienceMs = 24 * 3_600_000

export interface HttpRequest {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body: string | null
}

interface Answer {
  status: number
  retryAfter: string | undefined
  /** Its beginning. */
  body: string
}

/** @returns sent for 2xx, gone for 410, else retry; throws nothing that the receiver could bring about */
export async function request(wanted: HttpRequest, door: NotifyDoor): Promise<Delivery> {
  const url = URL.canParse(wanted.url) ? new URL(wanted.url) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return retry('its address is no http or https URL')
  if (url.username !== '' || url.password !== '') return retry('its address holds a password: use "headers"')
  const timeoutMs = door.timeoutMs ?? defaultTimeoutMs
  const { client, close } = await openClient(url, door.ca)
  let cut: string | undefined
  const end = (why: string) => {
    cut ??= why
    close()
  }
  const timer = setTimeout(end, timeoutMs, `no answer within ${seconds(timeoutMs)}`)
  const stop = () => end(stopped)
  door.signal?.addEventListener('abort', stop, { once: true })
  if (door.signal?.aborted) stop()
  try {
    return judge(await exchange(client, url, wanted), door.nowMs())
  } catch (error) {
    return retry(cut ?? failure(error))
  } finally {
    clearTimeout(timer)
    door.signal?.removeEventListener('abort', stop)
    close()
  }
}

async function openClient(url: URL, ca: string | undefined): Promise<{ client: Client; close(): void }> {
  const { buildConnector, Client } = await import('undici')
  const connect = buildConnector({ timeout: 0, autoSelectFamily: true, ...(ca !== undefined && { ca }) })
  let socket: Socket | undefined
  const client = new Client(url.origin, {
    connect: (options, callback) => {
      // returned, though not declared so; undici itself does not end a connection that is still being made
      socket = connect(options, callback) as unknown as Socket
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const close = () => {
    client.destroy().catch(() => {})
    socket?.destroy()
  }
  return { client, close }
}

async function exchange(client: Client, url: URL, { method, headers, body }: HttpRequest): Promise<Answer> {
  const response = await client.request({ path: `${url.pathname}${url.search}`, method, headers, body })
  // what is left unread is dropped with the connection, which is no error to anybody
  response.body.on('error', () => {})
  const { statusCode: status } = response
  const retryAfter = [response.headers['retry-after'] ?? []].flat()[0]
  return { status, retryAfter, body: status < 300 ? '' : await beginning(response.body) }
}

/** A body that breaks off tells as much as came. */
async function beginning(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= bodyCapBytes) break
    }
  } catch {}
  return Buffer.concat(chunks).subarray(0, bodyCapBytes).toString()
}

function judge({ status, retryAfter, body }: Answer, nowMs: number): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'sent' }
  const reason = `answered ${status}${body.trim() === '' ? '' : `: ${body}`}`
  if (status === 410) return { outcome: 'gone', reason }
  const notBeforeMs = retryAfterMs(retryAfter, nowMs)
  return { outcome: 'retry', reason, ...(notBeforeMs !== undefined && { notBeforeMs }) }
}

/**
 * When a `Retry-After` of seconds or a date ends, milliseconds since 1970, at most a day ahead.
 * @returns undefined when there is none, or none that can be understood
 */
function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  const ms = /^\d+$/.test(text) ? nowMs + Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(ms) || ms <= nowMs) return undefined
  return Math.min(ms, nowMs + longestPatienceMs)
}
