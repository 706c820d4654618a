/** Servers on loopback for one test. */

import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { createServer as createNetServer } from 'node:net'
import { createServer as createHandshakeServer, type TlsOptions } from 'node:tls'
import type { Certificate } from './certificate.ts'
import { waitUntil } from './plan.ts'

const open = new Set<{ server: NetServer; sockets: Set<Socket> }>()

export async function serve(listener: RequestListener): Promise<{ server: Server; origin: string }> {
  const server = createServer(listener)
  return { server, origin: `http://127.0.0.1:${await listen(server)}` }
}

export async function serveTls(certificate: Certificate): Promise<string> {
  const server = createTlsServer(certificate, (_, response) => response.end('secret garden'))
  return `https://localhost:${await listen(server)}`
}

/** @returns  the port of a server that shakes hands and says nothing */
export function serveHandshakes(options: TlsOptions): Promise<number> {
  return listen(createHandshakeServer(options))
}

/** @param listener  what to do with each connection */
export async function serveRaw(
  listener: (socket: Socket) => void,
): Promise<{ server: NetServer; origin: string }> {
  const server = createNetServer(listener)
  return { server, origin: `http://127.0.0.1:${await listen(server)}` }
}

/** Waits until nobody holds a connection to it. */
export function waitUntilUnused(server: NetServer): Promise<void> {
  return waitUntil(() => [...open].find((each) => each.server === server)?.sockets.size === 0)
}

export async function closeServers(): Promise<void> {
  for (const { server, sockets } of open) {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  open.clear()
}

function listen(server: NetServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  open.add({ server, sockets })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
