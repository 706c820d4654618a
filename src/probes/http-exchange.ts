/** One request and its answer, over a connection of its own, of which nothing is left afterwards. */

import type { Socket } from 'node:net'
import { pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import type { Client } from 'undici'
import { type Capture, createCapture } from './capture.ts'
import type { HttpRequest } from './http-request.ts'

/** Read of a body; the rest is not fetched. */
const BODY_CAP_BYTES = 1024 * 1024
/** Node's own 250 ms gives up on far addresses of hosts that have several. */
const NEXT_ADDRESS_AFTER_MS = 1000

const DECODERS: Record<string, () => Transform> = {
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
  'x-gzip': createGunzip,
}

/** Filled as far as the answer came, so that a cut one can be told too. */
export interface Answer {
  status?: number | undefined
  headers?: Record<string, string> | undefined
  body?: Capture | undefined
}

export interface ExchangeOptions {
  signal: AbortSignal
  /** Certificates (PEM) to trust instead of Node's own list. */
  ca?: string
}

/** @param wantsBody  decides by status and headers whether the body is read */
export async function exchange(
  request: HttpRequest,
  answer: Answer,
  wantsBody: (status: number, location: string | undefined) => boolean,
  options: ExchangeOptions,
): Promise<void> {
  // of a redirect that failed, nothing is told as if it came from here
  answer.status = undefined
  answer.headers = undefined
  answer.body = undefined
  const { client, close } = await openClient(request.url, options.ca)
  // not undici's own `signal`: that waits for the connection before it looks whether it was aborted
  options.signal.addEventListener('abort', close, { once: true })
  try {
    options.signal.throwIfAborted()
    const { url, method, headers, body } = request
    const response = await client.request({
      path: `${url.pathname}${url.search}`,
      method: method as 'GET',
      headers,
      body: body ?? null,
    })
    // what is left unread is dropped by `close`, which is no error to anybody
    response.body.on('error', () => {})
    answer.status = response.statusCode
    answer.headers = flatten(response.headers)
    if (wantsBody(response.statusCode, answer.headers.location)) {
      answer.body = createCapture(BODY_CAP_BYTES)
      await readBody(response.body, answer.headers['content-encoding'], answer.body)
    }
  } finally {
    options.signal.removeEventListener('abort', close)
    close()
  }
}

/**
 * A new connection for each request, without TLS sessions: an old one would hide an expired certificate, a changed
 * address, a server that takes no more connections. Prometheus' blackbox_exporter does the same.
 */
async function openClient(url: URL, ca: string | undefined): Promise<{ client: Client; close: () => void }> {
  const { buildConnector, Client } = await import('undici')
  const connect = buildConnector({
    // the attempt's own deadline is the only one
    timeout: 0,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    ...(ca !== undefined && { ca }),
  })
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

async function readBody(body: Readable, encoding: string | undefined, capture: Capture): Promise<void> {
  const decoder = DECODERS[encoding?.trim().toLowerCase() ?? '']?.()
  const readable = decoder ? pipeline(body, decoder, () => {}) : body
  for await (const chunk of readable) {
    capture.add(chunk as Uint8Array)
    if (capture.truncated) return
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    [value ?? []].flat().join(', '),
  ])
  return Object.fromEntries(entries)
}
