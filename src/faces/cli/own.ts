/** The program's own commands: help, completion, edit, serve. Loaded only when asked for. */

import { TrackerError } from '../../errors.ts'
import { databaseInit } from '../../ops/database-init.ts'
import { call } from '../../ops/operation.ts'
import { parseWords, type Word } from './args.ts'
import type { OwnCommand } from './commands.ts'
import { completionScript } from './completion.ts'
import { editItem } from './edit.ts'
import { helpFor, overview } from './help.ts'
import { type Session, withPipeline } from './session.ts'

export function runOwn(name: OwnCommand, session: Session, rest: Word[]): Promise<number> {
  switch (name) {
    case 'help':
      return help(session, rest)
    case 'completion':
      return completion(session, rest)
    case 'edit':
      return editItem(session, rest)
    case 'serve':
      return serve(session, rest)
  }
}

async function help({ io, style }: Session, rest: Word[]): Promise<number> {
  const words = rest.filter(
    (word) => !word.text.startsWith('-') || word.text === '--due' || word.text === '--remove',
  )
  io.stdout.write(words.length === 0 ? overview(style, io.version) : helpFor(words, style))
  return 0
}

async function completion({ io }: Session, rest: Word[]): Promise<number> {
  const { positionals } = parseWords(rest, [])
  io.stdout.write(completionScript(positionals[0] ?? ''))
  return 0
}

const serveFlags = [
  { name: 'port', boolean: false },
  { name: 'host', boolean: false },
  { name: 'monitor', boolean: true },
]

async function serve(session: Session, rest: Word[]): Promise<number> {
  const { io, globals, now } = session
  const { positionals, options } = parseWords(rest, serveFlags)
  if (positionals.length > 0)
    throw new TrackerError('invalid', `there is a word too many: ${JSON.stringify(positionals[0])}`)
  const port = portOf(String(options.get('port')?.at(-1) ?? io.env.PIPELINE_PORT ?? '4400'))
  if (globals.dryRun) throw new TrackerError('invalid', 'serve has no dry run')
  return withPipeline(session, { kind: 'write', connections: 10 }, async (env, location) => {
    await call(databaseInit, {}, env)
    return io.serve({
      database: env.database,
      root: location.root,
      now,
      actor: env.actor,
      host: String(options.get('host')?.at(-1) ?? '127.0.0.1'),
      port,
      monitor: options.get('monitor')?.at(-1) !== false,
      version: io.version,
      say: (text) => (globals.quiet ? undefined : io.stdout.write(`${text}\n`)),
    })
  })
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (port >= 0 && port <= 65_535) return port
  throw new TrackerError('invalid', `not a port: ${JSON.stringify(text.slice(0, 20))}`, {
    hint: 'a number from 0 (any free one) to 65535',
  })
}
