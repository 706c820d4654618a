import { describe, expect, test } from 'vitest'
import {
  emoji,
  finished,
  isOnPath,
  isStage,
  isType,
  paths,
  stageFromWord,
  stageName,
  stages,
  stageWords,
  types,
} from '../../src/domain/stage.ts'

test('there are eight stages in their order, and six types', () => {
  expect(stages.join(' ')).toBe('idea spec spec-review building qa final-review done live')
  expect(types.join(' ')).toBe('feature enhancement epic task bug incident')
})

test.each(['feature', 'enhancement', 'epic'] as const)('%s walks all eight', (type) => {
  expect(paths[type]).toEqual(stages)
})

test.each(['task', 'bug', 'incident'] as const)('%s walks idea, building, qa, done', (type) => {
  expect(paths[type]).toEqual(['idea', 'building', 'qa', 'done'])
})

describe.each(types)('the path of %s', (type) => {
  test('starts with idea and keeps the order of the stages', () => {
    expect(paths[type][0]).toBe('idea')
    const places = paths[type].map((stage) => stages.indexOf(stage))
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('every stage is found by its own word and by the word it is shown as', () => {
    for (const stage of paths[type]) {
      expect(stageFromWord(type, stage)).toBe(stage)
      expect(stageFromWord(type, stageName(type, stage))).toBe(stage)
      expect(stageWords).toContain(stageName(type, stage))
      expect(isOnPath(type, stage)).toBe(true)
    }
  })
})

test('an incident is shown as open and resolved, nothing else is', () => {
  expect(paths.incident.map((stage) => stageName('incident', stage))).toEqual([
    'open',
    'building',
    'qa',
    'resolved',
  ])
  expect(stageName('task', 'idea')).toBe('idea')
  expect(stageFromWord('incident', 'resolved')).toBe('done')
  expect(stageFromWord('task', 'resolved')).toBeUndefined()
})

test.each(['', 'IDEA', 'constructor', '__proto__', 'toString', 'idea '])(
  '%j is no stage and no type',
  (word) => {
    expect(isStage(word)).toBe(false)
    expect(isType(word)).toBe(false)
    expect(stageFromWord('incident', word)).toBeUndefined()
  },
)

test('done and live are the finished ones, and each stage has a sign of its own', () => {
  expect(finished).toEqual(['done', 'live'])
  expect(new Set(stages.map((stage) => emoji[stage])).size).toBe(8)
  expect(stages.map((stage) => emoji[stage]).join('')).toBe('💡📋🔍🔨🧪🎯✅🟢')
})
