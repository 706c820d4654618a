/**
 * The shape of an operation, and `call`, the only way in: parse → one transaction → rule → rows and activity →
 * commit. A face hands in raw input and an environment; it has no rule of its own.
 */

import type * as z from 'zod/mini'
import type { Actor } from '../domain/actor.ts'
import type { Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries } from '../store/database.ts'
import { parseInput } from './input.ts'
import type { Style } from './style.ts'

export type Permission = 'item:read' | 'item:write' | 'item:move' | 'check:run' | 'check:approve' | 'admin'

/** What the worker hands in, so that `check` of every face runs the same function. */
export interface WorkerDoor {
  /** Lease, probe, record. On an item that is not live: probe only. */
  checkItem(itemId: number, options: { dryRun: boolean }): Promise<CheckedItem>
  /** One pass over what is due; nothing twice. */
  checkDue(options: { dryRun: boolean }): Promise<CheckedItem[]>
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
  /** What the run did to an incident, if anything. */
  incident: {
    id: number
    change: 'opened' | 'reopened' | 'resolved' | 'recovery-noted' | 'failing-again'
  } | null
}

/** What an operation sees. */
export interface Context {
  q: Queries
  now: Instant
  actor: Actor
  source: string | null
  /** `remote`: the caller came over the network, loopback included. */
  trust: 'local' | 'remote'
  warn(text: string): void
}

export interface WorkerContext extends Omit<Context, 'q'> {
  worker: WorkerDoor
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
  /** Where there is no pipeline yet it has nothing to say: the command fails instead of looking at an empty one. */
  needsPipeline?: boolean
  /** Fields that are no flag of their own. */
  hidden?: string[]
  examples?: string[]
}

export type Method = 'get' | 'post' | 'patch' | 'delete'

interface Base<I extends z.ZodMiniType, O extends z.ZodMiniType> {
  /** `noun.verb` */
  name: string
  /** One line, imperative. */
  summary: string
  needs: Permission
  /** Built on first use: nothing is paid for the operations that a process does not call. */
  input: () => I
  output: () => O
  http: { method: Method; path: string; status?: number } | null
  command: CommandShape<z.output<O>> | null
  /** Equal content gives an equal answer: it may be kept until the content changes. */
  timeless?: boolean
  /** For a person at a terminal. */
  toText(output: z.output<O>, style: Style): string
}

export interface TransactionOperation<I extends z.ZodMiniType, O extends z.ZodMiniType> extends Base<I, O> {
  kind: 'read' | 'write'
  run(input: z.output<I>, context: Context): Promise<z.output<O>>
}

export interface WorkerOperation<I extends z.ZodMiniType, O extends z.ZodMiniType> extends Base<I, O> {
  kind: 'worker'
  run(input: z.output<I>, context: WorkerContext): Promise<z.output<O>>
}

export type Operation<I extends z.ZodMiniType = z.ZodMiniType, O extends z.ZodMiniType = z.ZodMiniType> =
  | TransactionOperation<I, O>
  | WorkerOperation<I, O>

// biome-ignore lint/suspicious/noExplicitAny: a list of operations holds every input and output
export type AnyOperation = TransactionOperation<any, any> | WorkerOperation<any, any>

/** Defines an operation that runs in one transaction. */
export const operation = <I extends z.ZodMiniType, O extends z.ZodMiniType>(
  definition: TransactionOperation<I, O>,
): TransactionOperation<I, O> => memoized(definition)

/** Defines an operation that probes, and so holds no transaction while it runs. */
export const workerOperation = <I extends z.ZodMiniType, O extends z.ZodMiniType>(
  definition: WorkerOperation<I, O>,
): WorkerOperation<I, O> => memoized(definition)

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
  worker?: WorkerDoor
  /** Decide and answer, then roll back. */
  dryRun?: boolean
}

export interface Answer<T> {
  data: T
  warnings: string[]
}

/** Carries the answer of a dry run out of the transaction that it rolls back. */
class DryRun extends Error {
  constructor(readonly output: unknown) {
    super('dry run')
  }
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
  if (env.permissions !== 'all' && !env.permissions.has(op.needs)) {
    throw new TrackerError('not-permitted', `${env.actor} may not ${op.name}: it needs ${op.needs}`)
  }
  const input = parseInput(op, raw)
  let warnings: string[] = []
  const shared = { now: env.now(), actor: env.actor, source: env.source ?? null, trust: env.trust }
  if (op.kind === 'worker') {
    if (!env.worker) throw new TrackerError('not-permitted', `${op.name} needs a worker here`)
    const context = { ...shared, worker: env.worker, dryRun: env.dryRun ?? false }
    return { data: await op.run(input, { ...context, warn: (text) => warnings.push(text) }), warnings }
  }
  const work = async (q: Queries): Promise<unknown> => {
    warnings = []
    const output = await op.run(input, { ...shared, q, warn: (text) => warnings.push(text) })
    if (env.dryRun && op.kind === 'write') throw new DryRun(output)
    return output
  }
  try {
    const data = op.kind === 'write' ? await env.database.write(work) : await env.database.read(work)
    return { data: data as OutputOf<Op>, warnings }
  } catch (error) {
    if (error instanceof DryRun) return { data: error.output as OutputOf<Op>, warnings }
    throw error
  }
}
