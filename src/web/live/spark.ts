/** Response times of the last runs as a small line. Pure. */

import { millis } from '../age.ts'

export interface Spark {
  /** The line, broken where a run did not go well. */
  line: string
  /** Where those runs stand, as ticks at the foot. */
  fails: string
}

/**
 * @param values milliseconds, the oldest first; null: that run did not go well
 * @param width, height in units of the drawing
 */
export function sparkOf(values: readonly (number | null)[], width: number, height: number): Spark {
  const known = values.filter((value) => value !== null)
  const most = Math.max(...known, 1)
  const least = Math.min(...known, most)
  // A line that hardly moves is shown as one: it is not blown up to the whole height.
  const span = Math.max(most - least, most * 0.25)
  const step = values.length < 2 ? 0 : width / (values.length - 1)
  const top = 2
  const foot = height - 4
  let line = ''
  let fails = ''
  let isPen = false
  values.forEach((value, place) => {
    const x = tenth(place * step)
    if (value === null) {
      fails += `M${x} ${height - 3}v3`
      isPen = false
      return
    }
    const y = tenth(foot - ((value - least) / span) * (foot - top))
    // One alone between two gaps is a point: a line of no length with round ends.
    line += `${isPen ? 'L' : 'M'}${x} ${y}${isPen ? '' : 'h0'}`
    isPen = true
  })
  return { line, fails }
}

const tenth = (n: number): number => Math.round(n * 10) / 10

/** For those who do not see it. */
export function sparkSentence(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null)
  const failed = values.length - known.length
  if (values.length === 0) return 'no run yet'
  const last = values.at(-1) ?? null
  return [
    `last ${values.length} runs`,
    ...(known.length > 0 ? [`${millis(Math.min(...known))} to ${millis(Math.max(...known))}`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    last === null ? 'the last one failed' : `the last ${millis(last)}`,
  ].join(', ')
}
