/** The line of the command line that does what a form says. Pure. */

import { joinWords } from '../../domain/shell-words.ts'
import type { Line } from './command.ts'

const shellWord = (word: string): string => joinWords([word])

const asWord = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** A text of a file, and a dash alone, come by standard input. */
const byInput = (field: string, value: unknown, { files }: Line): boolean =>
  typeof value === 'string' && (files.includes(field) || value === '-')

/**
 * @param input    of the operation, as it is sent
 * @param required fields that must be there: while one is not, its name stands for it
 */
export function commandLine(
  line: Line,
  input: Record<string, unknown>,
  required: readonly string[] = [],
): string {
  const isMissing = (field: string): boolean => input[field] === undefined && required.includes(field)
  const places = line.places.filter((field) => input[field] !== undefined || isMissing(field))
  const piped = Object.entries(input).find(([field, value]) => byInput(field, value, line))
  const wordOf = (field: string): string =>
    isMissing(field) ? field.toUpperCase() : piped?.[0] === field ? '-' : asWord(input[field])
  const flags = Object.entries(line.flags).flatMap(([field, flag]) =>
    input[field] === undefined && !isMissing(field) ? [] : flagWords(flag, input[field], wordOf(field)),
  )
  const own = places.map(wordOf)
  // What begins with a dash would be read as a flag.
  const dashed = own.some((word) => word.startsWith('-') && word !== '-')
  const words = dashed ? [...flags, '--', ...own.map(shellWord)] : [...own.map(shellWord), ...flags]
  const command = ['pipeline', line.words, ...words].join(' ')
  return piped ? `printf %s ${shellWord(String(piped[1]))} | ${command}` : command
}

function flagWords(flag: string, value: unknown, word: string): string[] {
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`]
  const values = Array.isArray(value)
    ? value.some((each) => typeof each === 'object')
      ? [JSON.stringify(value)]
      : value.map(asWord)
    : [word]
  return values.map((each) =>
    each.startsWith('-') && each !== '-' ? `--${flag}=${shellWord(each)}` : `--${flag} ${shellWord(each)}`,
  )
}
