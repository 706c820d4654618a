/** Uptime is told from days, hours and single changes alike: whatever is summed up, the answer is that of a naive walk. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toInstant } from '../../src/domain/instant.ts'
import {
  addTimes,
  type StateChange,
  type StateTimes,
  stateTimes,
  type TimedState,
} from '../../src/domain/uptime.ts'
import type { Context } from '../../src/ops/operation.ts'
import { rollUp } from '../../src/ops/roll-up.ts'
import { cellsOf, timesOf, type Watched } from '../../src/ops/uptime-of.ts'
import { findChecks } from '../../src/store/checks.ts'
import type { Database } from '../../src/store/database.ts'
import { insertStates } from '../../src/store/states.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute } from '../helpers/environment.ts'

/** A Thursday at midnight, so that days and hours are round. */
const beganMs = Date.UTC(2026, 0, 1)
const endMs = beganMs + 120 * day

const states: TimedState[] = ['up', 'degraded', 'down', 'unknown', 'maintenance']

/** Changes as they come: most close together, some weeks apart. */
const history = fc
  .array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 1, max: 3 * hour }), fc.integer({ min: 1, max: 9 * day })),
      fc.constantFrom(...states),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    const changes: StateChange[] = []
    let atMs = beganMs
    for (const [ms, state] of steps) {
      atMs += ms
      if (atMs < endMs) changes.push({ atMs, state })
    }
    return changes
  })

const within = (minMs: number) => fc.integer({ min: minMs, max: endMs - 1 })
const window = (minMs: number) =>
  fc.tuple(within(minMs), within(minMs)).map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) }))

const naive = (changes: readonly StateChange[], fromMs: number, toMs: number): StateTimes => {
  const before = changes.findLast((change) => change.atMs <= fromMs)?.state ?? 'unknown'
  return stateTimes(
    before,
    changes.filter((change) => change.atMs > fromMs && change.atMs < toMs),
    fromMs,
    toMs,
  )
}

const total = (times: StateTimes): number =>
  times.upMs + times.degradedMs + times.downMs + times.unknownMs + times.maintenanceMs

describe.each(engines)('uptime on $engine', ({ engine, freshDatabase }) => {
  const numRuns = engine === 'sqlite' ? 60 : 15

  async function itemWith(database: Database, changes: readonly StateChange[], rolls: readonly number[]) {
    const env = environmentOf(database, { startAt: toInstant(beganMs) })
    const check = { type: 'http', url: 'http://127.0.0.1:1/', frequency: '1m' }
    const { id } = await env.ask('item.create', { title: 'Extractor', healthCheck: check })
    await env.ask('item.move', { id, to: 'live' })
    let told = 0
    for (const atMs of rolls.toSorted((a, b) => a - b)) {
      await database.write(async (q) => {
        const part = changes.slice(told).filter((change) => change.atMs < atMs)
        told += part.length
        await insertStates(
          q,
          part.map((change) => ({ itemId: id, ...change })),
        )
        await rollUp({ q } as Context, id, (await findChecks(q, [id])).get(id)!, atMs)
      })
    }
    await database.write((q) =>
      insertStates(
        q,
        changes.slice(told).map((change) => ({ itemId: id, ...change })),
      ),
    )
    const check_ = (await database.read((q) => findChecks(q, [id]))).get(id)!
    return { itemId: id, rolledMs: check_.rolledMs, tail: [] } satisfies Watched
  }

  test('is that of a walk over all changes, whatever is summed up, in any window of the last 90 days', async () => {
    const database = await freshDatabase()
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(within(beganMs + day), { maxLength: 6 }),
        fc.array(window(endMs - 90 * day), { minLength: 1, maxLength: 5 }),
        async (changes, rolls, windows) => {
          const of = await itemWith(database, changes, rolls)
          const timed = await database.read((q) =>
            timesOf(
              q,
              windows.map((each) => ({ of, ...each })),
            ),
          )
          for (const [n, { fromMs, toMs }] of windows.entries()) {
            expect(timed[n]!.times).toEqual(naive(changes, fromMs, toMs))
            expect(total(timed[n]!.times)).toBe(toMs - fromMs)
          }
        },
      ),
      { numRuns },
    )
  }, 120_000)

  test('of two halves is that of the whole, also of windows longer than hours are kept', async () => {
    const database = await freshDatabase()
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: 1, max: 119 }), { minLength: 1, maxLength: 40 }),
        window(beganMs),
        within(beganMs),
        async (changes, rollDays, { fromMs, toMs }, cutMs) => {
          const of = await itemWith(
            database,
            changes,
            rollDays.map((n) => beganMs + n * day + 5 * minute),
          )
          const middleMs = Math.min(Math.max(cutMs, fromMs), toMs)
          const [whole, left, right] = await database.read((q) =>
            timesOf(q, [
              { of, fromMs, toMs },
              { of, fromMs, toMs: middleMs },
              { of, fromMs: middleMs, toMs },
            ]),
          )
          expect(total(whole!.times)).toBe(toMs - fromMs)
          expect(addTimes(left!.times, right!.times)).toEqual(whole!.times)
        },
      ),
      { numRuns },
    )
  }, 120_000)

  test('what nobody summed up for longer than hours are kept is in the days', async () => {
    const database = await freshDatabase()
    const of = await itemWith(
      database,
      [
        { atMs: beganMs + hour, state: 'up' },
        { atMs: beganMs + 36 * hour, state: 'down' },
        { atMs: beganMs + 48 * hour, state: 'unknown' },
      ],
      [beganMs + 110 * day],
    )
    const windows = [
      { of, fromMs: beganMs, toMs: endMs },
      { of, fromMs: beganMs + 36 * hour, toMs: endMs },
    ]
    const timed = await database.read((q) => timesOf(q, windows))
    expect(timed.map(({ times }) => [times.upMs, times.downMs])).toEqual([
      [35 * hour, 12 * hour],
      [0, 12 * hour],
    ])
  })

  test('hours and days one by one are those of a walk, for several items at once', async () => {
    const database = await freshDatabase()
    const some = fc.tuple(history, fc.array(within(endMs - 20 * day), { maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(fc.tuple(some, some), within(endMs - 2 * hour), async (pair, nowMs) => {
        const items: Watched[] = []
        for (const [changes, rolls] of pair)
          items.push(
            await itemWith(
              database,
              changes,
              rolls.filter((atMs) => atMs <= nowMs),
            ),
          )
        for (const [unit, ms, count] of [
          ['hour', hour, 24],
          ['day', day, 60],
        ] as const) {
          const first = Math.floor(nowMs / ms) - count + 1
          const found = await database.read((q) => cellsOf(q, items, unit, first, nowMs))
          for (const [n, [changes]] of pair.entries()) {
            expect(found[n]).toEqual(
              Array.from({ length: count }, (_, at) => {
                const fromMs = (first + at) * ms
                return naive(changes, fromMs, Math.min(fromMs + ms, nowMs))
              }),
            )
          }
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  }, 120_000)
})
