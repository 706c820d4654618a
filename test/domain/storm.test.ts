import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideStorm, hasDoubled, type StormFacts, stormRules, stormTitle } from '../../src/domain/storm.ts'

const decide = (facts: Partial<StormFacts>) =>
  decideStorm({ recent: 0, ungathered: 0, begun: 1, atMs: 1_000_000, ...facts }, stormRules)

describe('rule: when more than 5 items fail inside 60 s, one parent incident gathers them', () => {
  test.each<[string, Partial<StormFacts>, ReturnType<typeof decide>]>([
    ['five are none', { recent: 5, ungathered: 5 }, { do: 'nothing', told: 1 }],
    [
      'six are one, and the sixth is not told of singly',
      { recent: 6, ungathered: 6 },
      { do: 'open', told: 0 },
    ],
    ['of eight at once five are', { recent: 8, ungathered: 8, begun: 8 }, { do: 'open', told: 5 }],
    [
      'four were before, and of four more one is',
      { recent: 8, ungathered: 8, begun: 4 },
      { do: 'open', told: 1 },
    ],
    [
      'one that is there takes the later ones in for a window',
      { recent: 3, ungathered: 1, stormBeganMs: 1_000_000 - 59_999 },
      { do: 'join', told: 0 },
    ],
    [
      'and after it, for as long as more than five fail',
      { recent: 6, ungathered: 1, stormBeganMs: 0 },
      { do: 'join', told: 0 },
    ],
    ['else a single one is alone', { recent: 5, ungathered: 1, stormBeganMs: 0 }, { do: 'nothing', told: 1 }],
    [
      'where nothing begins, nothing is done',
      { recent: 9, ungathered: 9, begun: 0 },
      { do: 'nothing', told: 0 },
    ],
  ])('%s', (_, facts, decision) => {
    expect(decide(facts)).toEqual(decision)
  })

  test('never are more told of than begin, nor more than the rules allow to be alone', () => {
    const facts = fc
      .tuple(fc.nat(300), fc.nat(300), fc.nat(300), fc.option(fc.nat(1_000_000), { nil: undefined }))
      .map(([begun, before, gathered, stormBeganMs]) => ({
        begun,
        ungathered: begun + before,
        recent: begun + before + gathered,
        stormBeganMs,
      }))
    fc.assert(
      fc.property(facts, (each) => {
        const { do: what, told } = decide(each)
        expect(told).toBeGreaterThanOrEqual(0)
        expect(told).toBeLessThanOrEqual(Math.min(each.begun, stormRules.items))
        if (what === 'nothing') expect(told).toBe(each.begun)
        if (each.begun > stormRules.items) expect(what).not.toBe('nothing')
      }),
    )
  })
})

test('its growth is told each time it has doubled', () => {
  const told = []
  for (let count = 7; count <= 200; count++) if (hasDoubled(count - 1, count, stormRules)) told.push(count)
  expect(told).toEqual([12, 24, 48, 96, 192])
  expect(hasDoubled(6, 200, stormRules)).toBe(true)
})

test('its title says how many, and inside how long', () => {
  expect(stormTitle(6, stormRules)).toBe('Storm: 6 checks began to fail within 60s')
  expect(stormTitle(9, { items: 8, windowMs: 300_000 })).toBe('Storm: 9 checks began to fail within 5m')
})
