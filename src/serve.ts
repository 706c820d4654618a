/** What keeps running: the HTTP face, the monitor, or both, on one database, until they are told to stop. */

import { toMs } from './domain/instant.ts'
import { oneLine } from './domain/text.ts'
import type { ServeSession } from './faces/cli/main.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { createWorkerOf, newToken, pause, type StayingOptions } from './wire.ts'
import { runKeeper } from './worker/keeper.ts'
import { runLoop } from './worker/loop.ts'
import { runTeller } from './worker/run-teller.ts'
import type { Worker } from './worker/worker.ts'

export interface ServeProcess {
  env: Readonly<Record<string, string | undefined>>
  elapsedMs(): number
  owner(): Promise<string>
  signal: AbortSignal
  spawner: NonNullable<StayingOptions['spawner']>
  /** Folder of the page. */
  webRoot: string
}

/** Resolves with the exit code once stopped, with nothing under way. */
export async function runServer(session: ServeSession, runtime: ServeProcess): Promise<number> {
  const { database, now, say, root } = session
  const { signal, spawner } = runtime
  const notifier = await createNotifier({ ...runtime, root, nowMs: () => toMs(now()) })
  const staying = await createWorkerOf(
    { ...runtime, signal: () => signal, database, root, now },
    { spawner, storm: notifier.config.storm, ...session.watch },
  )
  try {
    const server = session.http && (await httpServer(session, staying.worker, runtime.webRoot))
    const address = session.http && server && (await server.listen(session.http.port)).url
    say(greeting(address ?? undefined, session))
    const monitor = session.monitor ? watchOver(session, staying.worker, notifier, signal) : undefined
    await aborted(signal)
    say('stopping: requests are finished, checks under way are given back')
    await Promise.all([monitor, server?.close()])
    return 0
  } finally {
    await staying.close()
  }
}

const fault = ({ now, say }: ServeSession, what: string, error: unknown): void =>
  say(oneLine(`${now()} ${what}: ${error instanceof Error ? error.message : error}`))

async function httpServer(session: ServeSession, worker: Worker, webRoot: string) {
  const { createHttpServer } = await import('./faces/http/server.ts')
  const { database, now, actor, version, http } = session
  return createHttpServer({
    database,
    now,
    pause,
    worker,
    newToken,
    actor,
    version,
    webRoot,
    host: http!.host,
    home: `Pipeline   ${database.location}`,
    log: { error: (error, { method, path }) => fault(session, `${method} ${path} failed`, error) },
  })
}

async function watchOver(
  session: ServeSession,
  worker: Worker,
  notifier: Notifier,
  signal: AbortSignal,
): Promise<void> {
  const { now, say, database } = session
  let lastPassMs: number | undefined
  const keeper = runKeeper({
    database,
    config: notifier.config,
    now,
    send: notifier.send,
    callDeadman: notifier.callDeadman,
    lastPassMs: () => lastPassMs,
    pause,
    signal,
    onError: (error) => fault(session, 'notifications had a fault and go on', error),
    onFailed: (text) => say(oneLine(`${now()} ${text}`)),
  })
  const loop = runLoop({
    worker,
    now,
    pause,
    signal,
    onRun: runTeller((line) => say(`${now()} ${line}`)),
    onError: (error) => fault(session, 'the monitor had a fault and goes on', error),
    onRecovered: () => say(`${now()} the monitor works again`),
    onPass: () => {
      lastPassMs = toMs(now())
    },
  })
  await Promise.all([loop, keeper])
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })

function greeting(url: string | undefined, { database, monitor, watch }: ServeSession): string {
  const { runner = 'local' } = watch
  const whose = runner === 'local' ? '' : `, of runners with the label ${runner}`
  const watched = monitor ? `on: what is live is checked when it is due${whose}` : 'off (--no-monitor)'
  if (url === undefined) {
    const lines = [`  pipeline   ${database.location}`, `  monitor    ${watched}`, '  stop       Ctrl-C']
    return ['Throughline watches what is live', ...lines].join('\n')
  }
  return [
    `Throughline listens on ${url}`,
    `  pipeline   ${database.location}`,
    `  REST API   ${url}/api/v1 (OpenAPI: ${url}/api/v1/openapi.json)`,
    `  monitor    ${watched}`,
    '  next       from another terminal here: node tools/db.js pipeline demo (or pipeline demo, where it is installed)',
    '  stop       Ctrl-C',
  ].join('\n')
}
