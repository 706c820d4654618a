/** Two texts beside each other: which lines of each the other lacks. Pure. */

export interface Line {
  text: string
  isOwn: boolean
}

/** Lines that are looked at: of longer texts the rest is shown unmarked. */
const linesMax = 5_000

/** A line that stands in both is common wherever it stands: one reads two texts, not a patch. */
export function apart(a: string, b: string): [Line[], Line[]] {
  const left = a.split('\n')
  const right = b.split('\n')
  const inLeft = new Set(left)
  const inRight = new Set(right)
  const marked = (lines: string[], others: ReadonlySet<string>): Line[] =>
    lines.slice(0, linesMax).map((text) => ({ text, isOwn: !others.has(text) }))
  return [marked(left, inRight), marked(right, inLeft)]
}
