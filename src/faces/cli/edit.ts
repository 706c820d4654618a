/** `edit ID`: the texts of an item in the user's editor, saved only if nobody else changed it meanwhile. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { splitWords } from '../../domain/shell-words.ts'
import { TrackerError } from '../../errors.ts'
import { itemShow } from '../../ops/item-show.ts'
import { itemUpdate } from '../../ops/item-update.ts'
import { call, type Environment } from '../../ops/operation.ts'
import { parseWords, type Word } from './args.ts'
import { print } from './main.ts'
import { asTrackerError } from './output.ts'
import { type Session, withPipeline } from './session.ts'

interface Texts {
  title: string
  description: string | null
  spec: string | null
}

const marks = { description: '<!-- description: problem and context -->', spec: '<!-- spec: Markdown -->' }

export async function editItem(session: Session, rest: Word[]): Promise<number> {
  const { io } = session
  const { positionals } = parseWords(rest, [])
  const id = Number(/^#?(\d{1,15})$/.exec(positionals[0] ?? '')?.[1])
  if (!(id > 0) || positionals.length !== 1)
    throw new TrackerError('invalid', 'edit takes the id of one item')
  if (!io.stdout.isTerminal || !io.stdinIsTerminal) {
    throw new TrackerError('invalid', 'edit needs a terminal', {
      hint: `without one: pipeline update ${id} --desc TEXT`,
    })
  }
  const show = (env: Environment) => call(itemShow, { id }, env)
  return withPipeline(session, { kind: 'write', rehearse: show }, async (env) => {
    const { data: item } = await show(env)
    await inEditor(session, writeTexts(item), async (edited) => {
      const texts =
        edited === writeTexts(item) ? { title: item.title } : changedTexts(item, readTexts(edited))
      await print(itemUpdate, await call(itemUpdate, { id, ...texts, ifMatch: item.version }, env), session)
    })
    return 0
  })
}

export const writeTexts = ({ title, description, spec }: Texts): string =>
  [title, '', marks.description, description ?? '', '', marks.spec, spec ?? '', ''].join('\n')

/** @throws TrackerError `invalid` when the marks between the texts are gone, or are there twice */
export function readTexts(text: string): Texts {
  const description = text.indexOf(marks.description)
  const spec = text.indexOf(marks.spec)
  const once = Object.values(marks).every((mark) => text.split(mark).length === 2)
  if (!once || spec < description) {
    throw new TrackerError(
      'invalid',
      'the lines <!-- description … --> and <!-- spec … --> must stay as they were, once each; nothing was saved',
    )
  }
  const part = (from: number, to?: number): string => text.slice(from, to).trim()
  return {
    title: part(0, description),
    description: part(description + marks.description.length, spec) || null,
    spec: part(spec + marks.spec.length) || null,
  }
}

/** The file of the editor keeps no space at the ends of a text: without it both are the same, and it stays. */
export function changedTexts(item: Texts, { title, ...texts }: Texts): Partial<Texts> & { title: string } {
  const same = (name: keyof typeof texts): boolean => (item[name]?.trim() || null) === texts[name]
  const changed = (['description', 'spec'] as const).filter((name) => !same(name))
  return { title, ...Object.fromEntries(changed.map((name) => [name, texts[name]])) }
}

/** What was written is kept where it can't be saved. */
async function inEditor({ io }: Session, text: string, save: (text: string) => Promise<void>): Promise<void> {
  const editor = splitWords(io.env.VISUAL || io.env.EDITOR || 'vi')
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  const file = join(folder, 'item.md')
  writeFileSync(file, text)
  const code = await io.runOnTerminal([...editor, file])
  const edited = existsSync(file) ? readFileSync(file, 'utf8') : text
  try {
    if (code !== 0) throw new TrackerError('invalid', `the editor ended with ${code}; nothing was saved`)
    await save(edited)
  } catch (error) {
    if (edited !== text) throw kept(asTrackerError(error), file)
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  rmSync(folder, { recursive: true, force: true })
}

const kept = ({ kind, message, failures, cause }: TrackerError, file: string): TrackerError =>
  new TrackerError(kind, message, { failures, cause, hint: `what you wrote is kept in ${file}` })
