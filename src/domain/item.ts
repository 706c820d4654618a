/** What an item is: its fields, their bounds, and the rules that need nothing but the item. */

import { TrackerError } from '../errors.ts'
import type { Instant } from './instant.ts'
import { finished, type ItemType, isOnPath, paths, type Stage, stageName, types } from './stage.ts'

export const titleMax = 500
/** Characters of a description, a spec or a note. */
export const textMax = 1_000_000
export const nameMax = 100
export const labelsMax = 50
export const criteriaMax = 200
export const priorities = [1, 2, 3, 4] as const
export const defaultPriority = 2
export const severities = ['critical', 'major', 'minor'] as const
export type Severity = (typeof severities)[number]
export const verdicts = ['open', 'passed', 'failed'] as const
export type Verdict = (typeof verdicts)[number]
export const noteTypes = ['progress', 'blocker', 'decision', 'question', 'handover'] as const
export type NoteType = (typeof noteTypes)[number]

export interface Criterion {
  text: string
  verdict: Verdict
  evidence: string | null
}

/** The columns of an item, as rules see them. */
export interface Item {
  id: number
  parentId: number | null
  projectId: number | null
  title: string
  type: ItemType
  stage: Stage
  priority: number
  description: string | null
  spec: string | null
  assignee: string | null
  blockedReason: string | null
  blockedAt: Instant | null
  severity: Severity | null
  /** JSON text, as stored. */
  healthCheck: string | null
  branch: string | null
  /** Stages of the path that were jumped over and not entered since, in the path's order. */
  skipped: Stage[]
  version: number
  createdAt: Instant
  updatedAt: Instant
  startedAt: Instant | null
  doneAt: Instant | null
  liveAt: Instant | null
}

export const isFinished = (stage: Stage): boolean => finished.includes(stage)

/** An item under a live parent is an incident, under any other a task, else a feature. */
export function defaultType(parentStage: Stage | undefined): ItemType {
  if (parentStage === undefined) return 'feature'
  return parentStage === 'live' ? 'incident' : 'task'
}

/**
 * @throws TrackerError `invalid` when the path of the new type lacks the present stage, with the way out
 */
export function refuseTypeOffPath(item: Pick<Item, 'id' | 'stage' | 'type'>, type: ItemType): void {
  if (isOnPath(type, item.stage)) return
  const nearest = nearestEarlier(type, item.stage)
  const allowed = types.filter((other) => isOnPath(other, item.stage))
  throw new TrackerError(
    'invalid',
    `#${item.id} is in ${stageName(item.type, item.stage)}, which is not on the path of ${type} (${pathText(type)})`,
    {
      hint: `move it first: pipeline move ${item.id} ${nearest}; or choose a type with that stage: ${allowed.join(', ')}`,
    },
  )
}

/** The last stage of the type's path that is not after `stage`. */
export function nearestEarlier(type: ItemType, stage: Stage): Stage {
  const order = paths.feature.indexOf(stage)
  return paths[type].filter((candidate) => paths.feature.indexOf(candidate) <= order).at(-1) ?? 'idea'
}

/** `open → building → qa → resolved` */
export const pathText = (type: ItemType): string =>
  paths[type].map((stage) => stageName(type, stage)).join(' → ')

/**
 * Would `parentId` as the parent of `itemId` close a circle?
 * @param ancestors the ids above `parentId`, nearest first, without it
 * @throws TrackerError `invalid`
 */
export function refuseCycle(itemId: number, parentId: number, ancestors: number[]): void {
  if (itemId === parentId) {
    throw new TrackerError('invalid', `#${itemId} can't be its own parent`, {
      hint: 'name another item, or none: --parent none',
    })
  }
  if (ancestors.includes(itemId)) {
    throw new TrackerError(
      'invalid',
      `#${parentId} is below #${itemId}: as its parent it would close a cycle`,
      {
        hint: `free one of them first: pipeline update ${parentId} --parent none`,
      },
    )
  }
}
