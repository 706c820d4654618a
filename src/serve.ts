/** What `serve` runs: the HTTP face and the monitor, on one database, until it is told to stop. */

import { oneLine } from './domain/text.ts'
import type { ServeSession } from './faces/cli/main.ts'
import { createHttpServer } from './faces/http/server.ts'
import { createWorkerOf, newToken, pause } from './wire.ts'
import { runLoop } from './worker/loop.ts'

export interface ServeProcess {
  env: Readonly<Record<string, string | undefined>>
  elapsedMs(): number
  owner(): Promise<string>
  signal: AbortSignal
}

/** Resolves with the exit code once stopped, with nothing under way. */
export async function runServer(session: ServeSession, runtime: ServeProcess): Promise<number> {
  const { database, now, say } = session
  const worker = await createWorkerOf({
    ...runtime,
    signal: () => runtime.signal,
    database,
    root: session.root,
    now,
  })
  const fault = (what: string, error: unknown): void =>
    say(oneLine(`${now()} ${what}: ${error instanceof Error ? error.message : error}`))
  const server = await createHttpServer({
    database,
    now,
    worker,
    newToken,
    actor: session.actor,
    version: session.version,
    host: session.host,
    home: `Pipeline   ${database.location}`,
    log: { error: (error, { method, path }) => fault(`${method} ${path} failed`, error) },
  })
  const { url } = await server.listen(session.port)
  say(greeting(url, session))
  const { signal } = runtime
  const monitor = session.monitor
    ? runLoop({
        worker,
        now,
        pause,
        signal,
        onRun: ({ itemId, result, incident }) => {
          if (incident) say(`${now()} #${itemId} ${result}: incident #${incident.id} ${incident.change}`)
        },
        onError: (error) => fault('the monitor had a fault and goes on', error),
        onRecovered: () => say(`${now()} the monitor works again`),
      })
    : undefined
  await aborted(signal)
  say('stopping: requests are finished, checks under way are given back')
  await Promise.all([monitor, server.close()])
  return 0
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })

const greeting = (url: string, { database, monitor }: ServeSession): string =>
  [
    `Throughline listens on ${url}`,
    `  pipeline   ${database.location}`,
    `  REST API   ${url}/api/v1 (OpenAPI: ${url}/api/v1/openapi.json)`,
    `  monitor    ${monitor ? 'on: what is live is checked when it is due' : 'off (--no-monitor)'}`,
    '  next       from another terminal here: node tools/db.js pipeline demo (or pipeline demo, where it is installed)',
    '  stop       Ctrl-C',
  ].join('\n')
