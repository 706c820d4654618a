/**
 * Runs programs in a process for that (spawner-process.ts): a worker of 250 MB forks several times slower than a
 * small process. It is started at the first program, let go of when idle, and replaced when it died. Where none can
 * be started, such as after Node itself was replaced, programs are run from here: slower, and no check is lost.
 */

import { notStarted, type ProgramRequest, type RunProgram, runProgram } from './program.ts'
import { type SpawnerChild, type SpawnerFile, startSpawner } from './spawner-child.ts'

const IDLE_MS = 10 * 60_000
/** After one that could not be started. */
const RETRY_MS = 60_000

export interface SpawnerOptions extends SpawnerFile {
  /** How long it may have nothing to do before it is let go of. */
  idleMs?: number
}

export interface Spawner {
  run: RunProgram
  /** Kills what is under way, which is told as stopped, and ends the process; after that nothing is run. */
  close(): Promise<void>
}

export function createSpawner({ idleMs = IDLE_MS, ...file }: SpawnerOptions): Spawner {
  let child: SpawnerChild | undefined
  let closed = false
  let retryAtMs = Number.NEGATIVE_INFINITY
  let idle: NodeJS.Timeout | undefined

  const letGo = async (): Promise<void> => {
    clearTimeout(idle)
    idle = undefined
    const last = child
    child = undefined
    await last?.close()
  }
  const watchIdle = (): void => {
    if (child === undefined || child.underWay > 0) return
    if (idle === undefined) idle = setTimeout(onIdle, idleMs).unref()
    else idle.refresh()
  }
  const onIdle = (): void => {
    if (child?.underWay === 0) void letGo()
  }
  const runBeside = async (request: ProgramRequest) => {
    if (child === undefined || child.gone) child = startSpawner(file)
    const end = await child.run(request)
    watchIdle()
    return end
  }

  return {
    async run(request) {
      if (closed || request.signal?.aborted) return notStarted({ cut: 'stopped' })
      if (request.elapsedMs() < retryAtMs) return runProgram(request)
      const end = await runBeside(request)
      if (end !== undefined) return end
      retryAtMs = request.elapsedMs() + RETRY_MS
      return closed || request.signal?.aborted ? notStarted({ cut: 'stopped' }) : runProgram(request)
    },
    async close() {
      closed = true
      await letGo()
    },
  }
}
