/**
 * The library's door: `open()` gives every operation as a typed function; `createPipeline` and `getChildItems`
 * work on the pipeline that the command line would use here. Nothing is opened before the first call.
 */

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { parseActor } from './domain/actor.ts'
import { type Instant, toInstant } from './domain/instant.ts'
import { TrackerError } from './errors.ts'
import { isServer, locate, prepare } from './faces/cli/locate.ts'
import { whoActs } from './faces/cli/who.ts'
import { type OperationName, type Operations, operations } from './ops/index.ts'
import { type Answer, call, type Environment, type InputOf, type OutputOf } from './ops/operation.ts'
import type { FullItem, ItemSummary } from './ops/view.ts'
import { openDatabase } from './store/open.ts'
import { lazyWorker, newToken } from './wire.ts'

export type { CheckPlan, HealthCheck } from './domain/health-check.ts'
export type { Criterion, NoteType, Severity, Verdict } from './domain/item.ts'
export type { CheckResult } from './domain/observation.ts'
export { type ItemType, paths, type Stage, stages, types } from './domain/stage.ts'
export { type ErrorKind, type Failure, TrackerError } from './errors.ts'
export type { CheckedItem } from './ops/operation.ts'
export type { Entry } from './store/activity.ts'
export type { Answer, FullItem, Instant, ItemSummary, OperationName, Operations }

export interface OpenOptions {
  /** Who acts: `human:max`, `agent:builder-1`. Default: as on the command line. */
  actor?: string
  /** A label for the log. */
  source?: string
  /** Milliseconds since 1970; default the system's clock. */
  now?: () => number
  /** SQLite: `normal` (default) survives a killed process, `full` a power cut too. */
  durability?: 'normal' | 'full'
  /** Folder that commands of health checks start from; default the current folder. */
  root?: string
}

export type Input<N extends OperationName> = InputOf<Operations[N]>
export type Output<N extends OperationName> = OutputOf<Operations[N]>

type Noun = OperationName extends infer N ? (N extends `${infer A}.${string}` ? A : never) : never
type Verb<A extends Noun> = OperationName extends infer N
  ? N extends `${A}.${infer V}`
    ? Camel<V>
    : never
  : never
type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S
type NameOf<A extends Noun, V extends string> = {
  [N in OperationName]: N extends `${A}.${infer W}` ? (Camel<W> extends V ? N : never) : never
}[OperationName]

/** `pipeline.item.create({ title })`, `pipeline.board.show({})`: every operation, by noun and verb. */
export type ByNoun = {
  [A in Noun]: { [V in Verb<A>]: (input: Input<NameOf<A, V>>) => Promise<Output<NameOf<A, V>>> }
}

export interface Pipeline extends ByNoun {
  /** Any operation by its name, with its warnings. */
  call<N extends OperationName>(name: N, input: Input<N>): Promise<Answer<Output<N>>>
  doctor(): Promise<Output<'doctor'>>
  close(): Promise<void>
}

/**
 * Opens a pipeline, and makes it where there is none.
 * @param url a SQLite file, or `postgres://…`
 * @throws TrackerError `unavailable` (locked, damaged), `invalid` (another program's, or a newer version's)
 */
export const open = (url: string, options: OpenOptions = {}): Promise<Pipeline> =>
  openPipeline(url, options, true)

async function openPipeline(url: string, options: OpenOptions, create: boolean): Promise<Pipeline> {
  if (typeof url !== 'string' || url === '') {
    throw new TrackerError('invalid', 'open() takes the path of a file, or a postgres:// URL')
  }
  const now = (): Instant => toInstant((options.now ?? Date.now)())
  const root = options.root ?? process.cwd()
  const actor = options.actor
    ? parseActor(options.actor)
    : whoActs(undefined, process.env, root, () => userInfo().username)
  const durability = options.durability ?? 'normal'
  const database = await openDatabase(url, { now: now(), create, durability })
  const env: Environment = {
    files: {
      location: { url, exists: true },
      prepare: () => undefined,
      open: (place, make) => openDatabase(place, { now: now(), create: make, durability }),
      resolve: (path) => (isServer(path) ? path : resolve(path)),
      read: async (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
      write: () => {
        throw new TrackerError('invalid', 'a library does not print: name a file')
      },
    },
    database,
    now,
    actor,
    source: options.source ?? null,
    trust: 'local',
    permissions: 'all',
    newToken,
    worker: lazyWorker({
      database,
      root,
      now,
      env: process.env,
      elapsedMs: () => performance.now(),
      owner: () => `library:${process.pid}:${Math.round(performance.timeOrigin * 1000).toString(36)}`,
    }),
  }
  return pipelineOf(env)
}

function pipelineOf(env: Environment): Pipeline {
  const ask = async (name: OperationName, input: unknown) =>
    (await call(operations[name], input ?? {}, env)).data
  const nouns: Record<string, Record<string, (input: unknown) => Promise<unknown>>> = {}
  for (const name of Object.keys(operations) as OperationName[]) {
    const [noun = '', verb] = name.split('.')
    if (verb === undefined) continue
    nouns[noun] ??= {}
    nouns[noun][verb.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())] = (input) =>
      ask(name, input)
  }
  return {
    ...(nouns as unknown as ByNoun),
    call: async (name, input) => {
      if (!Object.hasOwn(operations, name)) throw new TrackerError('invalid', `no operation ${String(name)}`)
      return (await call(operations[name], input ?? {}, env)) as never
    },
    doctor: () => ask('doctor', {}) as Promise<Output<'doctor'>>,
    close: () => env.database.close(),
  }
}

let here: Promise<Pipeline> | undefined

/**
 * The pipeline that the command line would use here: `PIPELINE_DB`, or the nearest `.pipeline`.
 * @param create make it where there is none: only a write does
 */
function herePipeline(create: boolean): Promise<Pipeline> {
  // A read that found none must not speak for the write beside it.
  here = here ? here.catch(() => openHere(create)) : openHere(create)
  return here
}

function openHere(create: boolean): Promise<Pipeline> {
  const location = locate(process.cwd(), process.env.PIPELINE_DB)
  if (!location.exists && create) prepare(location)
  return openPipeline(location.url, { root: location.root }, create)
}

export type NewPipelineItem = Omit<Input<'item.create'>, 'parent'> & { parentId?: number | null }

/** Creates an item: `createPipeline({ title: 'Fix timeout', parentId: 25 })`. */
export async function createPipeline(
  { parentId, ...rest }: NewPipelineItem = { title: '' },
): Promise<Output<'item.create'>> {
  const pipeline = await herePipeline(true)
  const under = parentId === undefined || parentId === null ? {} : { parent: parentId }
  return pipeline.item.create({ ...rest, ...under })
}

/**
 * All children of an item, oldest first.
 * @throws TrackerError `not-found` where there is no such item
 */
export async function getChildItems(pipelineId: number): Promise<ItemSummary[]> {
  if (typeof pipelineId !== 'number') {
    throw new TrackerError('invalid', `getChildItems takes the id of an item, not ${String(pipelineId)}`)
  }
  const pipeline = await herePipeline(false)
  const children: ItemSummary[] = []
  let cursor: string | null = null
  do {
    const page: Output<'item.list'> = await pipeline.item.list({
      parent: pipelineId,
      sort: 'id',
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    })
    children.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return children
}

/** Closes the pipeline that `createPipeline` and `getChildItems` opened. */
export async function close(): Promise<void> {
  const open = await here?.catch(() => undefined)
  here = undefined
  await open?.close()
}
