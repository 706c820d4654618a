/** Words to the raw input of an operation: types, `-` for standard input, files, JSON, `none`. */

import { TrackerError } from '../../errors.ts'
import { type Parsed, parseWords, type Word } from './args.ts'
import type { Argument, Command } from './flags.ts'

export interface Reader {
  /** The whole of standard input. */
  stdin(): Promise<string>
  /** @throws when there is no such file */
  file(path: string): Promise<string>
}

/**
 * @param words what follows the command's own words
 * @throws TrackerError `invalid`
 */
export async function readInput(
  command: Command,
  words: readonly Word[],
  reader: Reader,
): Promise<Record<string, unknown>> {
  const specs = command.flags.map((flag) => ({ name: flag.name, boolean: flag.kind === 'boolean' }))
  const parsed = parseWords(words, specs)
  const once = readOnce(reader)
  const input: Record<string, unknown> = {}
  await readPositionals(command, parsed, input, once)
  for (const flag of command.flags) {
    const values = parsed.options.get(flag.name)
    if (values) input[flag.field] = await flagValue(flag, values, once)
  }
  requireFlags(command, input)
  return input
}

/** By the names that they are typed by. */
function requireFlags(command: Command, input: Record<string, unknown>): void {
  const missing = command.flags.filter(({ required, field }) => required && !Object.hasOwn(input, field))
  const failures = missing.map(({ field, name }) => ({ field, message: `--${name} is missing` }))
  if (failures.length === 0) return
  throw new TrackerError('invalid', failures[0]!.message, { hint: `usage: ${usage(command)}`, failures })
}

async function readPositionals(
  command: Command,
  { positionals }: Parsed,
  input: Record<string, unknown>,
  reader: Reader,
): Promise<void> {
  const given = [...positionals]
  for (const positional of command.positionals) {
    if (positional.rest && given.length > 0) input[positional.field] = given.splice(0).join(' ')
    else if (given.length > 0) input[positional.field] = await oneValue(positional, given.shift()!, reader)
    else if (positional.required) {
      throw new TrackerError('invalid', `${positional.field} is missing`, {
        hint: `usage: ${usage(command)}`,
      })
    }
  }
  if (given.length > 0) {
    throw new TrackerError('invalid', `there is a word too many: ${JSON.stringify(given[0]!.slice(0, 60))}`, {
      hint: `put texts of several words in quotes; usage: ${usage(command)}`,
    })
  }
}

/** `pipeline move ID TO [flags]` */
export function usage(command: Command): string {
  const places = command.positionals.map((each) => {
    const name = each.from === 'word' && each.choices.length === 0 ? each.field.toUpperCase() : each.value
    return each.rest ? `${name}…` : name
  })
  const required = command.flags.filter((flag) => flag.required)
  const needed = required.map((flag) => `--${flag.name} ${flag.value}`)
  const flags = command.flags.length > required.length ? ['[flags]'] : []
  return ['pipeline', ...command.words, ...places, ...needed, ...flags].join(' ')
}

async function flagValue(flag: Argument, values: (string | boolean)[], reader: Reader): Promise<unknown> {
  if (flag.from === 'texts') return textList(flag, values as string[])
  if (values.length > 1) throw new TrackerError('invalid', `--${flag.name} was given ${values.length} times`)
  const [value] = values
  return typeof value === 'boolean' ? value : oneValue(flag, value!, reader)
}

/** `[{…`, `["…` or `[]`; but `[UI] shows totals` and `[ ] to do` are texts. */
const jsonList = /^\s*\[(\s*[{"]|\]\s*$)/

function textList(flag: Argument, values: string[]): unknown {
  if (flag.field.toLowerCase().endsWith('criteria') && values.length === 1 && jsonList.test(values[0]!)) {
    return parseJson(values[0]!, `--${flag.name}`)
  }
  return values
}

async function oneValue(argument: Argument, text: string, reader: Reader): Promise<unknown> {
  if (argument.nullable && text === 'none') return null
  switch (argument.from) {
    case 'text':
      return text === '-' ? reader.stdin() : text
    case 'file':
      return text === '-' ? reader.stdin() : readFile(argument, text, reader)
    case 'json':
      return jsonValue(argument, text, reader)
    default:
      return argument.kind === 'number' ? numberOrText(text) : text
  }
}

/** `12` and `#12`; anything else stays text, and the schema says what is wrong with it. */
const numberOrText = (text: string): unknown =>
  /^(#?\d+|-\d+|-?\d+\.\d+)$/.test(text) ? Number(text.replace('#', '')) : text

async function jsonValue(argument: Argument, text: string, reader: Reader): Promise<unknown> {
  const source = text === '-' ? 'standard input' : /^\s*[[{"]/.test(text) ? `--${argument.name}` : text
  const json =
    text === '-' ? await reader.stdin() : source === text ? await readFile(argument, text, reader) : text
  return parseJson(json, source)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new TrackerError('invalid', `${source} is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function readFile(argument: Argument, path: string, reader: Reader): Promise<string> {
  try {
    return await reader.file(path)
  } catch (error) {
    if (error instanceof TrackerError) throw error
    throw new TrackerError('invalid', `--${argument.name}: can't read ${JSON.stringify(path)}`, {
      hint:
        argument.from === 'json'
          ? 'give JSON, the path of a file, or - for standard input'
          : 'give the path of a file, or - for standard input',
      cause: error,
    })
  }
}

/** Standard input can be read once; a second `-` is refused. */
function readOnce(reader: Reader): Reader {
  let used = false
  return {
    file: reader.file,
    stdin: () => {
      if (used) throw new TrackerError('invalid', 'only one value can be read from standard input')
      used = true
      return reader.stdin()
    },
  }
}
