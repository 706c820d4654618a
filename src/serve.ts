/** What `serve` runs: the HTTP face and the monitor, on one database, until it is told to stop. */

import { toInstant, toMs } from './domain/instant.ts'
import type { ServeSession } from './faces/cli/main.ts'
import { createHttpServer } from './faces/http/server.ts'
import { createWorkerOf, pause } from './wire.ts'
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
  const server = await createHttpServer({
    database,
    now,
    worker,
    actor: session.actor,
    version: session.version,
    host: session.host,
  })
  const { url } = await server.listen(session.port)
  say(greeting(url, session))
  const loop = session.monitor
    ? runLoop({
        worker,
        now,
        pause,
        signal: runtime.signal,
        onRun: (run) => {
          if (run.incident)
            say(
              `${toInstant(toMs(now()))} #${run.itemId} ${run.result}: incident #${run.incident.id} ${run.incident.change}`,
            )
        },
        onError: (error) =>
          say(
            `${now()} the monitor had a fault and goes on: ${error instanceof Error ? error.message : error}`,
          ),
      })
    : new Promise<void>((resolve) => runtime.signal.addEventListener('abort', () => resolve()))
  await loop
  say('stopping: running requests are finished first')
  await server.close()
  return 0
}

const greeting = (url: string, { database, monitor }: ServeSession): string =>
  [
    `Throughline listens on ${url}`,
    `  pipeline   ${database.location}`,
    `  REST API   ${url}/api/v1 (OpenAPI: ${url}/api/v1/openapi.json)`,
    `  monitor    ${monitor ? 'on: what is live is checked when it is due' : 'off (--no-monitor)'}`,
    '  next       pipeline create "My first item", or look at a sample: pipeline demo',
    '  stop       Ctrl-C',
  ].join('\n')
