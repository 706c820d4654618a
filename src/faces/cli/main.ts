/**
 * The command line: words in, an exit code out. It translates and has no rule of its own; what touches the process
 * (streams, environment, servers) is handed in.
 */

import type { Instant } from '../../domain/instant.ts'
import { parseInstant } from '../../domain/instant.ts'
import { oneLine } from '../../domain/text.ts'
import { operationList } from '../../ops/index.ts'
import {
  type AnyOperation,
  type ChannelDoor,
  call,
  type Environment,
  type WorkerDoor,
} from '../../ops/operation.ts'
import { createStyle, type Style } from '../../ops/style.ts'
import type { Database } from '../../store/database.ts'
import type { OpenOptions } from '../../store/open.ts'
import { type Globals, splitGlobals, type Word } from './args.ts'
import { findCommand, type OwnCommand } from './commands.ts'
import { commandOf } from './flags.ts'
import { isServer, locate } from './locate.ts'
import {
  answerJson,
  answerText,
  asTrackerError,
  errorJson,
  errorText,
  exitCodes,
  incomplete,
  requireFields,
} from './output.ts'
import { type Reader, readInput } from './read-input.ts'
import { type Access, type Session, withPipeline } from './session.ts'

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
  /** Name of the user that runs the process; throws where the system has none. */
  systemUser(): string
  /** Milliseconds since 1970. */
  clock(): Instant
  stdout: Terminal
  stderr: Terminal
  stdinIsTerminal: boolean
  reader: Reader
  version: string
  open(url: string, options: OpenOptions): Promise<Database>
  /** A new secret that nobody can guess. */
  newToken(): Promise<string>
  worker(database: Database, root: string, now: () => Instant): WorkerDoor
  channels?(database: Database, root: string, now: () => Instant): ChannelDoor
  serve(session: ServeSession): Promise<number>
  /** From then on a signal does not end the process, but is told. */
  stopped(): AbortSignal
  /** Gives back memory that nothing holds any more. */
  sweep(): void
  /** Runs a program on the terminal. @returns its exit code */
  runOnTerminal(argv: string[]): Promise<number>
}

export interface ServeSession {
  database: Database
  root: string
  now(): Instant
  actor: string
  /** Null: no server, the monitor alone. */
  http: { host: string; port: number } | null
  monitor: boolean
  /** What the worker is told. */
  watch: { runner?: string; concurrency?: number; keepAlive?: boolean }
  version: string
  say(text: string): void
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
    const json = globals ? globals.json !== undefined : io.argv.some((word) => /^--json(=|$)/.test(word))
    io.stderr.write(`${json ? errorJson(known) : errorText(known, errorStyle(io, globals, style))}\n`)
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
  const columns = io.stdout.columns ?? 80
  const width = Math.min(100, Math.max(40, columns))
  return createStyle({ color: isColored(io, globals, io.stdout), width, now })
}

const isColored = ({ env }: Io, globals: Globals | undefined, { isTerminal }: Terminal): boolean =>
  globals?.color ?? (isTerminal && !env.NO_COLOR && env.TERM !== 'dumb')

const errorStyle = (io: Io, globals: Globals | undefined, { width, now }: Style): Style =>
  createStyle({ color: isColored(io, globals, io.stderr), width, now })

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
  if (globals.json !== undefined) requireFields(op, globals.json)
  const input = await readInput(commandOf(op), rest, io.reader)
  const rehearse = (env: Environment) => call(op, input, env)
  return withPipeline(session, accessOf(op, rehearse), async (env) => {
    if (op.kind === 'worker' && io.stderr.isTerminal && !globals.quiet) {
      io.stderr.write('running; what fails is tried again before it counts\n')
    }
    const answer = await call(op, input, env)
    try {
      await print(op, answer, session)
    } catch (error) {
      const isRead = op.kind === 'read'
      throw isRead || globals.dryRun ? incomplete(error) : error
    }
    const code = op.command!.exitCode?.(answer.data) ?? 0
    if (op.name === 'demo.load' && !globals.dryRun) await firstRuns(answer.data, env)
    return code
  }).catch((error: unknown) => withoutPipeline(op, session, error))
}

/** Some have an answer also where the database can't be opened. */
async function withoutPipeline(op: AnyOperation, session: Session, error: unknown): Promise<number> {
  const { io, globals } = session
  const { unopened, exitCode } = op.command!
  const { url } = locate(io.cwd, globals.db ?? io.env.PIPELINE_DB)
  const data = isServer(url) ? undefined : await unopened?.(url, error)
  if (data === undefined) throw error
  await print(op, { data, warnings: [] }, session)
  return exitCode?.(data) ?? 0
}

function accessOf(op: AnyOperation, rehearse: (env: Environment) => Promise<unknown>): Access {
  const { needsPipeline, opensNothing } = op.command!
  const kind = op.kind === 'files' ? (op.changes ? 'write' : 'read') : op.kind
  const onlyReads = op.kind === 'files' && !op.changes
  return { kind, onlyReads, needsPipeline, opensNothing, rehearse }
}

/** The sample's failing feature fails for real: its checks are run once. */
async function firstRuns({ watched }: { watched: number[] }, env: Environment): Promise<void> {
  for (const id of watched) await env.worker!.checkItem(id, { dryRun: false })
}

/** Data on standard output, warnings on standard error. */
export async function print(
  op: AnyOperation,
  answer: { data: unknown; warnings: string[] },
  session: Session,
): Promise<void> {
  const { io, globals, style } = session
  if (globals.json !== undefined) {
    io.stdout.write(`${answerJson(op, answer, globals.json)}\n`)
    return
  }
  const text = await answerText(op, answer.data, style, globals.quiet)
  const prefix =
    globals.dryRun && (op.kind === 'write' || op.kind === 'files')
      ? style.dim('dry run, nothing was stored: ')
      : ''
  if (text) io.stdout.write(`${prefix}${text}\n`)
  if (globals.quiet) return
  const { yellow } = errorStyle(io, globals, style)
  for (const warning of answer.warnings) io.stderr.write(`${yellow('warning:')} ${oneLine(warning)}\n`)
}
