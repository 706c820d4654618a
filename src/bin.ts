/** The process: argv, environment, streams and exit code meet the command line here, and nowhere else. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { type Instant, toInstant } from './domain/instant.ts'
import { type Io, main, type ServeSession, type Terminal } from './faces/cli/main.ts'
import { openDatabase } from './store/open.ts'
import { lazyWorker } from './wire.ts'

declare const VERSION: string

const clock = (): Instant => toInstant(Date.now())
const elapsedMs = (): number => performance.now()

/** Synchronous, so that nothing is lost when the process ends; a reader that went away is no error. */
function terminal(fd: 1 | 2): Terminal {
  const stream = fd === 1 ? process.stdout : process.stderr
  return {
    write: (text) => writeAll(fd, Buffer.from(text)),
    get isTerminal() {
      return stream.isTTY === true
    },
    get columns() {
      return Number(process.env.COLUMNS) || stream.columns
    },
  }
}

function writeAll(fd: 1 | 2, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      // A full pipe that does not block: its reader needs a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

async function stdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const owner = (): string => `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`

async function serve(session: ServeSession): Promise<number> {
  const { runServer } = await import('./serve.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return runServer(session, { env: process.env, elapsedMs, owner: owner(), signal: stop.signal })
}

function runOnTerminal([program = '', ...args]: string[]): Promise<number> {
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
  clock,
  stdout: terminal(1),
  stderr: terminal(2),
  get stdinIsTerminal() {
    return process.stdin.isTTY === true
  },
  reader: { stdin, file: (path) => readFile(path, 'utf8') },
  version: VERSION,
  open: openDatabase,
  worker: (database, root, now) =>
    lazyWorker({ database, root, now, env: process.env, elapsedMs, owner: owner(), signal: stopped() }),
  serve,
  runOnTerminal,
})

/** A check under way is ended with its whole process group when the command is. */
function stopped(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}

/** Runs one command and sets the exit code. */
export async function start(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await main(ioOf(argv))
  } catch (error) {
    writeAll(2, Buffer.from(`error: ${error instanceof Error ? error.stack : error}\n`))
    process.exitCode = 1
  }
}
