/** `edit ID`: the texts of an item in the user's editor, saved only if nobody else changed it meanwhile. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { splitWords } from '../../domain/shell-words.ts'
import { TrackerError } from '../../errors.ts'
import { itemShow } from '../../ops/item-show.ts'
import { itemUpdate } from '../../ops/item-update.ts'
import { call } from '../../ops/operation.ts'
import { parseWords, type Word } from './args.ts'
import { environment, type Session, withDatabase } from './main.ts'

interface Texts {
  title: string
  description: string | null
  spec: string | null
}

const marks = { description: '<!-- description: problem and context -->', spec: '<!-- spec: Markdown -->' }

export async function editItem(session: Session, rest: Word[]): Promise<number> {
  const { io, style } = session
  const { positionals } = parseWords(rest, [])
  const id = Number(/^#?(\d{1,15})$/.exec(positionals[0] ?? '')?.[1])
  if (!(id > 0) || positionals.length !== 1)
    throw new TrackerError('invalid', 'edit takes the id of one item')
  if (!io.stdout.isTerminal || !io.stdinIsTerminal) {
    throw new TrackerError('invalid', 'edit needs a terminal', {
      hint: `without one: pipeline update ${id} --desc TEXT`,
    })
  }
  return withDatabase(session, true, async (database, location) => {
    const env = environment(session, database, location, 'write')
    const { data: item } = await call(itemShow, { id }, env)
    const edited = await inEditor(session, writeTexts(item))
    const texts = readTexts(edited)
    const { data: saved } = await call(itemUpdate, { id, ...texts, ifMatch: item.version }, env)
    io.stdout.write(`${itemUpdate.toText(saved, style)}\n`)
    return 0
  })
}

export const writeTexts = ({ title, description, spec }: Texts): string =>
  [title, '', marks.description, description ?? '', '', marks.spec, spec ?? '', ''].join('\n')

/** @throws TrackerError `invalid` when the marks between the texts are gone */
export function readTexts(text: string): Texts {
  const description = text.indexOf(marks.description)
  const spec = text.indexOf(marks.spec)
  if (description < 0 || spec < description) {
    throw new TrackerError(
      'invalid',
      'the lines <!-- description … --> and <!-- spec … --> must stay; nothing was saved',
    )
  }
  const part = (from: number, to?: number): string => text.slice(from, to).trim()
  return {
    title: part(0, description),
    description: part(description + marks.description.length, spec) || null,
    spec: part(spec + marks.spec.length) || null,
  }
}

async function inEditor({ io }: Session, text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  const file = join(folder, 'item.md')
  try {
    writeFileSync(file, text)
    const editor = splitWords(io.env.VISUAL || io.env.EDITOR || 'vi')
    const code = await io.runOnTerminal([...editor, file])
    if (code !== 0) throw new TrackerError('invalid', `the editor ended with ${code}; nothing was saved`)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
