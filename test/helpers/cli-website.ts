/** A real web server that a test stops and starts again on the same port. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEnd } from './engines.ts'

export interface Website {
  url: string
  stop(): Promise<void>
  /** On the port it had. */
  start(): Promise<void>
}

/** Answers 200 with `ok`, until it is stopped or the test is over. */
export async function freshWebsite(): Promise<Website> {
  let server = await listening(0)
  const { port } = server.address() as AddressInfo
  const stop = (): Promise<void> => closed(server)
  atEnd(stop)
  const start = async (): Promise<void> => {
    server = await listening(port)
  }
  return { url: `http://127.0.0.1:${port}/health`, stop, start }
}

function listening(port: number): Promise<Server> {
  const server = createServer((_, response) => response.end('all is ok'))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function closed(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
