/** Completion scripts for the shells, made from the operations. */

import { stageWords } from '../../domain/stage.ts'
import { TrackerError } from '../../errors.ts'
import { operationList } from '../../ops/index.ts'
import { ownCommands } from './commands.ts'
import { commandOf } from './flags.ts'

const shells = ['bash', 'zsh', 'fish'] as const

interface Entry {
  words: string
  summary: string
  flags: string[]
  /** Legal words of flags and positionals. */
  choices: string[]
}

/** @throws TrackerError `invalid` for an unknown shell */
export function completionScript(shell: string): string {
  const known = shells.find((each) => each === shell)
  if (!known) {
    throw new TrackerError(
      'invalid',
      shell ? `no completion for ${JSON.stringify(shell.slice(0, 20))}` : 'which shell?',
      {
        hint: 'say bash, zsh or fish: source <(pipeline completion bash)',
      },
    )
  }
  return { bash, zsh, fish }[known](entries())
}

const globals = ['--db', '--as', '--source', '--json', '--quiet', '--no-color', '--dry-run', '--help']

const watchFlags = ['--runner', '--concurrency', '--keep-alive']
const stayFlags: Record<string, string[]> = {
  serve: ['--port', '--host', '--no-monitor', ...watchFlags],
  monitor: watchFlags,
}

function entries(): Entry[] {
  const own = Object.entries(ownCommands).map(([words, summary]) => ({
    words,
    summary,
    flags: stayFlags[words] ?? [],
    choices: words === 'completion' ? [...shells] : words === 'help' ? helpTopics() : [],
  }))
  const byWords = new Map<string, Entry>()
  for (const op of operationList) {
    if (!op.command) continue
    const { flags, positionals } = commandOf(op)
    const entry = byWords.get(op.command.words) ?? {
      words: op.command.words,
      summary: op.summary,
      flags: [],
      choices: [],
    }
    entry.flags.push(
      ...flags.map((flag) => `--${flag.name}`),
      ...(op.command.switch ? [`--${op.command.switch}`] : []),
    )
    const stages = op.name === 'item.move' ? moveWords : []
    entry.choices.push(...[...flags, ...positionals].flatMap((each) => each.choices), ...stages)
    byWords.set(entry.words, entry)
  }
  return [...byWords.values(), ...own]
}

const moveWords = stageWords

/** The first word of every command. */
const helpTopics = (): string[] => [
  ...operationList.flatMap(({ command }) => command?.words.split(' ')[0] ?? []),
  ...Object.keys(ownCommands),
]

/** Global flags that take the word after them. */
const withValue = ['--db', '--as', '--source']

const firsts = (list: Entry[]): string[] => [...new Set(list.map((entry) => entry.words.split(' ')[0]!))]
const seconds = (list: Entry[], first: string): string[] =>
  list.flatMap((entry) => (entry.words.startsWith(`${first} `) ? [entry.words.split(' ')[1]!] : []))

function wordsAfter(list: Entry[], first: string): string {
  const own = list.filter((entry) => entry.words.split(' ')[0] === first)
  const flags = own.flatMap((entry) => [...entry.flags, ...entry.choices])
  return [...new Set([...seconds(list, first), ...flags, ...globals])].join(' ')
}

function bash(list: Entry[]): string {
  const cases = firsts(list).map((first) => `    ${first}) words="${wordsAfter(list, first)}" ;;`)
  return `# bash completion for pipeline: source <(pipeline completion bash)
_pipeline() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words at=1
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[at]}" in
      ${withValue.join('|')}) at=$((at + 2)) ;;
      -*) at=$((at + 1)) ;;
      *) break ;;
    esac
  done
  case "\${COMP_WORDS[at]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  if [ "$at" -gt "$COMP_CWORD" ]; then return; fi
  if [ "$at" -eq "$COMP_CWORD" ]; then words="${firsts(list).join(' ')} ${globals.join(' ')}"; fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _pipeline pipeline
`
}

function zsh(list: Entry[]): string {
  const described = firsts(list).map((first) => `    '${first}:${quote(summaryOf(list, first))}'`)
  const cases = firsts(list).map((first) => `    ${first}) compadd -- ${wordsAfter(list, first)} ;;`)
  return `#compdef pipeline
# zsh completion for pipeline: source <(pipeline completion zsh)
_pipeline() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local -i at=2
  while (( at < CURRENT )); do
    case "$words[at]" in
      ${withValue.join('|')}) (( at += 2 )) ;;
      -*) (( at += 1 )) ;;
      *) break ;;
    esac
  done
  if (( at > CURRENT )); then _files; return; fi
  if (( at == CURRENT )); then _describe 'command' commands; return; fi
  case "$words[at]" in
${cases.join('\n')}
  esac
}
compdef _pipeline pipeline
`
}

function fish(list: Entry[]): string {
  const commands = firsts(list).map(
    (first) =>
      `complete -c pipeline -n __fish_use_subcommand -f -a ${first} -d '${quote(summaryOf(list, first))}'`,
  )
  const rest = firsts(list).map(
    (first) =>
      `complete -c pipeline -n '__fish_seen_subcommand_from ${first}' -a '${wordsAfter(list, first)}'`,
  )
  const globalValues = withValue.map((flag) => `complete -c pipeline -l ${flag.slice(2)} -r`)
  return `# fish completion for pipeline: pipeline completion fish | source\n${[...globalValues, ...commands, ...rest].join('\n')}\n`
}

const summaryOf = (list: Entry[], first: string): string =>
  list.find((entry) => entry.words.split(' ')[0] === first)!.summary

const quote = (text: string): string => text.replaceAll("'", '’').replaceAll(':', '')
