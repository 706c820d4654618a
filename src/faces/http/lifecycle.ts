/** The Fastify beneath: its limits, its errors, its start and its end. */

import { STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { TrackerError } from '../../errors.ts'
import { loopback } from './guard.ts'
import { problemOf } from './problem.ts'
import { Refusal } from './refusal.ts'
import { cautious, pathOf, problemJson, sendProblem } from './reply.ts'

/** What a server has to say; silent by default. */
export interface HttpLog {
  /** A fault of ours, or a database that does not answer. */
  error(error: unknown, request: { method: string; path: string }): void
  request?(request: { method: string; path: string; status: number; durationMs: number }): void
}

/** Of path and headers together; of their way here; of the whole request; between two requests. */
const limits = { headerBytes: 16 * 1024, headersMs: 10_000, requestMs: 30_000, keepAliveMs: 5_000 }

const reapMs = 25

export function createApp(log: HttpLog | undefined): FastifyInstance {
  const app = Fastify({
    logger: false,
    http: { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headersMs },
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    return503OnClosing: false,
    // The query is read where an operation wants it.
    routerOptions: { maxParamLength: limits.headerBytes, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => void refuse(log, request, reply, error),
    clientErrorHandler: unreadable,
  })
  app.setErrorHandler((error, request, reply) => refuse(log, request, reply, error))
  if (log?.request) {
    app.addHook('onResponse', async (request, reply) => {
      const { statusCode: status, elapsedTime: durationMs } = reply
      log.request?.({ method: request.method, path: toldPath(request), status, durationMs })
    })
  }
  return app
}

function refuse(
  log: HttpLog | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const { status } = problemOf(error).problem
  if (status >= 500) log?.error(error, { method: request.method, path: toldPath(request) })
  return sendProblem(request, reply, error)
}

/** The path, without the token that it may hold: that is for no log. */
const toldPath = (request: FastifyRequest): string => pathOf(request).replace(/(\/heartbeats\/)[^/]+/, '$1…')

const unreadableStatus: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, `path and headers are over ${limits.headerBytes / 1024} KiB`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
}

/** What is no HTTP has no request to answer: the answer is written as it is. */
function unreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, detail] = unreadableStatus[error.code ?? ''] ?? [400, 'this is not HTTP as it should be']
  const body = JSON.stringify(problemOf(new Refusal(status, 'invalid', detail)).problem)
  const headers = {
    ...cautious,
    'cache-control': 'no-store',
    'content-type': problemJson,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

/**
 * @returns the port
 * @throws  TrackerError `invalid`, or `unavailable` when the port is taken
 */
export async function bind(app: FastifyInstance, port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TrackerError('invalid', `not a port: ${port}`, {
      hint: 'a whole number, 0–65535; 0 takes a free one',
    })
  }
  try {
    await app.listen({ port, host: loopback })
  } catch (error) {
    throw notBound(error as NodeJS.ErrnoException, port)
  }
  return (app.server.address() as AddressInfo).port
}

function notBound(error: NodeJS.ErrnoException, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new TrackerError('unavailable', `port ${port} is in use`, {
      hint: 'choose another one; 0 takes any that is free',
      cause: error,
    })
  }
  if (error.code !== 'EACCES') return error
  return new TrackerError('unavailable', `port ${port} may not be used by this user`, {
    hint: 'choose one above 1023',
    cause: error,
  })
}

/** Connections that become idle are closed at once; what takes longer than `graceMs` is cut. */
export async function shutDown(app: FastifyInstance, graceMs: number): Promise<void> {
  const reaper = setInterval(() => app.server.closeIdleConnections(), reapMs)
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
  try {
    await app.close()
  } finally {
    clearInterval(reaper)
    clearTimeout(cut)
  }
}
