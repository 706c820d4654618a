/**
 * The patterns of `matches` conditions, run by an engine whose time grows with pattern × text and never faster
 * (RE2's grammar: no back references, no look-around). It is loaded when a check has a pattern, not before.
 */

import type { Expectation, Operand } from './expectation-shape.ts'
import type { PatternEngine, Program, Refusal } from './pattern-engine.ts'

export type Pattern = Extract<Operand, { kind: 'pattern' }>
export type { Refusal } from './pattern-engine.ts'

/** `unread`: the text ends before the pattern could be told. */
export type Found = 'found' | 'absent' | 'unread'

/** The patterns of one check, ready to run. Pure: they remember nothing of what they read. */
export interface Patterns {
  /** Why it can't be run. */
  refusalOf(pattern: Pattern): Refusal | undefined
  /**
   * @param cut  more of the text was there and was not kept
   * @returns    what can be said of the whole text; `unread` too for a pattern that is refused
   */
  search(pattern: Pattern, text: string, cut: boolean): Found
}

/** Of all patterns of a check together: they are run one after another, and nothing else is in that time. */
const longest = 4000
const mostSteps = 1000

/**
 * Steps × characters that a run may take: about 0.4 s of the worst pattern on the worst text, 0.01 s of a usual one.
 * Patterns of 8 steps are told of 1 MB, of 120 of 64 KB, of 1000 of 8 KB; from there on the text counts as cut.
 */
const budget = 8_000_000

/** Compiled ones, by their text: the same checks run again and again. Each holds at most 0.5 MB. */
const compiled = new Map<string, Program | Refusal>()
const mostCompiled = 64

/** @returns undefined where no condition has a pattern: then no engine is loaded */
export async function compilePatterns(expectations: readonly Expectation[]): Promise<Patterns | undefined> {
  const patterns = expectations.flatMap(({ operand }) => (operand.kind === 'pattern' ? [operand] : []))
  if (patterns.length === 0) return undefined
  const engine = await import('./pattern-engine.ts')
  const programs = new Map<string, Program | Refusal>()
  let characters = 0
  let steps = 0
  for (const pattern of patterns) {
    const key = keyOf(pattern)
    if (programs.has(key)) continue
    characters += pattern.source.length
    const program = characters > longest ? tooLong : compiledOnce(engine, pattern)
    const more = 'steps' in program ? program.steps : 0
    programs.set(key, steps + more > mostSteps ? tooLarge : program)
    if (steps + more <= mostSteps) steps += more
  }
  return patternsOf(programs, Math.floor(budget / Math.max(1, steps)))
}

const tooLong: Refusal = {
  what: 'the pattern is too long',
  at: 0,
  way: `; all of a check have at most ${longest} characters`,
}
const tooLarge: Refusal = {
  what: 'the pattern is too large',
  at: 0,
  way: `; all of a check may come to ${mostSteps} steps, and a{50} alone is 50`,
}

const keyOf = ({ source, flags }: Pattern): string => `${flags}/${source}`

function compiledOnce({ compile }: PatternEngine, pattern: Pattern): Program | Refusal {
  const key = keyOf(pattern)
  const program = compiled.get(key) ?? compile(pattern.source, pattern.flags)
  // Set anew, the one used last is the last to be forgotten.
  compiled.delete(key)
  compiled.set(key, program)
  for (const oldest of compiled.keys()) {
    if (compiled.size <= mostCompiled) break
    compiled.delete(oldest)
  }
  return program
}

/** @param most  characters that are looked at */
function patternsOf(programs: ReadonlyMap<string, Program | Refusal>, most: number): Patterns {
  return {
    refusalOf(pattern) {
      const program = programs.get(keyOf(pattern))
      return program === undefined || 'steps' in program ? undefined : program
    },
    search(pattern, text, cut) {
      const program = programs.get(keyOf(pattern))
      if (program === undefined || !('steps' in program)) return 'unread'
      const whole = !cut && text.length <= most
      if (whole) return program.finds(withoutLastBreak(text)) ? 'found' : 'absent'
      // The end of what is looked at is not the end of the text: `$` and `\b` could take it for one.
      if (/\$|\\[bBz]/.test(pattern.source)) return 'unread'
      return program.finds(text.slice(0, most).replace(/[\ud800-\udbff]$/, '')) ? 'found' : 'unread'
    },
  }
}

/** A line break that a program prints last is not part of what it says: `/ready$/` holds for `ready\n`. */
const withoutLastBreak = (text: string): string => text.replace(/\r?\n$/, '')
