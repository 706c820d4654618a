/** The only list of stages, types and paths. Everything else asks here. */

export const stages = [
  'idea',
  'spec',
  'spec-review',
  'building',
  'qa',
  'final-review',
  'done',
  'live',
] as const
export type Stage = (typeof stages)[number]

export const types = ['feature', 'enhancement', 'epic', 'task', 'bug', 'incident'] as const
export type ItemType = (typeof types)[number]

const whole: readonly Stage[] = stages
const short: readonly Stage[] = ['idea', 'building', 'qa', 'done']

/** The ordered stages that an item of a type walks. */
export const paths: Record<ItemType, readonly Stage[]> = {
  feature: whole,
  enhancement: whole,
  epic: whole,
  task: short,
  bug: short,
  incident: short,
}

export const emoji: Record<Stage, string> = {
  idea: '💡',
  spec: '📋',
  'spec-review': '🔍',
  building: '🔨',
  qa: '🧪',
  'final-review': '🎯',
  done: '✅',
  live: '🟢',
}

/** Stages in which the work is over; also what unblocks a dependent. */
export const finished: readonly Stage[] = ['done', 'live']

/** Stages in which the work waits for somebody to look at it. */
export const reviews: readonly Stage[] = ['spec-review', 'final-review']

/** Names that incidents have for stages of their path. */
const ends = { idea: 'open', done: 'resolved' } as const
const incidentNames: Partial<Record<Stage, string>> = ends

/** The stage's name as it is shown for a type: `open` and `resolved` for incidents. */
export const stageName = (type: ItemType, stage: Stage): string =>
  (type === 'incident' && incidentNames[stage]) || stage

export const isStage = (word: string): word is Stage => (stages as readonly string[]).includes(word)
export const isType = (word: string): word is ItemType => (types as readonly string[]).includes(word)
export const isOnPath = (type: ItemType, stage: Stage): boolean => paths[type].includes(stage)

/**
 * The stage that a word means for a type (`open`, `resolved` for incidents too), undefined for none.
 */
export function stageFromWord(type: ItemType, word: string): Stage | undefined {
  if (isStage(word)) return word
  if (type !== 'incident') return undefined
  return paths.incident.find((stage) => incidentNames[stage] === word)
}

/** Words accepted in the place of a stage. */
export const stageWords = [...stages, ends.idea, ends.done] as const
