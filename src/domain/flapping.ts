/**
 * Flapping: more than 6 changes in 24 runs mark a check, until 12 runs in a row agree. Only runs that count get
 * here: neither unknown nor maintenance. All that has to be known is one integer below 2^26, kept with the check:
 * bits 0–22 for each of the last 24 runs but the first whether it differed from the one before (bit 0: the
 * latest), 23 the last run was bad, 24 there was a run, 25 flapping.
 */

const runsLookedAt = 24
const changesAllowed = 6
const agreeingRuns = 12

const changes = 2 ** (runsLookedAt - 1) - 1
/** So many runs agree when there was no change between them. */
const latest = 2 ** (agreeingRuns - 1) - 1
const wasBad = 2 ** 23
const hasRun = 2 ** 24
const flapping = 2 ** 25

/**
 * @param before  what this function returned for the run before; 0 for the first
 * @param bad     whether this run was down
 */
export function nextFlapping(before: number, bad: boolean): number {
  const first = (before & hasRun) === 0
  const changed = !first && ((before & wasBad) !== 0) !== bad
  const history = ((before << 1) & changes) | (changed ? 1 : 0)
  const last = hasRun | (bad ? wasBad : 0)
  // What was before the calm is forgotten: else the next change alone would mark it again.
  if (isFlapping(before)) return (history & latest) === 0 ? last : history | last | flapping
  return history | last | (bitsIn(history) > changesAllowed ? flapping : 0)
}

export const isFlapping = (packed: number): boolean => (packed & flapping) !== 0

function bitsIn(history: number): number {
  let count = 0
  for (let rest = history; rest !== 0; rest &= rest - 1) count++
  return count
}
