/** The process: argv, environment, streams and exit code meet the command line here, and nowhere else. */

import { fstatSync, readFileSync, statSync, writeSync } from 'node:fs'
import { type Instant, toInstant } from './domain/instant.ts'
import { TrackerError } from './errors.ts'
import { type Io, main, type ServeSession, type Terminal } from './faces/cli/main.ts'
import { openDatabase } from './store/open.ts'
import { lazyWorker, newToken } from './wire.ts'

declare const VERSION: string

const clock = (): Instant => toInstant(Date.now())
const elapsedMs = (): number => performance.now()

/** Synchronous, so that nothing is lost when the process ends; a reader that went away is no error. */
function terminal(fd: 1 | 2): Terminal {
  return {
    write: (text) => (fd === 1 ? writeAll(fd, Buffer.from(text)) : writeTalk(text)),
    get isTerminal() {
      return isTerminal(fd)
    },
    get columns() {
      if (Number(process.env.COLUMNS)) return Number(process.env.COLUMNS)
      return isTerminal(fd) ? (fd === 1 ? process.stdout : process.stderr).columns : undefined
    },
  }
}

const devNull = process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null'

/** Node's own streams are made only for a device: a pipe or a file is told apart without their cost. */
function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    const device = fstatSync(fd)
    if (!device.isCharacterDevice() || device.rdev === statSync(devNull).rdev) return false
  } catch {
    return false // closed
  }
  return (fd === 0 ? process.stdin : fd === 1 ? process.stdout : process.stderr).isTTY === true
}

function writeAll(fd: 1 | 2, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw unwritable(error as Error)
      // A full pipe that does not block: its reader needs a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** Talk that nobody can hear is no reason to fail. */
function writeTalk(text: string): void {
  try {
    writeAll(2, Buffer.from(text))
  } catch {}
}

const unwritable = (error: Error): TrackerError =>
  new TrackerError('unavailable', `the answer could not be written: ${error.message}`, {
    hint: 'what was asked for is done; see it: pipeline log',
    cause: error,
  })

async function stdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Unique among all processes that share a database. */
async function owner(): Promise<string> {
  const { hostname } = await import('node:os')
  return `${hostname()}:${process.pid}:${Math.round(performance.timeOrigin * 1000).toString(36)}`
}

/** A server that was told to stop is gone after this, in milliseconds, whatever hangs. */
const stopWithinMs = 15_000

async function serve(session: ServeSession): Promise<number> {
  const { runServer } = await import('./serve.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort()
      // Where the database hangs, nothing ends by itself.
      setTimeout(() => process.exit(1), stopWithinMs).unref()
    })
  }
  return runServer(session, { env: process.env, elapsedMs, owner, signal: stop.signal })
}

async function runOnTerminal([program = '', ...args]: string[]): Promise<number> {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', () => resolve(127))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

const ioOf = (argv: readonly string[]): Io => ({
  argv,
  env: process.env,
  get cwd() {
    return process.cwd()
  },
  systemUser: () => process.getBuiltinModule('node:os').userInfo().username,
  clock,
  stdout: terminal(1),
  stderr: terminal(2),
  get stdinIsTerminal() {
    return isTerminal(0)
  },
  reader: { stdin, file: async (path) => readFileSync(path, 'utf8') },
  version: VERSION,
  open: openDatabase,
  newToken,
  worker: (database, root, now) =>
    lazyWorker({ database, root, now, env: process.env, elapsedMs, owner, signal: stopped }),
  serve,
  runOnTerminal,
})

/** The exit code of a command that was stopped in the middle of a check. */
let interrupted: number | undefined

/** A check under way is ended with its whole process group when the command is. */
const stopped = (): AbortSignal => {
  const stop = new AbortController()
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      interrupted = code
      stop.abort()
    })
  }
  return stop.signal
}

/** Runs one command and sets the exit code. */
export async function start(argv: readonly string[]): Promise<void> {
  const code = await main(ioOf(argv))
  process.exitCode = interrupted ?? code
}
