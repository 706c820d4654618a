/** The process: argv, environment, streams and exit code meet the command line here, and nowhere else. */

import { isUtf8 } from 'node:buffer'
import { fstatSync, readFileSync, statSync, writeSync } from 'node:fs'
import { type Instant, toInstant } from './domain/instant.ts'
import { TrackerError } from './errors.ts'
import { type Io, main, type ServeSession, type Terminal } from './faces/cli/main.ts'
import { removeUnfinished, whenBegun } from './store/new-file.ts'
import { openDatabase } from './store/open.ts'
import { channelsOf, lazyWorker, newToken } from './wire.ts'

declare const VERSION: string
/** Of the bundle. */
declare const __dirname: string

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
  return decoded(Buffer.concat(chunks), 'standard input')
}

/**
 * Nothing in it is repaired in silence. A byte order mark is no part of it.
 * @throws TrackerError `invalid`, with the line
 */
function decoded(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TrackerError('invalid', `${name} is not UTF-8: see line ${firstWrongLine(bytes)}`, {
      hint: 'save it as UTF-8, or say what it is to iconv: iconv -f LATIN1 -t UTF-8',
      cause,
    })
  }
}

function firstWrongLine(bytes: Buffer): number {
  const newline = 10
  let line = 1
  for (let at = 0; at < bytes.length; line += 1) {
    const end = bytes.indexOf(newline, at)
    const text = bytes.subarray(at, end === -1 ? bytes.length : end)
    if (!isUtf8(text)) return line
    at = end === -1 ? bytes.length : end + 1
  }
  return line
}

/** Unique among all processes that share a database. */
async function owner(): Promise<string> {
  const { hostname } = await import('node:os')
  return `${hostname()}:${process.pid}:${Math.round(performance.timeOrigin * 1000).toString(36)}`
}

/** A server that was told to stop is gone after this, in milliseconds, whatever hangs. */
const stopWithinMs = 15_000

async function serve(session: ServeSession): Promise<number> {
  // What a run leaves behind is young: room for more of it is memory alone, a tenth of the process.
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1')
  const { runServer } = await import('./serve.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort()
      // Where the database hangs, nothing ends by itself.
      setTimeout(() => process.exit(1), stopWithinMs).unref()
    })
  }
  return runServer(session, {
    env: process.env,
    elapsedMs,
    owner,
    signal: stop.signal,
    spawner: spawner(),
    // Built beside the command.
    webRoot: `${__dirname}/web`,
  })
}

/** Programs of checks are run by a small process, which ends them when this one is gone. */
const spawner = () => ({ path: `${__dirname}/spawner.cjs`, execPath: process.execPath })

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
  reader: { stdin, file: async (path) => decoded(readFileSync(path), path) },
  version: VERSION,
  open: openDatabase,
  newToken,
  worker: (database, root, now) =>
    lazyWorker({
      database,
      root,
      now,
      env: process.env,
      elapsedMs,
      owner,
      signal: stopped,
      spawner: spawner(),
    }),
  channels: (database, root, now) => channelsOf({ database, root, now, env: process.env, elapsedMs, owner }),
  serve,
  stopped,
  sweep,
  runOnTerminal,
})

const ends = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

/** The exit code of a command that was stopped in the middle. */
let interrupted: number | undefined

/** A check under way is ended with its whole process group when the command is, and an upgrade is undone. */
const stopped = (): AbortSignal => {
  const stop = new AbortController()
  for (const [signal, code] of ends) {
    process.once(signal, () => {
      interrupted = code
      stop.abort()
    })
  }
  return stop.signal
}

let collect: (() => void) | undefined

/** V8 would keep all garbage until it is short of memory, which on most machines it never is. */
function sweep(): void {
  if (collect === undefined) {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8')
    setFlagsFromString('--expose-gc')
    collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void
  }
  collect()
}

/** A file that is half-made goes with the process. */
function endTidily(): void {
  for (const [signal, code] of ends) {
    if (process.listenerCount(signal) > 0) continue
    process.on(signal, () => {
      removeUnfinished()
      process.exit(code)
    })
  }
}

/** Runs one command and sets the exit code. */
export async function start(argv: readonly string[]): Promise<void> {
  whenBegun(endTidily)
  const code = await main(ioOf(argv))
  process.exitCode = interrupted ?? code
}
