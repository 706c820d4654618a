/**
 * Runs one program to its end, without a shell, in a process group of its own, and leaves nothing behind:
 * whatever of the group outlives the program is killed. Only a grandchild that made itself a session of its own
 * (`setsid`) gets away; it can't hold the attempt up.
 */

import { type ChildProcess, spawn } from 'node:child_process'

import type { Fault } from '../domain/observation.ts'
import { type Capture, createCapture } from './capture.ts'
import { type Cut, watchDeadline } from './deadline.ts'
import { isGroupAlive, onWindows, signalGroup } from './process-group.ts'

/** Kept of stdout, and of stderr. */
const OUTPUT_CAP_BYTES = 64 * 1024
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 1000
/** How often it is looked whether the group is gone before the grace is over. */
const POLL_MS = 25
/** From the end of the program (or SIGKILL) until we stop listening to pipes that somebody still holds. */
const DRAIN_MS = 500

export interface ProgramRequest {
  argv: [string, ...string[]]
  cwd: string
  env: Record<string, string>
  timeoutMs: number
  signal: AbortSignal | undefined
  elapsedMs(): number
  /** On standard input; nothing is there where it is not said. */
  stdin?: string
  /** Called once when the program runs; its group has the same number. */
  onStart?(pid: number): void
}

/** Plain: it may come from another process. */
export interface ProgramEnd {
  durationMs: number
  /** Null when a signal ended it, or nothing could. */
  exitCode: number | null
  signal: string | null
  stdout: ProgramOutput
  stderr: ProgramOutput
  cut?: Cut
  /** It could not be started. */
  error?: { code?: string; message: string }
  /** What became of it is not known, by no fault of the program. */
  fault?: Fault
}

export interface ProgramOutput {
  text: string
  /** More came than was kept. */
  truncated: boolean
}

/** Runs one program to its end; never rejects. */
export type RunProgram = (request: ProgramRequest) => Promise<ProgramEnd>

export const runProgram: RunProgram = (request) =>
  new Promise((resolve) => new Attempt(request, resolve).start())

/** The end of a program that was cut before it was started. */
export const notStarted = (reason: Pick<ProgramEnd, 'cut' | 'fault'>): ProgramEnd => ({
  durationMs: 0,
  exitCode: null,
  signal: null,
  stdout: { text: '', truncated: false },
  stderr: { text: '', truncated: false },
  ...reason,
})

class Attempt {
  readonly #request: ProgramRequest
  readonly #resolve: (end: ProgramEnd) => void
  readonly #startedMs: number
  readonly #stdout = createCapture(OUTPUT_CAP_BYTES)
  readonly #stderr = createCapture(OUTPUT_CAP_BYTES)
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #poll: NodeJS.Timeout | undefined
  #endWatch = () => {}
  #exit: { exitCode: number | null; signal: string | null; durationMs: number } | undefined
  #cut: Cut | undefined
  #killed = false
  #closed = false

  constructor(request: ProgramRequest, resolve: (end: ProgramEnd) => void) {
    this.#request = request
    this.#resolve = resolve
    this.#startedMs = request.elapsedMs()
  }

  start(): void {
    const { argv, cwd, env, timeoutMs, signal, stdin } = this.#request
    const [program, ...args] = argv
    try {
      this.#child = spawn(program, args, {
        cwd,
        env,
        shell: false,
        detached: !onWindows,
        windowsHide: true,
        stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      })
    } catch (error) {
      this.#finish(error as NodeJS.ErrnoException)
      return
    }
    this.#listen(this.#child)
    // a program need not read what it is given
    this.#child.stdin?.on('error', () => {}).end(stdin)
    if (this.#child.pid !== undefined) this.#request.onStart?.(this.#child.pid)
    this.#endWatch = watchDeadline(timeoutMs, signal, (cut) => this.#onCut(cut))
  }

  #listen(child: ChildProcess): void {
    // the streams are missing when there was no file handle left for them
    child.stdout?.on('data', (chunk: Uint8Array) => this.#stdout.add(chunk))
    child.stderr?.on('data', (chunk: Uint8Array) => this.#stderr.add(chunk))
    child.on('error', (error) => this.#finish(error))
    child.on('exit', (exitCode, signal) => this.#onExit(exitCode, signal))
    child.on('close', () => this.#onClose())
  }

  #onCut(cut: Cut): void {
    this.#cut = cut
    if (cut === 'stopped') {
      // the worker may be gone before a grace is over
      this.#kill()
      return
    }
    this.#signal('SIGTERM')
    this.#wait(GRACE_MS, () => this.#kill())
  }

  #onExit(exitCode: number | null, signal: string | null): void {
    this.#endWatch()
    this.#exit = { exitCode, signal, durationMs: this.#request.elapsedMs() - this.#startedMs }
    if (this.#cut === 'timeout' && !this.#killed) this.#awaitGroup()
    else this.#kill()
  }

  #onClose(): void {
    this.#closed = true
    if (this.#killed) this.#finish()
  }

  /** The program obeyed SIGTERM; what it started has the rest of the grace to do so too. */
  #awaitGroup(): void {
    if (this.#isAlive()) this.#poll = setTimeout(() => this.#awaitGroup(), POLL_MS)
    else this.#kill()
  }

  /** SIGKILL for what is left; then the last output, but no waiting for a process that can't be killed. */
  #kill(): void {
    clearTimeout(this.#poll)
    this.#killed = true
    this.#signal('SIGKILL')
    if (this.#closed) this.#finish()
    else this.#wait(DRAIN_MS, () => this.#finish())
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid
    if (pid !== undefined) signalGroup(pid, signal)
  }

  #isAlive(): boolean {
    const pid = this.#child?.pid
    return pid !== undefined && isGroupAlive(pid)
  }

  #wait(delayMs: number, then: () => void): void {
    clearTimeout(this.#timer)
    // output that is already there is read before `then`, also after the event loop was blocked
    this.#timer = setTimeout(() => setImmediate(then), delayMs)
  }

  #finish(error?: NodeJS.ErrnoException): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#poll)
    this.#endWatch()
    this.#child?.stdout?.destroy()
    this.#child?.stderr?.destroy()
    this.#child?.unref()
    this.#resolve({
      exitCode: null,
      signal: null,
      durationMs: this.#request.elapsedMs() - this.#startedMs,
      ...this.#exit,
      stdout: outputOf(this.#stdout),
      stderr: outputOf(this.#stderr),
      ...(this.#cut === undefined ? {} : { cut: this.#cut }),
      ...(error === undefined ? {} : { error: startError(error) }),
    })
  }
}

function outputOf(capture: Capture): ProgramOutput {
  return { text: capture.text(), truncated: capture.truncated }
}

function startError({ code, message }: NodeJS.ErrnoException): ProgramEnd['error'] {
  return { message, ...(typeof code === 'string' && { code }) }
}
