/** One spawner as its worker sees it: a process, a channel to it, and the runs that are under way in it. */

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

import { type Cut, watchDeadline } from './deadline.ts'
import { runnerFault } from './faults.ts'
import { onWindows, signalGroup } from './process-group.ts'
import { notStarted, type ProgramEnd, type ProgramRequest } from './program.ts'
import { type FromSpawner, gather, type ToSpawner } from './spawner-message.ts'

/** Longer than a program has from the end of its time to its own: grace and last output. */
const ANSWER_MS = 10_000
/** From the end of its channel until it is killed. */
const EXIT_MS = 2000

export interface SpawnerFile {
  /** The bundle of spawner-process.ts. */
  path: string
  /** The Node that runs it. */
  execPath: string
  /** From the end of a run's time, or its stop, until a spawner that says nothing is killed. */
  answerMs?: number
}

export interface SpawnerChild {
  /** @returns  undefined where it ended before it listened: then nothing was run */
  run(request: ProgramRequest): Promise<ProgramEnd | undefined>
  /** Ends it; what is under way is killed and told as stopped. Resolves when it is gone. */
  close(): Promise<void>
  readonly gone: boolean
  readonly underWay: number
}

interface Run {
  resolve(end: ProgramEnd | undefined): void
  endWatch(): void
  elapsedMs(): number
  startedMs: number
  /** Of the program, and its group. */
  pid?: number
}

export function startSpawner(file: SpawnerFile): SpawnerChild {
  return new Started(file)
}

class Started implements SpawnerChild {
  readonly #child: ChildProcess | undefined
  readonly #runs = new Map<number, Run>()
  readonly #exited: Promise<void>
  readonly #answerMs: number
  #nextId = 1
  #listens = false
  #closed = false
  gone = false

  constructor(file: SpawnerFile) {
    this.#answerMs = file.answerMs ?? ANSWER_MS
    try {
      this.#child = launch(file)
    } catch {
      this.gone = true
    }
    this.#exited = new Promise((resolve) => this.#child?.on('exit', () => resolve()).on('error', resolve))
    this.#child
      ?.on('message', (messages: FromSpawner[]) => this.#hear(messages))
      // after the last message, unlike `exit`
      .on('disconnect', () => this.#onGone())
      .on('error', () => this.#onError())
    // it keeps no process alive, unless there is something to wait for
    this.#child?.unref()
    this.#child?.channel?.unref()
  }

  get underWay(): number {
    return this.#runs.size
  }

  run({ argv, cwd, env, timeoutMs, signal, elapsedMs }: ProgramRequest): Promise<ProgramEnd | undefined> {
    return new Promise((resolve) => {
      if (this.gone) return resolve(undefined)
      const id = this.#nextId++
      const run: Run = { resolve, endWatch() {}, elapsedMs, startedMs: elapsedMs() }
      if (this.#runs.size === 0) this.#child?.channel?.ref()
      this.#runs.set(id, run)
      this.#say({ run: id, argv, cwd, env, timeoutMs })
      run.endWatch = watchDeadline(timeoutMs + this.#answerMs, signal, (cut) => this.#onCut(id, run, cut))
    })
  }

  async close(): Promise<void> {
    if (this.gone && !this.#closed) return
    this.#closed = true
    this.#endRuns(() => notStarted({ cut: 'stopped' }))
    const child = this.#child
    child?.ref()
    if (child?.connected) child.disconnect()
    const timer = setTimeout(() => child?.kill('SIGKILL'), EXIT_MS)
    await this.#exited
    clearTimeout(timer)
  }

  readonly #say = gather((messages: ToSpawner[]) => {
    // where the channel is closed already, `disconnect` answers
    if (this.#child?.connected) this.#child.send(messages, () => {})
  })

  #hear(messages: FromSpawner[]): void {
    for (const message of messages) {
      if ('ready' in message) this.#listens = true
      else if ('ended' in message) this.#end(message.ended, message.end)
      else {
        const run = this.#runs.get(message.started)
        if (run) run.pid = message.pid
      }
    }
  }

  #end(id: number, end: ProgramEnd | undefined): void {
    const run = this.#runs.get(id)
    if (!run) return
    this.#runs.delete(id)
    if (this.#runs.size === 0) this.#child?.channel?.unref()
    run.endWatch()
    run.resolve(end)
  }

  /** A stop is the spawner's to act on, as is the end of the time: it is given up only where it does not. */
  #onCut(id: number, run: Run, cut: Cut): void {
    if (cut === 'timeout') {
      this.#child?.kill('SIGKILL')
      return
    }
    this.#say({ stop: id })
    run.endWatch = watchDeadline(this.#answerMs, undefined, () => this.#child?.kill('SIGKILL'))
  }

  /** Killed, or crashed: the programs it ran have nobody else who ends them. */
  #onGone(): void {
    if (this.gone) return
    this.gone = true
    for (const { pid } of this.#runs.values()) if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    this.#endRuns((run) => (this.#listens ? lost(run) : undefined))
  }

  /** It could not be started, or not be told something; one that runs ends its channel by itself. */
  #onError(): void {
    if (this.#child?.pid === undefined) this.#onGone()
  }

  #endRuns(endOf: (run: Run) => ProgramEnd | undefined): void {
    for (const [id, run] of this.#runs) this.#end(id, endOf(run))
  }
}

function launch({ path: file, execPath }: SpawnerFile): ChildProcess {
  return spawn(execPath, [file], {
    // not the worker's: that may be removed, and must not be held
    cwd: path.dirname(file),
    env: {},
    // a session of its own: Ctrl-C is for the worker, which then stops its runs
    detached: !onWindows,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // measured: twice as fast as `advanced` for messages of this size
    serialization: 'json',
  })
}

function lost({ elapsedMs, startedMs }: Run): ProgramEnd {
  const fault = runnerFault('spawner-ended', 'the process that runs the commands ended during the check')
  return { ...notStarted({ fault }), durationMs: elapsedMs() - startedMs }
}
