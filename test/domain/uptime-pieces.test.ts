import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTimes, stateTimes } from '../../src/domain/uptime.ts'
import { dayMs, hourMs, piecesOf, timesByUnit, withChanges } from '../../src/domain/uptime-pieces.ts'

const instant = fc.integer({ min: 0, max: 40 * dayMs })
const summed = fc.option(fc.integer({ min: 0, max: 40 * 24 }).map((hours) => hours * hourMs))

describe('the pieces of a window', () => {
  test('follow each other from its beginning to its end, and none is empty', () => {
    fc.assert(
      fc.property(instant, instant, summed, instant, (a, b, summedMs, keptMs) => {
        const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)]
        const pieces = piecesOf({ fromMs, toMs }, summedMs, keptMs)
        let atMs = fromMs
        for (const piece of pieces) {
          expect(piece.fromMs).toBe(atMs)
          expect(piece.toMs).toBeGreaterThan(piece.fromMs)
          atMs = piece.toMs
        }
        expect(atMs).toBe(toMs)
      }),
    )
  })

  test('of hours and days are whole, summed up, and still kept', () => {
    fc.assert(
      fc.property(instant, instant, summed, instant, (a, b, summedMs, keptMs) => {
        const window = { fromMs: Math.min(a, b), toMs: Math.max(a, b) }
        for (const { by, fromMs, toMs } of piecesOf(window, summedMs, keptMs)) {
          if (by === 'states') continue
          const unitMs = by === 'day' ? dayMs : hourMs
          expect([fromMs % unitMs, toMs % unitMs]).toEqual([0, 0])
          expect(toMs).toBeLessThanOrEqual(summedMs!)
          if (by === 'hour') expect(fromMs).toBeGreaterThanOrEqual(keptMs)
        }
      }),
    )
  })

  test('a month that is summed up is days, and hours and changes at its edges alone', () => {
    const pieces = piecesOf({ fromMs: 90_000_000, toMs: 30 * dayMs + 5000 }, 30 * dayMs, 0)
    expect(pieces.map(({ by }) => by)).toEqual(['hour', 'day', 'states'])
    expect(pieces[1]).toEqual({ by: 'day', fromMs: 2 * dayMs, toMs: 30 * dayMs })
  })

  test('a window that ends before it begins has none', () => {
    expect(piecesOf({ fromMs: 5, toMs: 5 }, null, 0)).toEqual([])
    expect(piecesOf({ fromMs: 50, toMs: 5 }, dayMs, 0)).toEqual([])
  })
})

describe('times by hour', () => {
  const walk = fc.record({
    before: fc.constantFrom('up' as const, 'down' as const, 'unknown' as const),
    changes: fc
      .array(
        fc.record({
          atMs: fc.integer({ min: 1, max: 10 * hourMs }),
          state: fc.constantFrom('up' as const, 'down' as const, 'degraded' as const, 'maintenance' as const),
        }),
      )
      .map((all) => all.sort((a, b) => a.atMs - b.atMs)),
  })

  test('add up to those of the whole, one for each hour that has begun', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 0, max: 10 * hourMs }), (each, toMs) => {
        const hours = timesByUnit(each, 0, toMs, hourMs)
        expect(hours).toHaveLength(Math.floor(toMs / hourMs) + 1)
        expect(hours.reduce(addTimes)).toEqual(stateTimes(each.before, each.changes, 0, toMs))
      }),
    )
  })

  test('later knowledge takes the place of what was known for the same instant', () => {
    const known = { before: 'up' as const, changes: [{ atMs: 10, state: 'up' as const }] }
    const { before, changes } = withChanges(
      known,
      [
        { atMs: 3, state: 'down' },
        { atMs: 10, state: 'unknown' },
      ],
      5,
    )
    expect(before).toBe('down')
    expect(stateTimes(before, changes, 5, 20)).toMatchObject({ downMs: 5, unknownMs: 10 })
  })
})
