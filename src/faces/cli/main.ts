/**
 * The command line: words in, an exit code out. It translates and has no rule of its own; what touches the process
 * (streams, environment, servers) is handed in.
 */

import type { Instant } from '../../domain/instant.ts'
import { parseInstant } from '../../domain/instant.ts'
import { TrackerError } from '../../errors.ts'
import { operationList } from '../../ops/index.ts'
import { type AnyOperation, call, type Environment, type WorkerDoor } from '../../ops/operation.ts'
import { createStyle, type Style } from '../../ops/style.ts'
import type { Database } from '../../store/database.ts'
import type { OpenOptions } from '../../store/open.ts'
import { type Globals, splitGlobals, type Word } from './args.ts'
import { findCommand, type OwnCommand } from './commands.ts'
import { commandOf } from './flags.ts'
import { type Location, locate, prepare } from './locate.ts'
import { answerJson, answerText, asTrackerError, errorJson, errorText, exitCodes } from './output.ts'
import { type Reader, readInput } from './read-input.ts'
import { whoActs } from './who.ts'

export interface Terminal {
  /** Writes all of it before it returns. */
  write(text: string): void
  isTerminal: boolean
  columns: number | undefined
}

export interface Io {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  /** Milliseconds since 1970. */
  clock(): Instant
  stdout: Terminal
  stderr: Terminal
  stdinIsTerminal: boolean
  reader: Reader
  version: string
  open(url: string, options: OpenOptions): Promise<Database>
  worker(database: Database, root: string, now: () => Instant): WorkerDoor
  serve(session: ServeSession): Promise<number>
  /** Runs a program on the terminal. @returns its exit code */
  runOnTerminal(argv: string[]): Promise<number>
}

export interface ServeSession {
  database: Database
  root: string
  now(): Instant
  actor: string
  host: string
  port: number
  monitor: boolean
  version: string
  say(text: string): void
}

/** What the program's own commands need. */
export interface Session {
  io: Io
  globals: Globals
  style: Style
  words: Word[]
  now(): Instant
}

export async function main(io: Io): Promise<number> {
  let style = createStyle({ color: false, width: 80, now: '1970-01-01T00:00:00.000Z' })
  let globals: Globals | undefined
  try {
    const split = splitGlobals(io.argv)
    globals = split.globals
    const now = clockOf(io)
    style = styleFor(io, globals, now())
    return await run({ io, globals, style, words: split.words, now })
  } catch (error) {
    const known = asTrackerError(error)
    const json =
      (globals?.json ?? undefined) !== undefined || io.argv.some((word) => word.startsWith('--json'))
    io.stderr.write(`${json ? errorJson(known) : errorText(known, errorStyle(io, style))}\n`)
    if (known.kind === 'internal' && io.env.PIPELINE_DEBUG)
      io.stderr.write(`${(known.cause as Error)?.stack}\n`)
    return exitCodes[known.kind]
  }
}

/** `PIPELINE_NOW` sets the clock, for tests. */
function clockOf({ env, clock }: Io): () => Instant {
  if (!env.PIPELINE_NOW) return clock
  const fixed = parseInstant(env.PIPELINE_NOW)
  return () => fixed
}

function styleFor(io: Io, globals: Globals, now: Instant): Style {
  const color = globals.color ?? (io.stdout.isTerminal && !io.env.NO_COLOR && io.env.TERM !== 'dumb')
  const columns = io.stdout.columns ?? 80
  return createStyle({ color, width: Math.min(100, Math.max(40, columns)), now })
}

const errorStyle = (io: Io, style: Style): Style =>
  createStyle({ color: io.stderr.isTerminal && !io.env.NO_COLOR, width: style.width, now: style.now })

async function run(session: Session): Promise<number> {
  const { io, globals, words } = session
  if (globals.version) {
    io.stdout.write(`${io.version}\n`)
    return 0
  }
  if (words.length === 0) return own('help', session, [])
  const found = findCommand(words, operationList)
  if ('own' in found)
    return own(globals.help ? 'help' : found.own, session, globals.help ? words : found.rest)
  if (globals.help) return own('help', session, words)
  return runOperation(found.op, found.rest, session)
}

async function own(name: OwnCommand, session: Session, rest: Word[]): Promise<number> {
  const { runOwn } = await import('./own.ts')
  return runOwn(name, session, rest)
}

async function runOperation(op: AnyOperation, rest: Word[], session: Session): Promise<number> {
  const { io, globals } = session
  const input = await readInput(commandOf(op), rest, io.reader)
  return withDatabase(session, op.kind === 'write', async (database, location) => {
    const env = environment(session, database, location, op.kind)
    const answer = await call(op, input, env)
    print(op, answer, session)
    const code = op.command!.exitCode?.(answer.data) ?? 0
    if (op.name === 'demo.load' && !globals.dryRun) await firstRuns(answer.data, env)
    return code
  })
}

/** The sample's failing feature fails for real: its checks are run once. */
async function firstRuns({ watched }: { watched: number[] }, env: Environment): Promise<void> {
  for (const id of watched) await env.worker!.checkItem(id, { dryRun: false })
}

function print(op: AnyOperation, answer: { data: unknown; warnings: string[] }, session: Session): void {
  const { io, globals, style } = session
  if (globals.json !== undefined) {
    io.stdout.write(`${answerJson(answer, globals.json)}\n`)
    return
  }
  const text = answerText(op, answer.data, style, globals.quiet)
  const prefix = globals.dryRun && op.kind === 'write' ? style.dim('dry run, nothing was stored: ') : ''
  if (text) io.stdout.write(`${prefix}${text}\n`)
  if (globals.quiet) return
  for (const warning of answer.warnings)
    io.stderr.write(`${errorStyle(io, style).yellow('warning:')} ${warning}\n`)
}

export function environment(
  session: Session,
  database: Database,
  location: Location,
  kind: string,
): Environment {
  const { io, globals, now } = session
  return {
    database,
    now,
    // Reads ask for no name: it would cost them a look into git's files.
    actor: kind === 'read' ? 'human:reader' : whoActs(globals.as, io.env, io.cwd),
    source: globals.source ?? null,
    trust: 'local',
    permissions: 'all',
    dryRun: globals.dryRun,
    worker: io.worker(database, location.root, now),
  }
}

/** Opens, works, closes. A read where there is no pipeline sees an empty one and makes none. */
export async function withDatabase<T>(
  session: Session,
  write: boolean,
  work: (database: Database, location: Location) => Promise<T>,
): Promise<T> {
  const { io, globals, now } = session
  const location = locate(io.cwd, globals.db ?? io.env.PIPELINE_DB)
  const missing = !location.exists
  const inMemory = missing && (!write || globals.dryRun)
  if (missing && !inMemory) prepare(location)
  const talk = missing && !globals.quiet && globals.json === undefined
  if (talk && inMemory) io.stderr.write(`there is no pipeline yet; the first change makes ${location.url}\n`)
  if (globals.source !== undefined && !/^[\w.-]{1,40}$/.test(globals.source)) {
    throw new TrackerError('invalid', '--source is a short word: main, subagent', {
      hint: 'letters, digits, . _ -',
    })
  }
  const database = await io.open(inMemory ? ':memory:' : location.url, {
    now: now(),
    create: write || inMemory,
    durability: io.env.PIPELINE_DURABILITY === 'full' ? 'full' : 'normal',
    poolSize: 1,
  })
  try {
    const result = await work(database, location)
    if (talk && !inMemory) io.stderr.write(`made a new pipeline: ${location.url}\n`)
    return result
  } finally {
    await database.close()
  }
}
