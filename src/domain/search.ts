/** The one tokeniser of the full-text search: it feeds FTS5 and tsvector, so both find the same set. */

/** Characters kept of one word. */
const wordMax = 64
/** UTF-16 units of all different words of one text: PostgreSQL's tsvector ends at 1 MB. */
const totalMax = 150_000

/** Scripts written without spaces: each letter is a word, so that what stands in the middle is found. */
const unspaced = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
const words = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, 'gu')
const marks = /\p{Mn}+/gu
/** The first half of a pair, cut off from its second. */
const halved = /[\ud800-\udbff]$/

/** The different words of a text: lower case, without accents, letters and digits only, in order of first use. */
export function tokens(text: string): string[] {
  const found = new Set<string>()
  let total = 0
  for (const match of fold(text).matchAll(words)) {
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

const fold = (text: string): string =>
  text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(marks, '').replaceAll('ς', 'σ')
