/** A listening server on a free port, and a real client of it. */

import { connect } from 'node:net'
import type { Dispatcher } from 'undici'
import { Agent, request } from 'undici'
import { createHttpServer, type HttpOptions, type HttpServer } from '../../../src/faces/http/server.ts'
import type { Database } from '../../../src/store/database.ts'
import { pause } from '../../../src/wire.ts'
import { atEnd } from '../../helpers/engines.ts'

export interface Reply {
  status: number
  headers: Record<string, string | undefined>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire, for tests to look into
  json: any
}

export interface Asked {
  body?: unknown
  /** Sent as it is, instead of `body`. */
  raw?: string | Buffer
  headers?: Record<string, string>
}

export interface TestServer {
  url: string
  port: number
  server: HttpServer
  errors: unknown[]
  /** @param path below `/api/v1`, or from the root when it begins with `//` */
  ask(method: string, path: string, asked?: Asked): Promise<Reply>
  /** Bytes to the socket, and all that comes back until it is closed. */
  wire(bytes: string): Promise<string>
}

export const at = '2026-03-01T12:00:00.000Z'

export async function serve(
  database: Database,
  { port: wanted = 0, ...more }: Partial<HttpOptions> & { port?: number } = {},
): Promise<TestServer> {
  const errors: unknown[] = []
  let tokens = 0
  const server = await createHttpServer({
    database,
    now: () => at,
    pause,
    actor: 'human:web',
    newToken: async () => `token-${++tokens}`,
    version: '1.2.3',
    log: { error: (error) => errors.push(error) },
    ...more,
  })
  const agent = new Agent()
  atEnd(() => server.close())
  atEnd(() => agent.close())
  const { url } = await server.listen(wanted)
  const port = Number(new URL(url).port)
  return {
    url,
    port,
    server,
    errors,
    ask: (method, path, asked) => ask(agent, method, urlOf(url, path), asked),
    wire: (bytes) => wire(port, bytes),
  }
}

const urlOf = (url: string, path: string): string =>
  path.startsWith('//') ? `${url}${path.slice(1)}` : `${url}/api/v1${path}`

async function ask(
  agent: Agent,
  method: string,
  url: string,
  { body, raw, headers }: Asked = {},
): Promise<Reply> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await request(url, {
    method: method as Dispatcher.HttpMethod,
    dispatcher: agent,
    headers: { ...type, ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  })
  const text = await answer.body.text()
  const isJson = /json/.test(String(answer.headers['content-type'])) && text !== ''
  const { statusCode: status } = answer
  return {
    status,
    headers: answer.headers as Reply['headers'],
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

function wire(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => (text += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}
