/** One section a command: what is typed, what it answers, where it is over HTTP. */

import * as z from 'zod/mini'
import { type OwnCommand, ownCommands } from '../../src/faces/cli/commands.ts'
import { type Argument, type Command, commandOf, useDescriptions } from '../../src/faces/cli/flags.ts'
import { describe, ownUsage } from '../../src/faces/cli/help.ts'
import { usage } from '../../src/faces/cli/read-input.ts'
import { operationList } from '../../src/ops/index.ts'
import type { AnyOperation } from '../../src/ops/operation.ts'
import { heading, table } from './markdown.ts'
import { answerOf } from './shapes.ts'

useDescriptions(z.globalRegistry as unknown as Parameters<typeof useDescriptions>[0])

const typed = (op: AnyOperation): string =>
  [op.command!.words, op.command!.switch && `--${op.command!.switch}`].filter(Boolean).join(' ')

const withCommand = (): AnyOperation[] => operationList.filter((op) => op.command)

/** Command, what it does: the contents of the page. */
export const commandTable = (): string =>
  table(
    ['command', 'what it does'],
    [
      ...withCommand().map((op) => [
        `[\`${typed(op)}\`](#${heading(`pipeline ${typed(op)}`)})`,
        `${op.summary}.`,
      ]),
      ...Object.entries(ownCommands).map(([name, summary]) => [
        `[\`${name}\`](#${heading(`pipeline ${name}`)})`,
        `${summary}.`,
      ]),
    ],
  )

export const commandSections = (): string[] => [
  ...withCommand().map(section),
  ...(Object.keys(ownCommands) as OwnCommand[]).map(ownSection),
]

function section(op: AnyOperation): string {
  const command = commandOf(op)
  const { examples = [], exitCode, switch: chosen } = op.command!
  const route = op.http
    ? `\`${op.http.method.toUpperCase()} /api/v1${op.http.path}\``
    : 'none: only at the machine itself'
  const { head, rows } = answerOf(op.output(), op.name)
  return [
    `### pipeline ${typed(op)}`,
    `${op.summary}.`,
    fenced([`${usage(command)}${chosen ? ` --${chosen}` : ''}`]),
    argumentTable(command),
    ...(examples.length > 0 ? ['Examples:', fenced(examples)] : []),
    ...(exitCode ? [exitNote(op)] : []),
    `${head}${rows.length > 0 ? `\n\n${table(['field', 'type', 'meaning'], rows)}` : ''}`,
    `REST: ${route} · library: \`${op.name}\` · permission: \`${op.needs}\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const exitNotes: Record<string, string> = {
  doctor: 'Exits with 1 when something is wrong.',
  'batch.run': 'Exits with 0 when every line was done; with `--continue` with 2 when one was not.',
  'notify.test': 'Exits with 1 when nothing was sent.',
  'health.list': 'Exits with 0; with `--down` with 7 when something is down.',
}

const exitNote = ({ name }: AnyOperation): string =>
  exitNotes[name] ?? 'Exits with 0 when the result is up or degraded, with 7 when it is down or unknown.'

const fenced = (lines: string[]): string => ['```sh', ...lines, '```'].join('\n')

function argumentTable({ positionals, flags }: Command): string {
  const rows = [
    ...positionals.map((each) => [
      `\`${each.field.toUpperCase()}${each.rest ? '…' : ''}\``,
      valueText(each),
      describe(each),
    ]),
    ...flags.map((each) => [
      `\`--${each.name}\``,
      valueText(each) + (each.required ? '; required' : ''),
      describe(each),
    ]),
  ]
  return rows.length > 0 ? table(['word or flag', 'value', 'meaning'], rows) : ''
}

const sources: Record<Argument['from'], string> = {
  word: '',
  text: '; `-` reads standard input',
  file: 'path of a file; `-` reads standard input',
  json: 'JSON, the path of a file, or `-` for standard input',
  texts: '',
}

function valueText(argument: Argument): string {
  const none = argument.nullable ? '; or `none`' : ''
  if (argument.from === 'file' || argument.from === 'json') return `${sources[argument.from]}${none}`
  if (argument.kind === 'list')
    return argument.field.toLowerCase().endsWith('criteria') ? 'text, or a JSON list' : 'text'
  const kind =
    argument.choices.length > 0
      ? 'word'
      : { text: 'text', number: 'number', boolean: 'no value', list: 'text', object: 'JSON' }[argument.kind]
  return `${kind}${sources[argument.from]}${none}`
}

const ownSection = (name: OwnCommand): string =>
  [
    `### pipeline ${name}`,
    `${ownCommands[name]}.`,
    table(
      ['word or flag', 'meaning'],
      ownUsage[name].map(([word, meaning]) => [`\`${word}\``, meaning]),
    ),
  ].join('\n\n')
