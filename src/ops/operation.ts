/**
 * The shape of an operation, and `call`, the only way in: parse → one transaction → rule → rows and activity →
 * commit. A face hands in raw input and an environment; it has no rule of its own.
 */

import type * as z from 'zod/mini'
import type { Actor } from '../domain/actor.ts'
import type { Channel } from '../domain/channel.ts'
import type { NotOpened } from '../domain/incident.ts'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries } from '../store/database.ts'
import { rehearsed } from '../store/rehearsal.ts'
import { parseInput } from './input.ts'
import type { Style } from './style.ts'

export const permissions = [
  'item:read',
  'item:write',
  'item:move',
  'check:run',
  'check:approve',
  'admin',
] as const
export type Permission = (typeof permissions)[number]

/** What the worker hands in, so that `check` of every face runs the same function. */
export interface WorkerDoor {
  /** Lease, probe, record. On an item that is not live: probe only. */
  checkItem(itemId: number, options: { dryRun: boolean }): Promise<CheckedItem>
  /** One pass over what is due; nothing twice. Label and places are the worker's own where they are not said. */
  checkDue(options: {
    dryRun: boolean
    runner?: string | undefined
    concurrency?: number | undefined
  }): Promise<CheckedItem[]>
}

/** The channels of the configuration, which lies where the worker runs. */
export interface ChannelDoor {
  /** Sends a test over a channel of the configuration, now and once. */
  testChannel(name: string): Promise<SentTest>
  /** What the configuration says of a channel. @throws TrackerError `not-found` */
  findChannel(name: string): Promise<Channel>
  /** @throws TrackerError with what is wrong in the configuration */
  listChannels(): Promise<Channel[]>
  /** Stores that the command of a channel may run. */
  approveChannel(approval: {
    actor: Actor
    channel: string
    command: string
    fingerprint: string
  }): Promise<void>
}

export interface SentTest {
  channel: string
  sent: boolean
  /** Why not; or what did not quite work. */
  reason: string | null
}

export interface CheckedItem {
  itemId: number
  title: string
  result: 'up' | 'degraded' | 'down' | 'unknown'
  /** The state that the results add up to; null when nothing was stored. */
  state: 'up' | 'degraded' | 'down' | 'unknown' | null
  summary: string
  durationMs: number
  attempts: number
  stored: boolean
  /** The item was under maintenance: the run is kept, and counts for nothing. */
  maintenance: boolean
  /** What the run did to an incident, if anything. */
  incident: {
    id: number
    change: 'opened' | 'reopened' | 'resolved' | 'recovery-noted' | 'failing-again'
  } | null
  /** Why a run that found it down opened none; null: it did, or it is not down yet. */
  notOpened: NotOpened | null
}

/** What an operation sees. */
export interface Context {
  q: Queries
  now: Instant
  actor: Actor
  source: string | null
  /** `remote`: the caller came over the network, loopback included. */
  trust: 'local' | 'remote'
  /** A secret that nobody can guess, as characters that need no escape anywhere. */
  newToken(): Promise<string>
  warn(text: string): void
  /** @throws TrackerError `not-permitted` when the actor may not do what another operation does */
  require(op: Pick<AnyOperation, 'name' | 'needs'>): void
  permissions: Environment['permissions']
  /** Of the database, without a password. */
  location: string
  /** Of the program. */
  version?: string | undefined
  /** None where the configuration is not at hand, as over the network. */
  channels?: ChannelDoor | undefined
}

export interface WorkerContext extends Omit<Context, 'q' | 'channels'> {
  worker: WorkerDoor
  /** @throws TrackerError `not-permitted` where there are none, as over the network */
  channels(): ChannelDoor
  dryRun: boolean
}

/** What an operation on whole databases and files is handed: its face knows where things are and who listens. */
export interface Files {
  /** Where the pipeline is, or would be. */
  location: { url: string; exists: boolean }
  /** Makes the folder of a new pipeline. */
  prepare(): void
  /** @throws TrackerError `not-found` where there is none and `create` is false */
  open(url: string, create: boolean): Promise<Database>
  /** A path as it was written, from the current folder. */
  resolve(path: string): string
  /** The text of a file, or of standard input for `-`. */
  read(path: string): Promise<string>
  /** To standard output. */
  write(text: string): void
  /** Told when somebody stops the command: work that takes long ends then, and leaves things as they were. */
  stopped?(): AbortSignal
  /** Gives back memory, where work has left much of it behind. */
  sweep?(): void
  /** Told now and then, of work that takes long. */
  progress?(done: number, total: number): void
}

