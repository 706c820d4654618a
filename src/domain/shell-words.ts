/** A command line split to words as a POSIX shell splits them; nothing is expanded, nothing is run. */

import { TrackerError } from '../errors.ts'

const secret = /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}/
const expansion = /^\$[A-Za-z0-9_({?$!@*#-]/
const operators = '|&;<>()'
const needsQuotes = /[^A-Za-z0-9_@%+=:,./-]/

/**
 * @returns the words; quotes and backslashes are taken off, `${secret:NAME}` stays as it is
 * @throws  TrackerError `invalid` for an open quote, an unquoted operator, an expansion, a NUL
 */
export function splitWords(line: string): string[] {
  if (line.includes('\0')) throw refusal('a NUL character', line.indexOf('\0'))
  return new Splitter(line).split()
}

/** The reverse: one line that `splitWords` splits to `words` again. */
export const joinWords = (words: readonly string[]): string => words.map(quoteWord).join(' ')

const quoteWord = (word: string): string =>
  word === '' || needsQuotes.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : word

class Splitter {
  private at = 0
  private word: string | undefined
  private readonly words: string[] = []
  private readonly line: string

  constructor(line: string) {
    this.line = line
  }

  split(): string[] {
    while (this.at < this.line.length) this.step(this.line[this.at]!)
    this.endWord()
    return this.words
  }

  private step(char: string): void {
    if (char === ' ' || char === '\t') this.endWord()
    else if (char === "'") this.singleQuoted()
    else if (char === '"') this.doubleQuoted()
    else if (char === '\\') this.escaped()
    else if (char === '$' || char === '`') this.dollar()
    else this.plain(char)
  }

  private plain(char: string): void {
    if (char === '\n' || char === '\r') this.lineBreak()
    else if (operators.includes(char)) throw needsShell(`"${char}"`, this.at)
    else if (char === '#' && this.word === undefined) throw needsShell('a comment ("#")', this.at)
    else this.take(1)
  }

  /** Harmless round a command, but between two words it would be a second command. */
  private lineBreak(): void {
    this.endWord()
    if (this.words.length > 0 && this.line.slice(this.at).trim() !== '') {
      throw needsShell('a line break', this.at - 1)
    }
  }

  private add(text: string): void {
    this.word = (this.word ?? '') + text
  }

  private endWord(): void {
    if (this.word !== undefined) this.words.push(this.word)
    this.word = undefined
    this.at++
  }

  private singleQuoted(): void {
    const end = this.line.indexOf("'", this.at + 1)
    if (end < 0) throw refusal('a single quote that is never closed', this.at)
    this.add(this.line.slice(this.at + 1, end))
    this.at = end + 1
  }

  private doubleQuoted(): void {
    const start = this.at++
    this.add('')
    while (this.line[this.at] !== '"') {
      const char = this.line[this.at]
      if (char === undefined) throw refusal('a double quote that is never closed', start)
      if (char === '$' || char === '`') this.dollar()
      else if (char === '\\') this.escapedInQuotes()
      else this.take(1)
    }
    this.at++
  }

  private take(length: number): void {
    this.add(this.line.slice(this.at, this.at + length))
    this.at += length
  }

  /** Outside quotes a backslash takes the next character as it is; before a line break both vanish. */
  private escaped(): void {
    const next = this.line[this.at + 1]
    if (next === undefined) throw refusal('a backslash with nothing after it', this.at)
    if (next !== '\n') this.add(next)
    this.at += 2
  }

  /** Inside double quotes a backslash is one only before `$`, backtick, `"`, `\` and a line break. */
  private escapedInQuotes(): void {
    if (/["$`\\\n]/.test(this.line[this.at + 1] ?? '')) this.escaped()
    else this.take(1)
  }

  private dollar(): void {
    const rest = this.line.slice(this.at, this.at + 200)
    const [name] = secret.exec(rest) ?? []
    if (name === undefined && rest.startsWith('`')) throw needsShell('a backtick', this.at)
    if (name === undefined && expansion.test(rest)) throw needsShell(`"${rest.slice(0, 2)}"`, this.at)
    this.take(name?.length ?? 1)
  }
}

const needsShell = (what: string, at: number): TrackerError =>
  new TrackerError('invalid', `this needs a shell: ${what} at ${at + 1}`, {
    hint: 'put it in single quotes if it is meant as text, or put the command into a script and check that',
  })

const refusal = (what: string, at: number): TrackerError =>
  new TrackerError('invalid', `the command has ${what} at ${at + 1}`, {
    hint: 'quote it as for a POSIX shell',
  })
