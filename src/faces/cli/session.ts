/** One command and its pipeline: found, or made by the first change that works; opened, used, closed. */

import type { Instant } from '../../domain/instant.ts'
import { oneLine } from '../../domain/text.ts'
import { TrackerError } from '../../errors.ts'
import type { Environment } from '../../ops/operation.ts'
import type { Style } from '../../ops/style.ts'
import type { Database } from '../../store/database.ts'
import type { Globals, Word } from './args.ts'
import { filesOf } from './files.ts'
import { isServer, type Location, locate, prepare } from './locate.ts'
import type { Io } from './main.ts'
import { whoActs } from './who.ts'

export interface Session {
  io: Io
  globals: Globals
  style: Style
  words: Word[]
  now(): Instant
}

export interface Access {
  kind: 'read' | 'write' | 'worker'
  /** The work opens what it needs itself, wherever that is. */
  opensNothing?: boolean | undefined
  /** An older schema stays as it is. */
  onlyReads?: boolean | undefined
  /** Fail where there is no pipeline yet. */
  needsPipeline?: boolean | undefined
  /** PostgreSQL: connections at most; one is enough for one command. */
  connections?: number
  /**
   * Tried on an empty pipeline in memory where there is none yet: a command that fails makes none.
   * @throws as the command itself would
   */
  rehearse?(env: Environment): Promise<unknown>
}

/** A read where there is no pipeline, and a dry run, see an empty one and make none. */
export async function withPipeline<T>(
  session: Session,
  access: Access,
  work: (env: Environment, location: Location) => Promise<T>,
): Promise<T> {
  const { io, globals } = session
  requireSource(globals.source)
  const location = locate(io.cwd, globals.db ?? io.env.PIPELINE_DB)
  const inMemory = (): Promise<Database> => open(session, access, ':memory:', true)
  if (access.opensNothing) return using(await inMemory(), session, access, location, work)
  const there = location.exists ? await openExisting(session, access, location.url) : undefined
  if (there) return using(there, session, access, location, work)
  if (access.needsPipeline) {
    throw new TrackerError('not-found', `there is no pipeline yet at ${shown(location)}`, {
      hint: 'make one: pipeline init',
    })
  }
  const say = (text: string): void => {
    if (!globals.quiet && globals.json === undefined) io.stderr.write(`${oneLine(text)}\n`)
  }
  if (access.kind !== 'write' || globals.dryRun) {
    say(
      `there is no pipeline yet; the first change makes ${isServer(location.url) ? 'its tables' : location.url}`,
    )
    return using(await inMemory(), session, access, location, work)
  }
  const { rehearse } = access
  if (rehearse) {
    await using(await inMemory(), session, access, location, (env) => rehearse({ ...env, dryRun: true }))
  }
  prepare(location)
  const made = await open(session, access, location.url, true)
  say(
    location.exists && !isServer(location.url)
      ? `made a pipeline in ${made.location}, beside what is there`
      : `made a new pipeline: ${made.location}`,
  )
  return using(made, session, access, location, work)
}

async function using<T>(
  database: Database,
  session: Session,
  access: Access,
  location: Location,
  work: (env: Environment, location: Location) => Promise<T>,
): Promise<T> {
  try {
    return await work(environment(session, access.kind, database, location), location)
  } finally {
    await database.close()
  }
}

function open({ io, now }: Session, access: Access, url: string, create: boolean): Promise<Database> {
  const durability = io.env.PIPELINE_DURABILITY === 'full' ? 'full' : 'normal'
  const migrate = access.onlyReads !== true
  return io.open(url, { now: now(), create, migrate, durability, poolSize: access.connections ?? 1 })
}

/** A file or a schema without our tables is no pipeline yet. */
async function openExisting(session: Session, access: Access, url: string): Promise<Database | undefined> {
  try {
    return await open(session, access, url, false)
  } catch (error) {
    if (error instanceof TrackerError && error.kind === 'not-found') return undefined
    throw error
  }
}

/** A URL may hold a password. */
const shown = ({ url }: Location): string => (isServer(url) ? 'that server' : url)

function requireSource(source: string | undefined): void {
  if (source === undefined || /^[\w.-]{1,40}$/.test(source)) return
  throw new TrackerError('invalid', '--source is a short word: main, subagent', {
    hint: 'letters, digits, . _ -',
  })
}

function environment(
  session: Session,
  kind: Access['kind'],
  database: Database,
  location: Location,
): Environment {
  const { io, globals, now } = session
  return {
    database,
    now,
    // Reads ask for no name: it would cost them a look into git's files.
    actor: kind === 'read' ? 'human:reader' : whoActs(globals.as, io.env, io.cwd, io.systemUser),
    source: globals.source ?? null,
    trust: 'local',
    permissions: 'all',
    newToken: io.newToken,
    version: io.version,
    dryRun: globals.dryRun,
    worker: io.worker(database, location.root, now),
    ...(io.channels ? { channels: io.channels(database, location.root, now) } : {}),
    files: filesOf(session, location, (url, create) => open(session, { kind, connections: 4 }, url, create)),
  }
}
