/** How well a text is what somebody is typing. Pure. */

export interface Match {
  /** The higher, the better; comparable between texts for one query. */
  score: number
  /** Good enough to stand above what was found elsewhere. */
  strong: boolean
  /** Where the letters were found: `[from, to)`, ascending. */
  marks: [from: number, to: number][]
}

/** What is longer was pasted, not typed. */
const longest = 200

const ranks = { whole: 1_000, start: 800, words: 600, inside: 400, initials: 350, scattered: 100 }

/** Letters without case and accents; as long as it was, so that places stay places. */
export const folded = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => unit.normalize('NFD')[0]!.toLowerCase()[0]!)

/**
 * Matches as a whole, at the start, at starts of words in any order, inside, by initials, or as letters in their order.
 * @returns undefined where it is no match; an empty query matches everything alike
 */
export function match(query: string, text: string): Match | undefined {
  const wanted = folded(query.trim().slice(0, longest)).replace(/\s+/g, ' ')
  if (wanted === '') return { score: 0, strong: false, marks: [] }
  const found = folded(text)
  const begin = found.indexOf(wanted)
  // Of two that match alike the shorter says more.
  const less = Math.min(50, found.length / 4)
  if (found === wanted) return { score: ranks.whole, strong: true, marks: [[0, wanted.length]] }
  if (begin === 0) return { score: ranks.start - less, strong: true, marks: [[0, wanted.length]] }
  const atWords = wordStarts(wanted.split(' '), found)
  if (atWords) return { score: ranks.words - less, strong: true, marks: atWords }
  if (begin > 0)
    return {
      score: ranks.inside - less,
      strong: wanted.length > 2,
      marks: [[begin, begin + wanted.length]],
    }
  const letters = wanted.replaceAll(' ', '')
  const first = initials(letters, found)
  if (first)
    return { score: ranks.initials - less, strong: first[0]![0] === 0 && letters.length > 1, marks: first }
  const scattered = inOrder(letters, found)
  return scattered && { score: ranks.scattered - less - scattered.length, strong: false, marks: scattered }
}

/** Each word at the start of a word of its own. */
function wordStarts(words: readonly string[], text: string): Match['marks'] | undefined {
  const starts = startsOf(text)
  const marks: Match['marks'] = []
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    const at = starts.find((start) => text.startsWith(word, start) && !marks.some(([from]) => from === start))
    if (at === undefined) return undefined
    marks.push([at, at + word.length])
  }
  return marks.sort(([a], [b]) => a - b)
}

const startsOf = (text: string): number[] =>
  [...text.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) => index)

/** Of words that follow each other. */
function initials(letters: string, text: string): Match['marks'] | undefined {
  const wanted = [...letters]
  const starts = startsOf(text).map((at): [number, string] => [
    at,
    String.fromCodePoint(text.codePointAt(at)!),
  ])
  const isAt = (from: number): boolean => wanted.every((letter, n) => starts[from + n]?.[1] === letter)
  const from = starts.findIndex((_, n) => isAt(n))
  if (from === -1) return undefined
  return starts.slice(from, from + wanted.length).map(([at, letter]) => [at, at + letter.length])
}

/** Fewer than three letters are in everything; and so are letters far from each other. */
function inOrder(letters: string, text: string): Match['marks'] | undefined {
  if (letters.length < 3) return undefined
  const marks: Match['marks'] = []
  let from = 0
  for (const letter of letters) {
    const at = text.indexOf(letter, from)
    if (at === -1) return undefined
    const last = marks.at(-1)
    const end = at + letter.length
    if (last && last[1] === at) last[1] = end
    else marks.push([at, end])
    from = end
  }
  return from - marks[0]![0] <= letters.length * 3 ? marks : undefined
}

/** The best of several texts, each with its weight of 0 to 1, and which of them it was. */
export function bestOf(
  query: string,
  texts: readonly (readonly [text: string, weight: number])[],
): (Match & { of: number }) | undefined {
  let best: (Match & { of: number }) | undefined
  texts.forEach(([text, weight], of) => {
    const found = match(query, text)
    if (found && (best === undefined || found.score * weight > best.score))
      best = { ...found, score: found.score * weight, of }
  })
  return best
}