export interface FilesContext extends Omit<Context, 'q'> {
  database: Database
  files: Files
  dryRun: boolean
}

/** How a flag of the command line fills a field of the input. */
export interface FlagShape {
  /** The field; by default the flag's name in camel case. */
  field?: string
  /**
   * - `text`  the word itself; `-` reads standard input
   * - `file`  a file's path, or `-`
   * - `json`  JSON, a file's path, or `-`; the word `none` clears
   * - `texts` repeated words, or one JSON array
   */
  from?: 'word' | 'text' | 'file' | 'json' | 'texts'
  /** Name of the value in help: `TEXT`. */
  value?: string
}

export interface CommandShape<T = unknown> {
  /** The words after `pipeline`: `create`, `dep add`. */
  words: string
  /** A flag that chooses this operation among those with the same words: `check --due`. */
  switch?: string
  /** The process's exit code for an answer; 0 by default. */
  exitCode?(output: T): number
  positionals?: string[]
  flags?: Record<string, FlagShape>
  /** It opens its databases itself: the face hands it an empty one. */
  opensNothing?: boolean
  /** What it answers of a file in which no pipeline can be opened; undefined: the error stands. */
  unopened?(file: string, error: unknown): Promise<T | undefined>
  /** Where there is no pipeline yet it has nothing to say: the command fails instead of looking at an empty one. */
  needsPipeline?: boolean
  /** Fields that are no flag of their own. */
  hidden?: string[]
  examples?: string[]
}

export type Method = 'get' | 'post' | 'patch' | 'delete'

export interface HttpShape {
  method: Method
  path: string
  status?: number
  /** The body is no JSON, but the text of this field, of any type of content; what is too long is left out. */
  text?: { field: string; maxBytes: number }
}

interface Base<I extends z.ZodMiniType, O extends z.ZodMiniType> {
  /** `noun.verb` */
  name: string
  /** One line, imperative. */
  summary: string
  needs: Permission
  /** Built on first use: nothing is paid for the operations that a process does not call. */
  input: () => I
  output: () => O
  http: HttpShape | null
  command: CommandShape<z.output<O>> | null
  /** Equal content gives an equal answer: it may be kept until the content changes. A function tells by the answer. */
  timeless?: boolean | ((output: z.output<O>) => boolean)
  /** The answer holds a secret: it is given once and kept nowhere. */
  givenOnce?: boolean
  /** For a person at a terminal. Where there is much to it, its module is loaded here. */
  toText(output: z.output<O>, style: Style): string | Promise<string>
}

export interface TransactionOperation<I extends z.ZodMiniType, O extends z.ZodMiniType> extends Base<I, O> {
  kind: 'read' | 'write'
  run(input: z.output<I>, context: Context): Promise<z.output<O>>
}

export interface WorkerOperation<I extends z.ZodMiniType, O extends z.ZodMiniType> extends Base<I, O> {
  kind: 'worker'
  run(input: z.output<I>, context: WorkerContext): Promise<z.output<O>>
}

/** Works on whole databases and files, with transactions of its own; only for somebody at the machine itself. */
export interface FilesOperation<I extends z.ZodMiniType, O extends z.ZodMiniType> extends Base<I, O> {
  kind: 'files'
  /** Does it write to the pipeline that the face opens? */
  changes: boolean
  http: null
  run(input: z.output<I>, context: FilesContext): Promise<z.output<O>>
}

export type Operation<I extends z.ZodMiniType = z.ZodMiniType, O extends z.ZodMiniType = z.ZodMiniType> =
  | TransactionOperation<I, O>
  | WorkerOperation<I, O>
  | FilesOperation<I, O>

// biome-ignore lint/suspicious/noExplicitAny: a list of operations holds every input and output
type Any = any

export type AnyOperation =
  | TransactionOperation<Any, Any>
  | WorkerOperation<Any, Any>
  | FilesOperation<Any, Any>

/** Defines an operation that runs in one transaction. */
export const operation = <I extends z.ZodMiniType, O extends z.ZodMiniType>(
  definition: TransactionOperation<I, O>,
): TransactionOperation<I, O> => memoized(definition)

/** Defines an operation that probes, and so holds no transaction while it runs. */
export const workerOperation = <I extends z.ZodMiniType, O extends z.ZodMiniType>(
  definition: WorkerOperation<I, O>,
): WorkerOperation<I, O> => memoized(definition)

/** Defines an operation on whole databases and files. */
export const filesOperation = <I extends z.ZodMiniType, O extends z.ZodMiniType>(
  definition: FilesOperation<I, O>,
): FilesOperation<I, O> => memoized(definition)

