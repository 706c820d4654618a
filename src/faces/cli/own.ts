/** The program's own commands: help, completion, edit; serve and monitor stand in stay.ts. Loaded only when asked for. */

import { parseWords, type Word } from './args.ts'
import type { OwnCommand } from './commands.ts'
import { completionScript } from './completion.ts'
import { editItem } from './edit.ts'
import { helpFor, overview } from './help.ts'
import type { Session } from './session.ts'
import { stay } from './stay.ts'

export function runOwn(name: OwnCommand, session: Session, rest: Word[]): Promise<number> {
  switch (name) {
    case 'help':
      return help(session, rest)
    case 'completion':
      return completion(session, rest)
    case 'edit':
      return editItem(session, rest)
    case 'serve':
    case 'monitor':
      return stay(name, session, rest)
  }
}

async function help({ io, style }: Session, rest: Word[]): Promise<number> {
  const words = rest.filter(
    (word) => !word.text.startsWith('-') || ['--due', '--validate', '--remove'].includes(word.text),
  )
  io.stdout.write(words.length === 0 ? overview(style, io.version) : helpFor(words, style))
  return 0
}

async function completion({ io }: Session, rest: Word[]): Promise<number> {
  const { positionals } = parseWords(rest, [])
  io.stdout.write(completionScript(positionals[0] ?? ''))
  return 0
}
