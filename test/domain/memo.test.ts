import { expect, test } from 'vitest'
import { memo } from '../../src/domain/memo.ts'

test('what is remembered is bounded: the oldest key goes, an answer that is set anew does not push one out', () => {
  const answers = memo<number>(2)
  expect(answers.set('a', 1)).toBe(1)
  answers.set('b', 2)
  answers.set('b', 3)
  expect(['a', 'b'].map(answers.get)).toEqual([1, 3])
  answers.set('c', 4)
  expect(['a', 'b', 'c', '__proto__'].map(answers.get)).toEqual([undefined, 3, 4, undefined])
})
