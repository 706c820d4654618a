/** The predecessor's words for types and stages, and what they are called here. */

import { type ItemType, isType, type Stage, stageFromWord } from '../domain/stage.ts'

/** Kinds of a RAID log, each a type of its own in V3. */
const raidTypes: readonly string[] = ['risk', 'issue', 'assumption', 'dependency']

export interface TypeRead {
  type: ItemType
  /** What the type alone no longer says. */
  label: string | null
  known: boolean
}

/** @param word null for none, which is a feature */
export function readType(word: string | null): TypeRead {
  if (word === null) return { type: 'feature', label: null, known: true }
  if (isType(word)) return { type: word, label: null, known: true }
  if (word === 'story') return { type: 'task', label: null, known: true }
  if (raidTypes.includes(word)) return { type: 'task', label: `raid:${word}`, known: true }
  return { type: 'feature', label: null, known: false }
}

const renamed = new Map<string, Stage>([
  ['ready', 'spec-review'],
  ['build', 'building'],
  ['in-progress', 'building'],
  ['review', 'qa'],
  ['todo', 'idea'],
  ['backlog', 'idea'],
])

/** Stages of a RAID log: each says more than the stage it becomes. */
const raidStages = new Map<string, Stage>([
  ['identified', 'idea'],
  ['mitigating', 'building'],
  ['investigating', 'building'],
  ['waiting', 'building'],
  ['resolved', 'done'],
  ['accepted', 'done'],
  ['validated', 'done'],
  ['invalidated', 'done'],
])

/** What a word for a stage plainly means, whether or not the type's path has it; undefined for an unknown word. */
export const readStage = (type: ItemType, word: string): Stage | undefined =>
  stageFromWord(type, word) ?? renamed.get(word) ?? raidStages.get(word)

export const isRaidStage = (word: string): boolean => raidStages.has(word)

/** What a word in the log means: it may be one that the item had under another type. */
export const readLoggedStage = (word: string | null): Stage | undefined =>
  word === null ? undefined : readStage('feature', normalised(word))

/** `In Progress`, `in_progress` and `in-progress` are one. */
export const normalised = (word: string): string =>
  word
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
