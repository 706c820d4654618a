/** Where an item of the predecessor stands on the path of its type, and since when. */

import type { Entity } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import { nearestEarlier } from '../domain/item.ts'
import { type ItemType, isOnPath, type Stage, stages } from '../domain/stage.ts'
import type { Past } from './legacy-history.ts'
import type { Blocker } from './legacy-notes.ts'
import { readStage } from './legacy-words.ts'

/** What an item's own row says of its life. */
export interface Life {
  /** Normalised; null for none. */
  word: string | null
  startedAt: Instant | null
  completedAt: Instant | null
  updatedAt: Instant
}

export interface Placed {
  stage: Stage
  /** Why it is not what the word plainly means; null where it is. */
  why: string | null
}

/** The stage of an item, on its type's path. */
export function placeItem(type: ItemType, { word, startedAt }: Life, past: Past | undefined): Placed {
  const meant = meaning(type, word, startedAt !== null, past)
  if (isOnPath(type, meant.stage)) return meant
  const stage = nearestEarlier(type, meant.stage)
  const why = `${meant.stage} is not on the path of type ${type}`
  return { stage, why: meant.why === null ? why : `${meant.why}; ${why}` }
}

function meaning(type: ItemType, word: string | null, isStarted: boolean, past: Past | undefined): Placed {
  if (word === null) return { stage: 'idea', why: 'it had no stage' }
  if (word === 'blocked') return blockedIn(isStarted, past)
  const stage = readStage(type, word)
  return stage ? { stage, why: null } : { stage: 'idea', why: `there is no stage ${JSON.stringify(word)}` }
}

/** Blocked was a stage there, and is a flag here. */
function blockedIn(isStarted: boolean, past: Past | undefined): Placed {
  if (past?.blockedIn) return { stage: past.blockedIn, why: `it was blocked in ${past.blockedIn}` }
  return isStarted
    ? { stage: 'building', why: 'it was blocked, and had been started' }
    : { stage: 'idea', why: 'it was blocked, and nothing says where' }
}

export const noReason = 'no reason was noted'

type Flag = Pick<Entity<'item'>, 'blockedReason' | 'blockedAt'>

/** The flag of what was blocked: since its note, or since the log says so. */
export function flagOf(
  { word, updatedAt }: Life,
  blocker: Blocker | undefined,
  past: Past | undefined,
): Flag {
  if (word !== 'blocked') return { blockedReason: null, blockedAt: null }
  return { blockedReason: blocker?.text ?? noReason, blockedAt: blocker?.at ?? past?.blockedAt ?? updatedAt }
}

type Milestones = Pick<Entity<'item'>, 'startedAt' | 'doneAt' | 'liveAt'>

/** When it was started, done and live; the log fills what the row leaves open. */
export function milestonesOf(stage: Stage, life: Life, past: Past | undefined): Milestones {
  const { completedAt, updatedAt } = life
  const reached = (wanted: keyof Past['reached']): Instant | null => past?.reached[wanted] ?? null
  const isStarted = stages.indexOf(stage) >= stages.indexOf('building')
  return {
    startedAt: life.startedAt ?? (isStarted ? reached('building') : null),
    doneAt:
      stage === 'done'
        ? (completedAt ?? reached('done') ?? updatedAt)
        : stage === 'live'
          ? (completedAt ?? reached('done'))
          : null,
    liveAt: stage === 'live' ? (reached('live') ?? completedAt ?? updatedAt) : null,
  }
}
