/**
 * Connections of http checks. By default each request has one of its own, without TLS sessions: an old one would
 * hide an expired certificate, a changed address, a server that takes no more connections; Prometheus'
 * blackbox_exporter does the same. Kept ones are cheaper, and are therefore let go of after a while all the same.
 */

import type { Socket } from 'node:net'

import type { Client } from 'undici'

/** Node's own 250 ms gives up on far addresses of hosts that have several. */
const NEXT_ADDRESS_AFTER_MS = 1000
/** A little more than a minute, so that a check a minute finds its connection again. */
const IDLE_MS = 65_000
/** Certificate and address are looked at again at least this often. */
const MAX_AGE_MS = 600_000
/** Each kept connection is a file handle here and there. */
const MAX_KEPT = 1000
const MAX_KEPT_PER_ORIGIN = 64

export interface Connection {
  readonly client: Client
  readonly origin: string
  /** It has carried a request before, and may have died since. */
  readonly kept: boolean
  readonly openedMs: number
  close(): void
}

export interface Connections {
  /**
   * @param fresh  not a kept one
   * @param nowMs  monotonic, as everywhere here
   */
  open(origin: string, nowMs: number, fresh?: boolean): Connection
  /** Takes back one whose answer was read to its end; keeps it where that is wanted, else closes it. */
  giveBack(connection: Connection): void
  /** Closes what is kept for an origin that does not answer: the others may be as dead. */
  forget(origin: string): void
  /** Closes all that is kept, and keeps no more. */
  close(): void
}

export interface ConnectionOptions {
  keepAlive: boolean
  /** Certificates (PEM) to trust instead of Node's own list. */
  ca?: string
  idleMs?: number
}

type Undici = typeof import('undici')

export function createConnections(
  { buildConnector, Client }: Undici,
  { keepAlive, ca, idleMs = IDLE_MS }: ConnectionOptions,
): Connections {
  let keeps = keepAlive
  /** The newest last, over all origins and in each. */
  const all = new Set<Connection>()
  const byOrigin = new Map<string, Connection[]>()

  const connect = buildConnector({
    // the attempt's own deadline is the only one
    timeout: 0,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    ...(ca !== undefined && { ca }),
  })

  function make(origin: string, nowMs: number): Connection {
    let socket: Socket | undefined
    const client = new Client(origin, {
      connect: (options, callback) => {
        // returned, though not declared so; undici itself does not end a connection that is still being made
        socket = connect(options, callback) as unknown as Socket
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      // a server that says it waits less is believed
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
    })
    const close = () => {
      client.destroy().catch(() => {})
      socket?.destroy()
    }
    return { client, origin, kept: false, openedMs: nowMs, close }
  }

  function remove(connection: Connection): void {
    if (!all.delete(connection)) return
    const kept = byOrigin.get(connection.origin)?.filter((each) => each !== connection) ?? []
    if (kept.length > 0) byOrigin.set(connection.origin, kept)
    else byOrigin.delete(connection.origin)
  }

  function drop(connection: Connection): void {
    remove(connection)
    connection.close()
  }

  function keep(connection: Connection): void {
    const kept = byOrigin.get(connection.origin) ?? []
    const surplus =
      kept.length >= MAX_KEPT_PER_ORIGIN
        ? kept[0]
        : all.size >= MAX_KEPT
          ? all.values().next().value
          : undefined
    if (surplus) drop(surplus)
    all.add(connection)
    byOrigin.set(connection.origin, [...(byOrigin.get(connection.origin) ?? []), connection])
  }

  function takeKept(origin: string, nowMs: number): Connection | undefined {
    for (;;) {
      const newest = byOrigin.get(origin)?.at(-1)
      if (newest === undefined) return undefined
      remove(newest)
      if (nowMs - newest.openedMs < MAX_AGE_MS) return newest
      newest.close()
    }
  }

  return {
    open: (origin, nowMs, fresh = false) =>
      (fresh ? undefined : takeKept(origin, nowMs)) ?? make(origin, nowMs),
    giveBack(connection) {
      if (!keeps) return connection.close()
      const { client } = connection
      const again = connection.kept ? connection : { ...connection, kept: true }
      // closed by the server, or idle for too long; one in use is left to its exchange
      if (!connection.kept) client.on('disconnect', () => all.has(again) && drop(again))
      keep(again)
    },
    forget: (origin) => byOrigin.get(origin)?.forEach(drop),
    close() {
      keeps = false
      all.forEach(drop)
    },
  }
}
