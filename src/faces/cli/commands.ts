/** Which operation the words of the command line name. */

import { nearest } from '../../domain/nearest.ts'
import { TrackerError } from '../../errors.ts'
import type { AnyOperation } from '../../ops/operation.ts'
import { isFlag, unknownFlag, type Word } from './args.ts'

/** Commands that are no operation: they speak of the program itself, or keep running. */
export const ownCommands = {
  edit: 'Edit an item in $EDITOR',
  serve: 'Serve the REST API, and monitor what is live',
  monitor: 'Monitor what is live: run each check when it is due, until it is told to stop',
  completion: 'Print completion for bash, zsh or fish',
  help: 'Show help, of one command too',
} as const
export type OwnCommand = keyof typeof ownCommands

export interface Found {
  op: AnyOperation
  /** What follows the command's words, without the switch that chose it. */
  rest: Word[]
}

/**
 * @returns the operation, or the name of a command of the program's own
 * @throws  TrackerError `invalid` for an unknown command, with the nearest
 */
export function findCommand(
  words: readonly Word[],
  list: readonly AnyOperation[],
): Found | { own: OwnCommand; rest: Word[] } {
  const places = words.flatMap((word, index) => (isFlag(word) ? [] : [index]))
  const [first, second] = places.map((index) => words[index]!.text)
  const without = (count: number): Word[] =>
    words.filter((_, index) => !places.slice(0, count).includes(index))
  if (first !== undefined && Object.hasOwn(ownCommands, first))
    return { own: first as OwnCommand, rest: without(1) }
  const named = (text: string): AnyOperation[] => list.filter((op) => op.command?.words === text)
  const two = second === undefined ? [] : named(`${first} ${second}`)
  if (two.length > 0) return choose(two, without(2))
  const one = first === undefined ? [] : named(first)
  if (one.length > 0) return choose(one, without(1))
  throw first === undefined ? unknownFlag(words[0]?.text ?? '') : unknownCommand(first, list)
}

function choose(candidates: AnyOperation[], rest: Word[]): Found {
  for (const op of candidates) {
    const flag = op.command!.switch
    if (flag === undefined) continue
    const at = rest.findIndex((word) => !word.literal && word.text === `--${flag}`)
    if (at >= 0) return { op, rest: rest.toSpliced(at, 1) }
    // `--ping=fail`: what is said with it is the last word.
    const said = rest.findIndex((word) => !word.literal && word.text.startsWith(`--${flag}=`))
    if (said >= 0) {
      const text = rest[said]!.text.slice(flag.length + 3)
      return { op, rest: [...rest.toSpliced(said, 1), { text, literal: true }] }
    }
  }
  const plain = candidates.find((op) => op.command!.switch === undefined)
  return { op: plain ?? candidates[0]!, rest }
}

function unknownCommand(word: string, list: readonly AnyOperation[]): TrackerError {
  const known = [...list.flatMap((op) => op.command?.words ?? []), ...Object.keys(ownCommands)]
  const group = known.filter((words) => words.startsWith(`${word} `))
  if (word && group.length > 0) {
    return new TrackerError('invalid', `${word} needs another word`, {
      hint: `say one of: ${group.join(', ')}`,
    })
  }
  const guess = nearest(word, known)
  return new TrackerError(
    'invalid',
    `unknown command ${JSON.stringify(word.slice(0, 40))}${guess ? `; did you mean ${guess}?` : ''}`,
    {
      hint: 'see them all: pipeline help',
    },
  )
}
