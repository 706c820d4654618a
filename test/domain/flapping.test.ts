import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFlapping, nextFlapping } from '../../src/domain/flapping.ts'

/** Whether it is flapping after each run; `d` is a bad one. */
function marks(runs: string): boolean[] {
  let packed = 0
  return [...runs].map((run) => {
    packed = nextFlapping(packed, run === 'd')
    return isFlapping(packed)
  })
}

/** The rule as it stands, with whole histories. */
function naive(runs: string): boolean[] {
  let history: string[] = []
  let flapping = false
  return [...runs].map((run) => {
    history.push(run)
    const changes = history.slice(-24).filter((one, n, all) => n > 0 && one !== all[n - 1]).length
    const agree = history.length >= 12 && history.slice(-12).every((one) => one === run)
    if (!flapping) flapping = changes > 6
    else if (agree) {
      flapping = false
      history = [run]
    }
    return flapping
  })
}

describe('flapping', () => {
  test('is marked by more than 6 changes in 24 runs', () => {
    expect(marks('ududud').at(-1)).toBe(false)
    expect(marks('udududu').at(-1)).toBe(false)
    expect(marks('udududud').at(-1)).toBe(true)
  })

  test('is not by 7 changes in 25 runs, but in 24', () => {
    expect(marks(`ud${'d'.repeat(17)}ududud`).at(-1)).toBe(false)
    expect(marks(`ud${'d'.repeat(16)}ududud`).at(-1)).toBe(true)
  })

  test('lasts until 12 runs in a row agree, and what was before is forgotten', () => {
    const flaps = 'udududud'
    expect(marks(flaps + 'd'.repeat(10)).at(-1)).toBe(true)
    expect(marks(flaps + 'd'.repeat(11)).at(-1)).toBe(false)
    expect(marks(`${flaps}${'d'.repeat(11)}u`).at(-1)).toBe(false)
    expect(marks(`${flaps}${'d'.repeat(10)}u${'u'.repeat(10)}`).at(-1)).toBe(true)
  })

  test('is what the rule says of every history, in one small integer', () => {
    const steady = fc
      .tuple(fc.constantFrom('u', 'd'), fc.integer({ min: 1, max: 30 }))
      .map(([run, n]) => run.repeat(n))
    const stretches = fc.oneof(steady, fc.constant('ud'), fc.constant('udud'), fc.constant('uud'))
    fc.assert(
      fc.property(
        fc.array(stretches, { maxLength: 30 }).map((all) => all.join('')),
        (runs) => {
          expect(marks(runs)).toEqual(naive(runs))
          let packed = 0
          for (const run of runs) {
            packed = nextFlapping(packed, run === 'd')
            expect(packed > 0 && packed < 2 ** 26).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('starts anew from what nobody wrote here', () => {
    for (const odd of [Number.NaN, -1, 1e18, 0.5]) {
      const packed = nextFlapping(odd, false)
      expect(packed > 0 && packed < 2 ** 26).toBe(true)
    }
  })
})
