import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CheckState, freshState, nextState } from '../../src/domain/check-state.ts'
import type { RunResult } from '../../src/domain/observation.ts'

const thresholds = { failureThreshold: 3, successThreshold: 2 }
const letters: Record<string, RunResult> = {
  u: 'up',
  g: 'degraded',
  d: 'down',
  '?': 'unknown',
  m: 'maintenance',
}

/** States after each run; `letters` are results, run n ends at n. */
function states(runs: string, options = thresholds, start: CheckState = freshState): CheckState[] {
  const all: CheckState[] = []
  let state = start
  for (const [index, letter] of [...runs].entries()) {
    state = nextState(state, letters[letter]!, options, index)
    all.push(state)
  }
  return all
}

const line = (runs: string, options = thresholds) =>
  states(runs, options)
    .map(({ state }) => Object.keys(letters).find((letter) => letters[letter] === state))
    .join('')

describe('the state of a check', () => {
  test.each([
    ['u', 'u'],
    ['g', 'g'],
    ['ddd', '??d'],
    ['uddudddd', 'uuuuuudd'],
    ['udddu', 'uuudd'],
    ['udddudu', 'uuudddd'],
    ['udddug', 'uuuddg'],
    ['udddudud' + 'uu', 'uuuddddddu'],
    ['ugug', 'ugug'],
    ['ud?d?d', 'uuuuud'],
    ['uddd?u?u', 'uuuddddu'],
    ['???', '???'],
    ['udmdmmd', 'uuuuuud'],
    ['udddummu', 'uuuddddu'],
  ])('after %s went %s', (runs, expected) => {
    expect(line(runs)).toBe(expected)
  })

  test('follows every run where both thresholds are one', () => {
    const options = { failureThreshold: 1, successThreshold: 1 }
    expect(line('ududg?d', options)).toBe('ududggd')
  })

  test('says since when it has been so', () => {
    expect(states('uuddd').map(({ sinceMs }) => sinceMs)).toEqual([0, 0, 0, 0, 4])
    expect(states('d?')[1]).toEqual({ state: 'unknown', sinceMs: null, failures: 1, successes: 0 })
  })

  test('takes no failure in the start period, but a success', () => {
    const inStartPeriod = { inStartPeriod: true }
    const [up] = states('u')
    expect(nextState(up!, 'down', thresholds, 9, inStartPeriod)).toBe(up)
    expect(nextState(freshState, 'up', thresholds, 9, inStartPeriod).state).toBe('up')
  })

  const runs = fc.string({ unit: fc.constantFrom(...'ugd?m'), maxLength: 40 })
  const options = fc.record({
    failureThreshold: fc.integer({ min: 1, max: 5 }),
    successThreshold: fc.integer({ min: 1, max: 5 }),
  })

  test('is the same whether or not unknown runs and maintenance lie between: neither counts nor resets', () => {
    fc.assert(
      fc.property(runs, options, (text, limits) => {
        const strip = ({ sinceMs: _, ...rest }: CheckState) => rest
        const end = (some: string) => strip(states(some, limits).at(-1) ?? freshState)
        expect(end(text)).toEqual(end(text.replaceAll(/[?m]/g, '')))
      }),
    )
  })

  test('becomes down exactly after so many failures in a row, and leaves it after so many successes', () => {
    fc.assert(
      fc.property(runs, options, (text, limits) => {
        const known = text.replaceAll(/[?m]/g, '')
        let wasDown = false
        for (const [index, { state }] of states(known, limits).entries()) {
          const soFar = known.slice(0, index + 1)
          const failures = soFar.length - soFar.replace(/d+$/, '').length
          const successes = soFar.length - soFar.replace(/[ug]+$/, '').length
          const down: boolean = wasDown
            ? successes < limits.successThreshold
            : failures >= limits.failureThreshold
          expect(state === 'down').toBe(down)
          wasDown = down
        }
      }),
    )
  })

  test('never counts failures and successes at once, and has a since exactly when something is known', () => {
    fc.assert(
      fc.property(runs, options, (text, limits) => {
        for (const { state, sinceMs, failures, successes } of states(text, limits)) {
          expect(failures * successes).toBe(0)
          expect(sinceMs === null).toBe(state === 'unknown')
        }
      }),
    )
  })
})
