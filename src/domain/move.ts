/** Moves along a path: what is legal, what is skipped, what changes. Pure: no clock, no database. */

import { TrackerError } from '../errors.ts'
import type { Instant } from './instant.ts'
import type { Item } from './item.ts'
import { nearest } from './nearest.ts'
import {
  type ItemType,
  isOnPath,
  paths,
  type Stage,
  stageFromWord,
  stageName,
  stages,
  stageWords,
} from './stage.ts'

/**
 * - `guided` a move that skips works, warns, and stays on record
 * - `strict` reserved: unmet gates refuse the move
 */
export type Policy = 'guided'

/** What gates look at. Requirements per stage join here, with the policy `strict`. */
export interface GateFacts {
  policy: Policy
  /** Ids of unfinished items that the item waits for. */
  waitingFor: number[]
}

export interface Move {
  from: Stage
  to: Stage
  direction: 'forward' | 'backward' | 'none'
  /** Stages of the path between the two, for a forward move. */
  jumped: Stage[]
  warnings: string[]
  changes: Pick<Item, 'stage' | 'skipped' | 'startedAt' | 'doneAt' | 'liveAt'>
}

/**
 * @param word a stage's name; `open` and `resolved` for an incident's first and last
 * @throws TrackerError `invalid` for an unknown word or a stage off the type's path; the legal ones are listed
 */
export function resolveStage(item: Pick<Item, 'id' | 'type'>, word: string): Stage {
  const stage = stageFromWord(item.type, word)
  if (stage && isOnPath(item.type, stage)) return stage
  const legal = paths[item.type].map((each) => stageName(item.type, each)).join(', ')
  const hint = `stages of #${item.id} (${item.type}): ${legal}`
  if ((stageWords as readonly string[]).includes(word)) {
    throw refused(`${word} is not on the path of ${article(item.type)}`, hint)
  }
  const guess = nearest(word, stageWords)
  const meant = guess ? `; did you mean ${guess}?` : ''
  throw refused(`unknown stage ${JSON.stringify(word.slice(0, 40))}${meant}`, hint)
}

const refused = (message: string, hint: string): TrackerError =>
  new TrackerError('invalid', message, { hint, failures: [{ field: 'to', message }] })

/**
 * Decide a move along the item's path. A stage off the path, left by the owner's own SQL, may be left, too.
 * @param at instant of the move
 * @returns  the changes to store, what was jumped and what to warn of; `item` is untouched
 */
export function decideMove(item: Item, to: Stage, facts: GateFacts, at: Instant): Move {
  const from = item.stage
  const start = stages.indexOf(from)
  const end = stages.indexOf(to)
  const direction = start === end ? 'none' : start < end ? 'forward' : 'backward'
  const jumped = paths[item.type].filter(
    (stage) => start < stages.indexOf(stage) && stages.indexOf(stage) < end,
  )
  return {
    from,
    to,
    direction,
    jumped,
    warnings: warningsOf(item, to, direction, jumped, facts),
    changes: direction === 'none' ? unchanged(item) : changesOf(item, to, jumped, at),
  }
}

/** The decision point of the policies: `guided` warns. */
function warningsOf(
  item: Item,
  to: Stage,
  direction: Move['direction'],
  jumped: Stage[],
  facts: GateFacts,
): string[] {
  if (facts.policy !== 'guided' || direction !== 'forward') return []
  const warnings: string[] = []
  if (jumped.length > 0) {
    const names = jumped.map((stage) => stageName(item.type, stage)).join(', ')
    warnings.push(`#${item.id} skipped ${names}; it stays on record`)
  }
  if (to === 'live' && item.stage !== 'done') warnings.push(`#${item.id} went live without being done`)
  if (item.blockedAt) warnings.push(`#${item.id} is still flagged as blocked: ${item.blockedReason}`)
  if (facts.waitingFor.length > 0) {
    warnings.push(`#${item.id} still waits for ${facts.waitingFor.map((id) => `#${id}`).join(', ')}`)
  }
  return warnings
}

const unchanged = ({ stage, skipped, startedAt, doneAt, liveAt }: Item): Move['changes'] => ({
  stage,
  skipped,
  startedAt,
  doneAt,
  liveAt,
})

function changesOf(item: Item, to: Stage, jumped: Stage[], at: Instant): Move['changes'] {
  const path = paths[item.type]
  const reached = path.indexOf(to)
  const behind = (stage: Stage): boolean => path.indexOf(stage) > reached
  const skipped = path.filter(
    (stage) => !behind(stage) && stage !== to && (item.skipped.includes(stage) || jumped.includes(stage)),
  )
  return {
    stage: to,
    skipped,
    startedAt: item.startedAt ?? (to === 'building' ? at : null),
    doneAt: to === 'done' ? at : to === 'live' ? item.doneAt : null,
    liveAt: to === 'live' ? at : null,
  }
}

const article = (type: ItemType): string => `${/^[aei]/.test(type) ? 'an' : 'a'} ${type}`
