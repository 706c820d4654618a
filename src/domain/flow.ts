/** How work flows: weeks, ages and how they are spread. Pure; times in milliseconds since 1970. */

import { dayMs } from './uptime-pieces.ts'

export const weekMs = 7 * dayMs
/** 5 January 1970, the first Monday. */
const mondayMs = 4 * dayMs

/** Monday 00:00 UTC of the week that holds an instant. */
export const weekOf = (ms: number): number => Math.floor((ms - mondayMs) / weekMs) * weekMs + mondayMs

/** The beginnings of the last weeks, oldest first; the last one is that of `nowMs`. */
export const lastWeeks = (count: number, nowMs: number): number[] =>
  Array.from({ length: count }, (_, n) => weekOf(nowMs) - (count - 1 - n) * weekMs)

/**
 * What fell into each week.
 * @param weeks beginnings, oldest first, without a gap
 * @returns as many lists, each in the order given; what lies outside is in none
 */
export function byWeek<T>(things: readonly T[], atMs: (thing: T) => number, weeks: readonly number[]): T[][] {
  const lists: T[][] = weeks.map(() => [])
  for (const thing of things) lists[Math.floor((atMs(thing) - weeks[0]!) / weekMs)]?.push(thing)
  return lists
}

/** Of how many, the value that half of them, and that 85 of 100, do not exceed; null: of none. */
export interface Spread {
  count: number
  medianMs: number | null
  p85Ms: number | null
}

/** Values that are no time at all (below zero: a clock was set back) do not count. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.filter(isTime).sort((a, b) => a - b)
  return { count: sorted.length, medianMs: rankOf(sorted, 0.5), p85Ms: rankOf(sorted, 0.85) }
}

const isTime = (ms: number): boolean => ms >= 0 && ms < Number.POSITIVE_INFINITY

/** The nearest rank: always one of the values. */
const rankOf = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.ceil(share * sorted.length) - 1] ?? null

/** Of what counts; null: of none. */
export function meanOf(values: readonly number[]): { count: number; meanMs: number | null } {
  const counted = values.filter(isTime)
  const sum = counted.reduce((total, ms) => total + ms, 0)
  return { count: counted.length, meanMs: counted.length === 0 ? null : Math.round(sum / counted.length) }
}

/** An item that was finished, that is, reached done or live for the first time. */
export interface Finished {
  id: number
  finishedMs: number
  /** When it first entered building; null: it never did. */
  startedMs: number | null
}

/** From start to finish, of those that were ever started. */
export const cycleTimes = (items: readonly Finished[]): number[] =>
  items.flatMap(({ startedMs, finishedMs }) => (startedMs === null ? [] : [finishedMs - startedMs]))
