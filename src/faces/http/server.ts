/**
 * The REST face: operations as routes under `/api/v1`, their document, and a word on how the server is.
 *
 * Here lives what is HTTP's own: paths, headers, statuses, tags, problems, and who may talk to a server of this
 * machine. No rule of the product does; arguments, environment, clock and log are handed in.
 */

import type { FastifyInstance } from 'fastify'
import { readJsonBodies } from './body.ts'
import { compressReplies } from './compress.ts'
import { addDocument } from './document.ts'
import { addEvents, eventsPath } from './events.ts'
import type { FaceOptions } from './face.ts'
import { guard, hostsOf, loopback, requireLoopback } from './guard.ts'
import { bind, createApp, type HttpLog, shutDown } from './lifecycle.ts'
import { addMetrics } from './metrics.ts'
import { addPages, givePage } from './pages.ts'
import { addRoutes } from './routes.ts'
import { siteOf } from './site.ts'
import { answerUnrouted } from './unrouted.ts'

export interface HttpOptions extends FaceOptions {
  /** What else stands on `/` where there is no page: which database it is, say. */
  home?: string | undefined
  /** Folder of the page, as the build made it; it need not be there. */
  webRoot?: string | undefined
  log?: HttpLog | undefined
  /** Default 127.0.0.1. */
  host?: string | undefined
  /** How long `/readyz` gives the database, in milliseconds. */
  readyMs?: number | undefined
  /** How long what is under way may still take once the server is closed, in milliseconds. */
  graceMs?: number | undefined
}

export interface HttpServer {
  /** @param port 0 for any that is free */
  listen(port: number): Promise<{ url: string }>
  /** Stops accepting, lets what is under way finish, cuts what takes longer than `graceMs`. */
  close(): Promise<void>
  app: FastifyInstance
}

/** @throws TrackerError `invalid` for an address that others can reach */
export async function createHttpServer(options: HttpOptions): Promise<HttpServer> {
  requireLoopback(options.host ?? loopback)
  // Nobody may talk to it before it has a port.
  let hosts: ReadonlySet<string> = new Set()
  const app = createApp(options.log)
  const site = siteOf(options.webRoot)
  app.addHook('onRequest', (request, reply, done) => {
    guard(request.method, request.headers, hosts)
    if (!request.is404) return done()
    // Before the body is read: it is for nobody.
    givePage(request, reply, site)
      .then((given) => given || answerUnrouted(request, reply))
      .catch(done)
  })
  readJsonBodies(app)
  compressReplies(app)
  addRoutes(app, options)
  addEvents(app, options, (error) => options.log?.error(error, { method: 'GET', path: eventsPath }))
  addDocument(app, options.version)
  addPages(app, options, site)
  addMetrics(app, options)
  await app.ready()
  return {
    app,
    async listen(port) {
      const bound = await bind(app, port)
      hosts = hostsOf(bound)
      return { url: `http://${loopback}:${bound}` }
    },
    close: () => shutDown(app, options.graceMs ?? 4_000),
  }
}