function memoized<D extends { input: () => unknown; output: () => unknown }>(definition: D): D {
  const { input, output } = definition
  let inputSchema: unknown
  let outputSchema: unknown
  definition.input = () => (inputSchema ??= input())
  definition.output = () => (outputSchema ??= output())
  return definition
}

export type InputOf<Op extends AnyOperation> = z.input<ReturnType<Op['input']>>
export type OutputOf<Op extends AnyOperation> = z.output<ReturnType<Op['output']>>

/** What a face hands in. */
export interface Environment {
  database: Database
  now(): Instant
  actor: Actor
  source?: string | null
  trust: 'local' | 'remote'
  permissions: 'all' | ReadonlySet<Permission>
  /** Of the program. */
  version?: string | undefined
  worker?: WorkerDoor
  channels?: ChannelDoor
  files?: Files
  /** Chance: a new secret of 128 bits or more. */
  newToken?(): Promise<string>
  /** Decide and answer, then roll back. */
  dryRun?: boolean
  /** The same change may be asked for again. */
  once?: Once
}

/** A change that is done once, however often it is asked for. Both are digests: what they were made of is not kept. */
export interface Once {
  /** Of who asks, and of the key that they chose. */
  key: string
  /** Of what is asked for. */
  fingerprint: string
}

export interface Answer<T> {
  data: T
  warnings: string[]
  /** It was done before, under the same key: this is what was answered then. */
  replayed?: true
}

async function noChance(): Promise<string> {
  throw new TrackerError('not-permitted', 'no secrets can be made here')
}

/**
 * The only way in.
 * @throws TrackerError of any kind; nothing is changed then
 */
export async function call<Op extends AnyOperation>(
  op: Op,
  raw: unknown,
  env: Environment,
): Promise<Answer<OutputOf<Op>>> {
  const require = ({ name, needs }: Pick<AnyOperation, 'name' | 'needs'>): void => {
    if (env.permissions === 'all' || env.permissions.has(needs)) return
    throw new TrackerError('not-permitted', `${env.actor} may not ${name}: it needs ${needs}`)
  }
  require(op)
  if (env.once) requireKeepable(op)
  const input = parseInput(op, raw)
  let warnings: string[] = []
  const { actor, source = null, trust, version, newToken = noChance } = env
  const { permissions, database } = env
  const { location } = database
  const shared = { now: env.now(), actor, source, trust, newToken, require, permissions, location, version }
  if (op.kind === 'worker') {
    if (!env.worker) throw new TrackerError('not-permitted', `${op.name} needs a worker here`)
    const channels = (): ChannelDoor => {
      if (env.channels) return env.channels
      throw new TrackerError('not-permitted', `${op.name} is only for the machine itself`)
    }
    const context = { ...shared, worker: env.worker, channels, dryRun: env.dryRun ?? false }
    return { data: await op.run(input, { ...context, warn: (text) => warnings.push(text) }), warnings }
  }
  if (op.kind === 'files') {
    if (!env.files || env.trust !== 'local')
      throw new TrackerError('not-permitted', `${op.name} is only for the machine itself`)
    const { files } = env
    const context = { ...shared, database, files, dryRun: env.dryRun ?? false }
    return { data: await op.run(input, { ...context, warn: (text) => warnings.push(text) }), warnings }
  }
  const work = (q: Queries): Promise<unknown> => {
    warnings = []
    return op.run(input, { ...shared, q, channels: env.channels, warn: (text) => warnings.push(text) })
  }
  if (op.kind === 'read') return { data: (await database.read(work)) as OutputOf<Op>, warnings }
  const { once, dryRun = false } = env
  if (!once || dryRun) return { data: (await rehearsed(dryRun, database, work)) as OutputOf<Op>, warnings }
  const { runOnce } = await import('./once.ts')
  const answered = async (q: Queries) => ({ data: await work(q), warnings })
  const answer = await database.write((q) => runOnce(q, once, shared.now, () => answered(q)))
  return answer as Answer<OutputOf<Op>>
}

/** May it be asked for again under a key? Only one transaction can, whose answer may be kept. */
export const isKeepable = ({ kind, givenOnce }: AnyOperation): boolean => kind === 'write' && !givenOnce

/** @throws TrackerError `invalid` */
function requireKeepable(op: AnyOperation): void {
  if (isKeepable(op)) return
  const why = op.givenOnce
    ? 'its answer holds a secret, which is kept nowhere'
    : 'it is no single transaction'
  throw new TrackerError('invalid', `${op.name} can't be asked for again under a key: ${why}`, {
    hint: 'leave Idempotency-Key out',
  })
}
