/** The engine behind `pattern.ts`: the one file that knows it, and it loads it (12 ms) with itself. */

import { RE2JS, RE2JSSyntaxException, RE2Set } from 're2js'

/** This file, as `import()` gives it. */
export interface PatternEngine {
  compile(source: string, flags: string): Program | Refusal
}

export interface Program {
  /** Its size: a search takes at most this × the characters of the text. */
  steps: number
  /** Whether it is found anywhere in the text. */
  finds(text: string): boolean
}

/** Why a pattern can't be run: `${what} at ${position}${way}`. */
export interface Refusal {
  what: string
  /** Where in the pattern, from 0. */
  at: number
  /** What is understood, from a semicolon on; or nothing. */
  way: string
}

const flagOf: Record<string, number> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
}

/** What a pattern may remember from text to text. The engine's own measure is 8 MB, too much for many checks. */
const memoryBytes = 512 * 1024

/** @param flags  of i, m, s */
export function compile(source: string, flags: string): Program | Refusal {
  try {
    return programOf(source, flags)
  } catch (error) {
    return refusalOf(error, source, flags)
  }
}

/** A set of one: unlike a single pattern, it lets its memory be bounded. */
function programOf(source: string, flags: string): Program {
  const sum = [...flags].reduce((all, flag) => all | (flagOf[flag] ?? 0), 0)
  const set = new RE2Set(RE2Set.UNANCHORED, sum, memoryBytes)
  set.add(source)
  set.compile()
  return { steps: set.prog.numInst(), finds: (text) => set.match(text).length > 0 }
}

function refusalOf(error: unknown, source: string, flags: string): Refusal {
  if (!(error instanceof RE2JSSyntaxException)) {
    return { what: "the pattern can't be compiled", at: 0, way: '; write a simpler one' }
  }
  const { error: why, input: part } = error
  const at = part ? placeOf(part, why, source, flags) : 0
  const found = sentences.find(([of]) => of.test(part ?? '') || of.test(why))
  if (found) return { what: found[1], at, way: found[2] }
  return { what: `the pattern is malformed: ${why}`, at, way: '; the grammar is that of RE2' }
}

/** By the part that is refused, or what the engine says of it. */
const sentences: [RegExp, string, string][] = [
  [/^\(\?<?[=!]/, 'look-around in a pattern', '; it is not understood, write two conditions'],
  [/^\\[1-9k]/, 'a back reference in a pattern', '; it is not understood, write out what is meant'],
  [/^invalid repeat count$/, 'a repetition that runs backwards, or is over 1000,', ''],
  [/^expression (too large|nests too deeply)$/, 'the pattern is too large', '; write a simpler one'],
]

/** The engine tells the part, not the place: it is where the pattern fails alike when it ends right there. */
function placeOf(part: string, why: string, source: string, flags: string): number {
  const first = source.indexOf(part)
  for (let at = first, tries = 0; at >= 0 && tries < 4; at = source.indexOf(part, at + 1), tries++) {
    try {
      programOf(source.slice(0, at + part.length), flags)
    } catch (error) {
      if (error instanceof RE2JSSyntaxException && error.error === why && error.input === part) return at
    }
  }
  return Math.max(0, first)
}
