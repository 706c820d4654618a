/** The commands that keep running: serve and monitor. */

import { TrackerError } from '../../errors.ts'
import { databaseInit } from '../../ops/database-init.ts'
import { call } from '../../ops/operation.ts'
import { parseWords, type Word } from './args.ts'
import type { ServeSession } from './main.ts'
import { type Session, withPipeline } from './session.ts'

const watchFlags = [
  { name: 'runner', boolean: false },
  { name: 'concurrency', boolean: false },
  { name: 'keep-alive', boolean: true },
]
const serveFlags = [
  { name: 'port', boolean: false },
  { name: 'host', boolean: false },
  { name: 'monitor', boolean: true },
  ...watchFlags,
]

export async function stay(name: 'serve' | 'monitor', session: Session, rest: Word[]): Promise<number> {
  const { io, globals, now } = session
  const { positionals, options } = parseWords(rest, name === 'serve' ? serveFlags : watchFlags)
  const last = (flag: string): string | boolean | undefined => options.get(flag)?.at(-1)
  if (positionals.length > 0)
    throw new TrackerError('invalid', `there is a word too many: ${JSON.stringify(positionals[0])}`)
  if (globals.dryRun) throw new TrackerError('invalid', `${name} has no dry run`)
  const port = portOf(String(last('port') ?? io.env.PIPELINE_PORT ?? '4400'))
  const host = String(last('host') ?? '127.0.0.1')
  const watch = watchOf(last)
  return withPipeline(session, { kind: 'write', connections: 10 }, async (env, location) => {
    await call(databaseInit, {}, env)
    return io.serve({
      database: env.database,
      root: location.root,
      now,
      actor: env.actor,
      http: name === 'serve' ? { host, port } : null,
      monitor: name === 'monitor' || last('monitor') !== false,
      watch,
      version: io.version,
      say: (text) => (globals.quiet ? undefined : io.stdout.write(`${text}\n`)),
    })
  })
}

function watchOf(last: (flag: string) => string | boolean | undefined): ServeSession['watch'] {
  const runner = last('runner')
  const concurrency = last('concurrency')
  if (runner !== undefined && !/^[A-Za-z0-9][\w.-]{0,63}$/.test(String(runner))) {
    throw new TrackerError(
      'invalid',
      `not a label of a runner: ${JSON.stringify(String(runner).slice(0, 40))}`,
      {
        hint: 'letters, digits, . _ - and at most 64',
      },
    )
  }
  return {
    ...(runner === undefined ? {} : { runner: String(runner) }),
    ...(concurrency === undefined ? {} : { concurrency: placesOf(String(concurrency)) }),
    keepAlive: last('keep-alive') === true,
  }
}

function placesOf(text: string): number {
  const places = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (places >= 1 && places <= 1000) return places
  throw new TrackerError('invalid', `not a number of checks at once: ${JSON.stringify(text.slice(0, 20))}`, {
    hint: 'a number from 1 to 1000',
  })
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (port >= 0 && port <= 65_535) return port
  throw new TrackerError('invalid', `not a port: ${JSON.stringify(text.slice(0, 20))}`, {
    hint: 'a number from 0 (any free one) to 65535',
  })
}
