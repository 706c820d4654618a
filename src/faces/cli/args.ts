/**
 * Words of the command line to options and positionals. Not `parseArgs`: that reads `show -5` as flags, `--limit -1`
 * as ambiguous, and can't say what a mistyped flag was meant to be.
 */

import { nearest } from '../../domain/nearest.ts'
import { TrackerError } from '../../errors.ts'

export interface Globals {
  db?: string
  as?: string
  source?: string
  /** '' for all fields, else names with commas between. */
  json?: string
  quiet: boolean
  color?: boolean
  dryRun: boolean
  help: boolean
  version: boolean
}

/** A word that is no global flag; `literal` words stood after `--`. */
export interface Word {
  text: string
  literal: boolean
}

const valued = ['db', 'as', 'source'] as const
const short = new Map([
  ['-h', '--help'],
  ['-q', '--quiet'],
  ['-V', '--version'],
])

/** Takes the global flags out, wherever they stand. `--json=a,b` is one word. */
export function splitGlobals(argv: readonly string[]): { globals: Globals; words: Word[] } {
  const globals: Globals = { quiet: false, dryRun: false, help: false, version: false }
  const words: Word[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const text = short.get(argv[index]!) ?? argv[index]!
    if (text === '--') {
      words.push(...argv.slice(index + 1).map((rest) => ({ text: rest, literal: true })))
      break
    }
    const name = valued.find((each) => text === `--${each}` || text.startsWith(`--${each}=`))
    if (name) {
      const joined = text.length > name.length + 2
      const value = joined ? text.slice(name.length + 3) : argv[++index]
      // An empty variable in a script must not turn into somebody else's name or database.
      if (!value || value.startsWith('--')) throw new TrackerError('invalid', `--${name} needs a value`)
      globals[name] = value
    } else if (!readSwitch(globals, text)) words.push({ text, literal: false })
  }
  return { globals, words }
}

function readSwitch(globals: Globals, text: string): boolean {
  if (text === '--json') globals.json = ''
  else if (text.startsWith('--json=')) globals.json = text.slice(7)
  else if (text === '--quiet') globals.quiet = true
  else if (text === '--no-color') globals.color = false
  else if (text === '--color') globals.color = true
  else if (text === '--dry-run') globals.dryRun = true
  else if (text === '--help') globals.help = true
  else if (text === '--version') globals.version = true
  else return false
  return true
}

function valueAfter(flag: string, word: Word | undefined, known: readonly string[]): string {
  if (word && !(isFlag(word) && known.includes(word.text.split('=')[0]!))) return word.text
  throw new TrackerError('invalid', `${flag} needs a value`, {
    ...(word ? { hint: `if the value is to be ${word.text}: ${flag}=${word.text}` } : {}),
  })
}

export const isFlag = ({ text, literal }: Word): boolean => !literal && /^(--[^\s-]|-[a-zA-Z])/.test(text)

export interface FlagSpec {
  name: string
  /** A switch takes no value. */
  boolean: boolean
}

export interface Parsed {
  positionals: string[]
  /** Values by flag, in the order in which they stood; a switch has `true` or `false`. */
  options: Map<string, (string | boolean)[]>
}

/** @throws TrackerError `invalid` for an unknown flag (with the nearest), or a missing value */
export function parseWords(words: readonly Word[], specs: readonly FlagSpec[]): Parsed {
  const positionals: string[] = []
  const options: Parsed['options'] = new Map()
  const put = (name: string, value: string | boolean) =>
    options.set(name, [...(options.get(name) ?? []), value])
  const known = specs.map((spec) => `--${spec.name}`)
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!
    if (!isFlag(word)) {
      positionals.push(word.text)
      continue
    }
    const [flag = '', ...rest] = word.text.split('=')
    const joined = word.text.includes('=') ? rest.join('=') : undefined
    const negated = specs.find((spec) => spec.boolean && flag === `--no-${spec.name}`)
    const spec = negated ?? specs.find((each) => flag === `--${each.name}`)
    if (!spec) throw unknownFlag(flag, specs)
    if (negated) put(spec.name, false)
    else if (spec.boolean) put(spec.name, switchValue(flag, joined))
    else put(spec.name, joined ?? valueAfter(flag, words[++index], known))
  }
  return { positionals, options }
}

const dashes = 'a text that begins with a dash goes behind --'

function switchValue(flag: string, joined: string | undefined): boolean {
  if (joined === undefined || joined === 'true') return true
  if (joined === 'false') return false
  throw new TrackerError('invalid', `${flag} takes no value`)
}

/** The error for a flag that is none here, with the nearest one that is. */
export function unknownFlag(flag: string, specs: readonly FlagSpec[] = []): TrackerError {
  const known = specs.map((spec) => `--${spec.name}`)
  const globals = ['--db', '--as', '--source', '--json', '--quiet', '--no-color', '--dry-run', '--help']
  const guess = nearest(flag, [...known, ...globals])
  const shown = JSON.stringify(flag.slice(0, 40))
  return new TrackerError('invalid', `unknown flag ${shown}${guess ? `; did you mean ${guess}?` : ''}`, {
    hint: known.length > 0 ? `flags here: ${known.join(' ')}; ${dashes}` : dashes,
  })
}
