/** Storms: when many items begin to fail at once, one incident gathers theirs. Pure. */

import { formatDuration } from './duration.ts'

export interface StormRules {
  /** More items than this that begin to fail … */
  items: number
  /** … inside so long are a storm. */
  windowMs: number
}

export const stormRules: StormRules = { items: 5, windowMs: 60_000 }

export interface StormFacts {
  /** Incidents of checks that began inside the window, those of now among them. */
  recent: number
  /** Of those, the ones that no storm has gathered. */
  ungathered: number
  /** Of the ungathered ones, those that begin now. */
  begun: number
  /** When the storm began that is not over. */
  stormBeganMs?: number | undefined
  atMs: number
}

export interface StormDecision {
  /** `join`: all that no storm has gathered yet become part of the one that is there. */
  do: 'nothing' | 'open' | 'join'
  /** How many of those that begin now are told of one by one; the storm tells of the others. */
  told: number
}

/**
 * A storm opens when more items than the rules allow began to fail inside the window; it goes on for as long as they
 * do, and for one window at the least.
 */
export function decideStorm(facts: StormFacts, { items, windowMs }: StormRules): StormDecision {
  const { recent, ungathered, begun, stormBeganMs, atMs } = facts
  if (begun === 0) return { do: 'nothing', told: 0 }
  const goesOn = stormBeganMs !== undefined && (atMs - stormBeganMs < windowMs || recent > items)
  if (goesOn) return { do: 'join', told: 0 }
  if (ungathered <= items) return { do: 'nothing', told: begun }
  return { do: 'open', told: Math.max(0, items - (ungathered - begun)) }
}

/** `Storm: 6 checks began to fail within 60s` */
export const stormTitle = (count: number, { windowMs }: StormRules): string =>
  `Storm: ${count} checks began to fail within ${windowMs < 120_000 ? `${Math.round(windowMs / 1000)}s` : formatDuration(windowMs)}`

/** The title of a storm that has grown; one that somebody gave it stays, and a number never falls. */
export const grownTitle = (title: string, count: number): string =>
  title.replace(/^Storm: (\d+) checks /, (start, before) =>
    Number(before) < count ? `Storm: ${count} checks ` : start,
  )

/** Is it told that the storm has grown? Each time it has doubled, so that the log stays short. */
export const hasDoubled = (before: number, after: number, { items }: StormRules): boolean =>
  doublings(after, items) > doublings(before, items)

const doublings = (count: number, items: number): number =>
  Math.floor(Math.log2(Math.max(1, count / (items + 1))))
