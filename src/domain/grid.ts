/**
 * The grid on which the runs of an interval lie. Its phase hangs on the item, so that many checks of one interval
 * do not fire together, and that no run moves the next. Jitter moves each slot a little behind its grid time.
 */

/** The golden ratio of 32 bits: its multiples lie as far from one another as they can. */
const golden = 0x9e3779b1
const range = 2 ** 32

export interface Grid {
  itemId: number
  intervalMs: number
  /** Share of the interval that a slot may be moved by, 0–0.5. */
  jitter: number
}

/** From 0 to below 1, stable for the item; ids in a row lie evenly. */
export const shareOf = (itemId: number): number => (Math.imul(itemId, golden) >>> 0) / range

/** From 0 to below 1, stable for both, without a pattern. */
export function scatter(itemId: number, slot: number): number {
  let hash = Math.imul(itemId, golden) ^ Math.imul(slot, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return ((hash ^ (hash >>> 15)) >>> 0) / range
}

const phaseOf = ({ itemId, intervalMs }: Omit<Grid, 'jitter'>): number =>
  Math.floor(shareOf(itemId) * intervalMs)

/** The grid times are `phase + number × interval`. */
const numberAt = (grid: Grid, atMs: number): number => (atMs - phaseOf(grid)) / grid.intervalMs

/** The instant of a slot with its jitter: in the first half behind its grid time, so slots keep their order. */
export const slotMs = (grid: Grid, slot: number): number =>
  phaseOf(grid) +
  slot * grid.intervalMs +
  Math.floor(scatter(grid.itemId, slot) * grid.jitter * grid.intervalMs)

/** The first slot whose grid time is at or after `atMs`. */
export const slotFrom = (grid: Grid, atMs: number): number => Math.ceil(numberAt(grid, atMs))

/** The first slot whose instant, with its jitter, is after `atMs`. */
export function slotAfter(grid: Grid, atMs: number): number {
  const slot = Math.floor(numberAt(grid, atMs))
  return slotMs(grid, slot) > atMs ? slot : slot + 1
}

/** How long from `atMs` to the next grid time, jitter apart: above 0, at most the interval. */
export function waitMs(grid: Omit<Grid, 'jitter'>, atMs: number): number {
  const { intervalMs } = grid
  const past = (atMs - phaseOf(grid)) % intervalMs
  return past < 0 ? -past : intervalMs - past
}
