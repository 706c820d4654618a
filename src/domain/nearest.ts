/** The nearest known word, for "did you mean". */

const longest = 64

/**
 * @returns the candidate within one edit in three letters (insertion, deletion, change, swap of two
 *          neighbours; case does not count), the first of equals, else one that begins with the same four
 *          letters; undefined when none is near
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || word.length > longest) return undefined
  const lower = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    if (candidate.length > longest) continue
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance > allowed || distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best ?? candidates.find((candidate) => sharesBeginning(lower, candidate.toLowerCase()))
}

/** `retry` and `retries`: far apart by letters, and meant all the same. */
const beginning = 4
const sharesBeginning = (a: string, b: string): boolean =>
  a.length >= beginning && b.length >= beginning && a.slice(0, beginning) === b.slice(0, beginning)

/** `; did you mean "x"?`, or nothing: to be put behind a refusal. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

/** Optimal string alignment: edits between `a` and `b`, a swap of two neighbours counts one. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.length]!
}
