/** The one tokeniser of the full-text search: it feeds FTS5 and tsvector, so both find the same set. */

/** Characters kept of one word. */
const wordMax = 64
/** UTF-16 units of all different words of one text: PostgreSQL's tsvector ends at 1 MB. */
const totalMax = 150_000

/** Scripts written without spaces: each letter is a word, so that what stands in the middle is found. */
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
/** Made when a text needs them: they take longer to compile than a command to run. */
const signs = once(() => ({
  words: new RegExp(`(?=[\\p{L}\\p{N}])[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, 'gu'),
  marks: /\p{Mn}+/gu,
}))
/** What the same comes to in plain ASCII. */
const asciiWords = /[a-z0-9]+/g
const ascii = /^[\x00-\x7f]*$/
/** The first half of a pair, cut off from its second. */
const halved = /[\ud800-\udbff]$/

/** The different words of a text: lower case, without accents, letters and digits only, in order of first use. */
export function tokens(text: string): string[] {
  const found = new Set<string>()
  let total = 0
  for (const match of wordsOf(text)) {
    const word = match[0].slice(0, wordMax).replace(halved, '')
    if (found.has(word)) continue
    total += word.length
    if (total > totalMax) break
    found.add(word)
  }
  return [...found]
}

/** The words that a query asks for: each must be found (at the start of a word) somewhere in the item. */
export const queryTokens = (query: string): string[] => tokens(query).slice(0, 64)

const wordsOf = (text: string): Iterable<RegExpMatchArray> =>
  ascii.test(text) ? text.toLowerCase().matchAll(asciiWords) : fold(text).matchAll(signs().words)

const fold = (text: string): string =>
  text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(signs().marks, '').replaceAll('ς', 'σ')

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
