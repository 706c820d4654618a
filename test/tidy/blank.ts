/** TypeScript with its comments and strings blanked, character by character, so that places stay the same. */

export interface Blanked {
  /** Without the insides of strings, templates and patterns, and without comments. */
  code: string
  /** Without comments alone. */
  spoken: string
}

/** After these a slash begins a pattern, not a division. */
const beforePattern =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield))$/

export function blank(text: string): Blanked {
  const reader = new Reader(text)
  reader.code(false)
  return { code: reader.codeText.join(''), spoken: reader.spokenText.join('') }
}

class Reader {
  readonly codeText: string[] = []
  readonly spokenText: string[] = []
  private at = 0
  /** The last significant code, to tell a pattern from a division. */
  private before = ''
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** @param nested  inside `${…}`: ends at the brace that closes it */
  code(nested: boolean): void {
    let depth = 0
    while (this.at < this.text.length) {
      const char = this.text[this.at]!
      if (nested && char === '}' && depth === 0) return
      if (char === '{') depth += 1
      if (char === '}') depth -= 1
      if (this.startsWith('//')) this.skip(/[^\n]*/y, 'comment')
      else if (this.startsWith('/*')) this.skip(/\/\*[\s\S]*?(?:\*\/|$)/y, 'comment')
      else if (char === "'") this.quoted(/'(?:\\[\s\S]|[^'\\\n])*'?/y)
      else if (char === '"') this.quoted(/"(?:\\[\s\S]|[^"\\\n])*"?/y)
      else if (char === '`') this.template()
      else if (char === '/' && beforePattern.test(this.before.trimEnd())) {
        this.quoted(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/?/y)
      } else this.keep(char)
    }
  }

  private template(): void {
    this.keep('`')
    while (this.at < this.text.length && this.text[this.at] !== '`') {
      if (this.startsWith('${')) {
        this.keep('$')
        this.keep('{')
        this.code(true)
        this.end('}')
      } else this.skip(this.text[this.at] === '\\' ? /\\[\s\S]?/y : /[^`\\$]+|\$/y, 'string')
    }
    this.end('`')
  }

  /** The mark that closes; nothing where the text has ended before. */
  private end(mark: string): void {
    if (this.startsWith(mark)) this.keep(mark)
  }

  private startsWith(mark: string): boolean {
    return this.text.startsWith(mark, this.at)
  }

  /** The first and last character stay, so that it is seen to be a string. */
  private quoted(pattern: RegExp): void {
    const found = this.match(pattern)
    this.keep(found[0]!)
    for (const char of found.slice(1, -1)) this.put(hidden(char), char)
    if (found.length > 1) this.keep(found.at(-1)!)
  }

  private skip(pattern: RegExp, what: 'comment' | 'string'): void {
    for (const char of this.match(pattern)) this.put(hidden(char), what === 'comment' ? hidden(char) : char)
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0] || this.text[this.at]!
  }

  private keep(char: string): void {
    this.put(char, char)
    this.before = (this.before + char).slice(-12)
  }

  /** `for…of` gives whole code points: their length counts. */
  private put(code: string, spoken: string): void {
    this.codeText.push(code)
    this.spokenText.push(spoken)
    this.at += spoken.length
  }
}

const hidden = (char: string): string => (char === '\n' || char === '\r' ? char : ' '.repeat(char.length))
