/**
 * The spawner: a small process that runs the programs of a large one, because a fork copies the page tables of
 * whoever forks. It lives as long as its channel: when the worker closes that, or is gone, it kills what is under
 * way and ends. It knows no database and no secret but those in a request. A bundle of its own: dist/spawner.cjs.
 */

import { runProgram } from './program.ts'
import { type FromSpawner, gather, type ToSpawner } from './spawner-message.ts'

const underWay = new Map<number, AbortController>()

const tell = gather((messages: FromSpawner[]) => {
  // nobody may be left to hear it: `disconnect` says so
  if (process.connected) process.send?.(messages, undefined, undefined, () => {})
})

async function run({ run: id, ...request }: Extract<ToSpawner, { run: number }>): Promise<void> {
  const stop = new AbortController()
  underWay.set(id, stop)
  const end = await runProgram({
    ...request,
    signal: stop.signal,
    elapsedMs: () => performance.now(),
    onStart: (pid) => tell({ started: id, pid }),
  })
  underWay.delete(id)
  tell({ ended: id, end })
  if (!process.connected) endWhenIdle()
}

function endWhenIdle(): void {
  if (underWay.size === 0) process.exit(0)
}

// a signal for the whole service is the worker's to act on: it stops its runs, and then this
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

process.on('disconnect', () => {
  for (const stop of underWay.values()) stop.abort()
  endWhenIdle()
})

// not gathered: nothing may be run before this is said
process.send?.([{ ready: true }] satisfies FromSpawner[], undefined, undefined, () => {})
process.on('message', (messages: ToSpawner[]) => {
  for (const message of messages) {
    if ('stop' in message) underWay.get(message.stop)?.abort()
    else void run(message)
  }
})
