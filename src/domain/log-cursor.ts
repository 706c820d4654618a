/**
 * Where a reader of the log stands: the highest id that it has seen, and the ids below that have not appeared yet.
 * PostgreSQL hands out ids before the commit, so that a lower one may appear after a higher one.
 */

/** Ids, both ends included. */
export interface Gap {
  from: number
  to: number
  /** When it was first seen, on any scale of milliseconds that only goes up. */
  sinceMs: number
}

export interface LogCursor {
  last: number
  /** Lowest first, apart from each other, below `last`. */
  gaps: readonly Gap[]
}

/** The highest ones are kept where there are more. */
export const gapsMax = 64

/** `1234`, or with gaps `1234-1200~1209.1230`. */
export function formatCursor({ last, gaps }: LogCursor): string {
  const words = gaps.map(({ from, to }) => (from === to ? `${from}` : `${from}~${to}`))
  return words.length === 0 ? `${last}` : `${last}-${words.join('.')}`
}

const shape = /^(\d{1,15})(?:-(\d[\d.~]*))?$/
const gapShape = /^(\d{1,15})(?:~(\d{1,15}))?$/

/** @returns undefined for what `formatCursor` never writes */
export function parseCursor(text: string, sinceMs: number): LogCursor | undefined {
  const [, first, words] = shape.exec(text) ?? []
  if (first === undefined) return undefined
  const last = Number(first)
  const gaps: Gap[] = []
  let below = 0
  for (const word of words?.split('.', gapsMax + 1) ?? []) {
    const [, low, high = low] = gapShape.exec(word) ?? []
    const [from, to] = [Number(low), Number(high)]
    if (!(from > below && to >= from && to < last)) return undefined
    gaps.push({ from, to, sinceMs })
    below = to
  }
  return gaps.length > gapsMax ? undefined : { last, gaps }
}

/**
 * The place after more of the log was seen.
 * @param ids   of what was seen: each above `last` or in a gap, lowest first
 * @param nowMs when, on the scale of the gaps
 */
export function advance({ last, gaps }: LogCursor, ids: readonly number[], nowMs: number): LogCursor {
  let next = last
  const left = gaps.flatMap((gap) => without(gap, ids))
  for (const id of ids) {
    if (id <= next) continue
    if (id > next + 1) left.push({ from: next + 1, to: id - 1, sinceMs: nowMs })
    next = id
  }
  return { last: next, gaps: left.slice(-gapsMax) }
}

/** What is left of a gap. */
function without(gap: Gap, ids: readonly number[]): Gap[] {
  const parts: Gap[] = []
  let { from } = gap
  for (const id of ids) {
    if (id < from || id > gap.to) continue
    if (id > from) parts.push({ ...gap, from, to: id - 1 })
    from = id + 1
  }
  return from <= gap.to ? [...parts, { ...gap, from }] : parts
}

/** Gaps that were seen before `beforeMs` are no longer waited for: what should have filled them was rolled back. */
export const withoutOld = ({ last, gaps }: LogCursor, beforeMs: number): LogCursor => ({
  last,
  gaps: gaps.filter(({ sinceMs }) => sinceMs >= beforeMs),
})
