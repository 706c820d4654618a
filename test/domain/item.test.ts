import { describe, expect, test } from 'vitest'
import {
  defaultType,
  isFinished,
  nearestEarlier,
  pathText,
  refuseCycle,
  refuseTypeOffPath,
} from '../../src/domain/item.ts'
import { isOnPath, paths, stages, types } from '../../src/domain/stage.ts'
import { TrackerError } from '../../src/errors.ts'

test('the type by the parent: none feature, live incident, any other task', () => {
  expect(defaultType(undefined)).toBe('feature')
  for (const stage of stages) expect(defaultType(stage)).toBe(stage === 'live' ? 'incident' : 'task')
})

test('finished is done and live', () => {
  expect(stages.filter(isFinished)).toEqual(['done', 'live'])
})

test('the path of an incident reads as people say it', () => {
  expect(pathText('incident')).toBe('open → building → qa → resolved')
})

describe('a change of type', () => {
  test.each(types)(
    'to %s is refused exactly where its path lacks the stage, and the way out works',
    (type) => {
      for (const from of types) {
        for (const stage of paths[from]) {
          const change = () => refuseTypeOffPath({ id: 7, type: from, stage }, type)
          if (isOnPath(type, stage)) {
            expect(change).not.toThrow()
            continue
          }
          expect(change).toThrow(TrackerError)
          // The stage of the hint can be reached before the change, and stands on the path after it.
          const way = nearestEarlier(type, stage)
          expect(isOnPath(from, way) && isOnPath(type, way)).toBe(true)
          expect(change).toThrow(
            expect.objectContaining({
              kind: 'invalid',
              hint: expect.stringContaining(
                `pipeline move 7 ${way}; or choose a type with that stage: feature`,
              ),
            }),
          )
        }
      }
    },
  )
})

describe('a parent', () => {
  test('is not the item itself', () => {
    expect(() => refuseCycle(3, 3, [])).toThrow("#3 can't be its own parent")
  })

  test('is not below the item', () => {
    expect(() => refuseCycle(3, 9, [5, 3, 1])).toThrow('#9 is below #3')
    expect(() => refuseCycle(3, 9, [5, 1])).not.toThrow()
  })
})
