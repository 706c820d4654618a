/** Help, made from the operations. */

import * as z from 'zod/mini'
import { columns, oneLine, pad, wrap } from '../../domain/text.ts'
import { operationList } from '../../ops/index.ts'
import type { AnyOperation } from '../../ops/operation.ts'
import type { Style } from '../../ops/style.ts'
import type { Word } from './args.ts'
import { findCommand, type OwnCommand, ownCommands } from './commands.ts'
import { type Argument, type Command, commandOf, useDescriptions } from './flags.ts'
import { usage } from './read-input.ts'

export const globalFlags: [string, string][] = [
  ['--db FILE|URL', 'the pipeline: a SQLite file or a postgres:// URL (or PIPELINE_DB)'],
  ['--as ACTOR', 'who acts: human:max, agent:builder-1 (or PIPELINE_ACTOR)'],
  ['--source WORD', 'a label for the log: main, subagent'],
  ['--json[=FIELD,…]', 'print JSON, all fields or some'],
  ['--dry-run', 'decide and answer, store nothing'],
  ['--quiet, -q', 'no talk; of a change only the id'],
  ['--no-color', 'no colours (or NO_COLOR)'],
  ['--help, -h', 'help of a command'],
  ['--version, -V', 'the version'],
]

export const exitCodeTexts: [number, string][] = [
  [0, 'ok'],
  [1, 'internal error, or the database can not be used; unhealthy (doctor)'],
  [2, 'wrong usage or input'],
  [3, 'not found'],
  [4, 'not permitted'],
  [5, 'refused by a gate'],
  [6, 'conflict'],
  [7, 'the check is failing (check)'],
]

export function overview(style: Style, version: string): string {
  const rows: [string, string][] = operationList
    .filter((op) => op.command)
    .map((op) => [shown(op), op.summary] as [string, string])
    .concat(ownNames.map((name) => [shownOwn(name), ownCommands[name]]))
  return [
    `${style.bold('pipeline')} ${version}: from idea to live, and the incident after it`,
    '',
    style.bold('Commands'),
    ...table(rows, style),
    '',
    style.bold('Everywhere'),
    ...table(globalFlags, style),
    '',
    ...wrap(`Exit codes: ${exitCodeTexts.map(([code, text]) => `${code} ${text}`).join(' · ')}`, style.width),
    '',
    'More of one: pipeline help COMMAND',
    '',
  ].join('\n')
}

const shown = (op: AnyOperation): string => {
  const { words, positionals = [], switch: chosen } = op.command!
  const places = positionals.map((each) => each.replace('...', '…').toUpperCase())
  return [words, ...(chosen ? [`--${chosen}`] : []), ...places].join(' ')
}

function table(rows: [string, string][], style: Style): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => columns(name))) + 2)
  return rows.flatMap(([name, text]) => {
    const lines = wrap(oneLine(text), Math.max(30, style.width - left - 2))
    return lines.map((line, index) => `  ${style.cyan(pad(index === 0 ? name : '', left))}${line}`)
  })
}

export function helpFor(words: readonly Word[], style: Style): string {
  const found = findCommand(words, operationList)
  if ('own' in found) return ownHelp(found.own, style)
  useDescriptions(z.globalRegistry as unknown as Parameters<typeof useDescriptions>[0])
  const command = commandOf(found.op)
  const { examples = [], switch: chosen } = found.op.command!
  const blocks = [
    wrap(`${found.op.summary}.`, style.width).join('\n'),
    `${style.bold('Usage')}  ${usage(command)}${chosen ? ` --${chosen}` : ''}`,
  ]
  if (command.positionals.length > 0)
    blocks.push(block('Words', command.positionals.map(positionalRow), style))
  if (command.flags.length > 0) blocks.push(block('Flags', command.flags.map(flagRow), style))
  if (examples.length > 0)
    blocks.push([style.bold('Examples'), ...examples.map((line) => `  ${line}`)].join('\n'))
  return `${blocks.join('\n\n')}\n`
}

const block = (title: string, rows: [string, string][], style: Style): string =>
  [style.bold(title), ...table(rows, style)].join('\n')

const positionalRow = (each: Command['positionals'][number]): [string, string] => [
  each.field.toUpperCase(),
  describe(each),
]

function flagRow(flag: Argument): [string, string] {
  if (flag.kind === 'boolean') return [`--${flag.name}`, describe(flag)]
  const many = flag.choices.length > 4
  const name = `--${flag.name} ${many ? flag.field.toUpperCase() : flag.value}`
  // A few choices stand beside the flag already.
  return [name, describe(many ? flag : { ...flag, choices: [] })]
}

export function describe(argument: Argument): string {
  const parts = [argument.description]
  if (argument.choices.length > 0) parts.push(`one of ${argument.choices.join(', ')}`)
  if (argument.preset !== undefined) parts.push(`default ${argument.preset}`)
  if (argument.kind === 'list') parts.push('may be repeated')
  return parts.filter((part) => part !== '').join('; ')
}

const watchUsage: [string, string][] = [
  ['--runner LABEL', 'run the checks with this label; default local'],
  ['--concurrency N', 'checks at once; default 50'],
  ['--keep-alive', 'keep connections of http checks open between runs: cheaper, and less is tested'],
]

const ownUsage: Record<OwnCommand, [string, string][]> = {
  edit: [['ID', 'id of the item; on a terminal only']],
  serve: [
    ['--port N', 'default 4400 (or PIPELINE_PORT); 0 takes any free one'],
    ['--host ADDRESS', 'only this machine for now: 127.0.0.1'],
    ['--no-monitor', 'do not run the health checks that are due'],
    ...watchUsage,
  ],
  monitor: watchUsage,
  completion: [['bash|zsh|fish', 'for which shell']],
  help: [['COMMAND', 'help of one command']],
}

const ownPlaces: Record<OwnCommand, string> = {
  edit: ' ID',
  serve: '',
  monitor: '',
  completion: ' SHELL',
  help: ' COMMAND',
}
const ownNames = Object.keys(ownCommands) as OwnCommand[]
const shownOwn = (name: OwnCommand): string => `${name}${ownPlaces[name]}`

const ownHelp = (name: OwnCommand, style: Style): string =>
  [
    `${ownCommands[name]}.`,
    '',
    `${style.bold('Usage')}  pipeline ${shownOwn(name)}`,
    '',
    ...table(ownUsage[name], style),
    '',
  ].join('\n')

export { ownUsage }
