/** What is drawn and said of days, runs and stretches of time, without a browser. */

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dateAt, dayPaths, daysSentence, dayWords, kindOf } from '../../src/web/live/day-cells.ts'
import { moved, seen, shownOf, zoomed, zoomWords } from '../../src/web/live/range.ts'
import { type LiveRow, liveFilterOf, narrowed, refreshedRows } from '../../src/web/live/rows.ts'
import { chartData, failures, type RunHistory, stepAt, stepsOf } from '../../src/web/live/series.ts'
import { sparkOf, sparkSentence } from '../../src/web/live/spark.ts'
import { storyOf } from '../../src/web/live/story-words.ts'

const hour = 3_600_000
const times = (more: Partial<ReturnType<typeof none>>) => ({ ...none(), ...more })
const none = () => ({ upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 })

describe('days', () => {
  const kinds = {
    up: times({ upMs: 24 * hour }),
    degraded: times({ upMs: 20 * hour, degradedMs: 4 * hour }),
    down: times({ upMs: 23 * hour, downMs: hour }),
    maintenance: times({ maintenanceMs: 20 * hour, unknownMs: 4 * hour }),
    unknown: times({ unknownMs: 24 * hour }),
  }

  test('each kind of day has a shape of its own, whatever its colour', () => {
    const drawn = Object.values(kinds).map((each) =>
      Object.values(dayPaths([each]))
        .join('|')
        .replace(/\|/g, ''),
    )
    expect(new Set(drawn).size).toBe(5)
    for (const [kind, each] of Object.entries(kinds)) expect(kindOf(each)).toBe(kind)
  })

  test('a day that nobody watched is neither up nor down', () => {
    const { up, down, unknown } = dayPaths([kinds.unknown])
    expect([up, down]).toEqual(['', ''])
    expect(unknown).not.toBe('')
    expect(dayWords(kinds.unknown)).toEqual(['not watched'])
  })

  test('of each day is said how good it was, how long it was down, and how much was watched', () => {
    expect(dayWords(times({ upMs: 22 * hour, downMs: hour, unknownMs: hour }))).toEqual([
      '95.65 % up',
      '1h down',
      '95 % watched',
    ])
    expect(dayWords(kinds.maintenance)).toEqual(['in maintenance for 20h', 'the rest not watched'])
  })

  test('a downtime of a moment is seen, and a whole day of it fills the bar', () => {
    expect(dayPaths([times({ upMs: 24 * hour - 1, downMs: 1 })]).down).toBe('M0 0h3v9h-3z')
    expect(dayPaths([times({ downMs: 24 * hour })])).toMatchObject({ down: 'M0 0h3v28h-3z', up: '' })
  })

  test('no bar leaves the drawing, however the day went', () => {
    const ms = fc.integer({ min: 0, max: 24 * hour })
    const day = fc.record({ upMs: ms, degradedMs: ms, downMs: ms, unknownMs: ms, maintenanceMs: ms })
    fc.assert(
      fc.property(day, (each) => {
        for (const path of Object.values(dayPaths([each])))
          for (const [, y, height] of path.matchAll(/M0 ([\d.-]+)h3v([\d.-]+)h/g)) {
            expect(Number(y)).toBeGreaterThanOrEqual(0)
            expect(Number(height)).toBeGreaterThan(0)
            expect(Number(y) + Number(height)).toBeLessThanOrEqual(28.01)
          }
      }),
    )
  })

  test('the days are counted from the first on, over months and leap days', () => {
    expect(dateAt('2028-02-27', 2)).toBe('2028-02-29')
    expect(daysSentence([kinds.up, kinds.down, kinds.unknown, kinds.unknown])).toBe(
      '4 days: 1 day with downtime, 2 days not watched',
    )
  })
})

describe('the small line', () => {
  test('a run that failed breaks it, and stands at its foot', () => {
    const { line, fails } = sparkOf([10, 20, null, 30], 120, 28)
    expect(line.match(/M/g)).toHaveLength(2)
    expect(fails).toBe('M80 25v3')
  })

  test('what hardly moves looks flat', () => {
    const [low, high] = [...sparkOf([100, 101], 120, 28).line.matchAll(/ ([\d.]+)/g)].map(([, y]) =>
      Number(y),
    )
    expect(Math.abs(low! - high!)).toBeLessThan(2)
  })

  test('of none, one and those that all failed there is something to say', () => {
    expect(sparkOf([], 120, 28)).toEqual({ line: '', fails: '' })
    expect(sparkOf([5], 120, 28).line).toBe('M0 24h0')
    expect(sparkSentence([])).toBe('no run yet')
    expect(sparkSentence([null, null])).toBe('last 2 runs, 2 failed, the last one failed')
  })
})

describe('the chart', () => {
  const history = (more: Partial<RunHistory>): RunHistory => ({
    ...{ itemId: 1, title: 'x', from: '2026-02-05T00:00:00.000Z', to: '2026-02-06T00:00:00.000Z', total: 0 },
    ...{ rawFrom: null, runs: [], nextCursor: null, bucketMs: null, buckets: [], incidents: [] },
    ...more,
  })
  const run = (at: string, result: RunHistory['runs'][number]['result'], durationMs: number) => ({
    ...{ at: `2026-02-05T${at}:00.000Z`, result, durationMs, attempts: 1, summary: null },
  })

  test('the time that nobody watched is a gap, and a run that failed is no point of the line', () => {
    const steps = stepsOf(
      history({
        runs: [
          run('01:00', 'up', 10),
          run('02:00', 'up', 20),
          run('03:00', 'down', 900),
          run('04:00', 'degraded', 30),
          run('12:00', 'up', 40),
        ],
      }),
    )
    expect(chartData(steps)[3]).toEqual([10, 20, null, 30, null, 40])
    expect(failures(steps)).toEqual([{ atMs: Date.parse('2026-02-05T03:00:00.000Z'), failed: 1 }])
    expect(stepAt(steps, Date.parse('2026-02-05T03:20:00.000Z'))?.worst).toBe('down')
  })

  test('of many runs in one there are lowest, mean and highest; of old ones no lowest', () => {
    const bucket = { from: '2026-02-05T00:00:00.000Z', to: '2026-02-05T02:00:00.000Z', runs: 4, failed: 1 }
    const known = stepsOf(
      history({
        bucketMs: 2 * hour,
        buckets: [{ ...bucket, minMs: 5, meanMs: 10, maxMs: 15, worst: 'down' }],
      }),
    )
    expect(chartData(known).slice(1)).toEqual([[15], [5], [10]])
    expect(chartData(known)[0]).toEqual([Date.parse('2026-02-05T01:00:00.000Z') / 1000])
    const old = stepsOf(
      history({
        bucketMs: 2 * hour,
        buckets: [{ ...bucket, minMs: null, meanMs: 10, maxMs: 15, worst: 'down' }],
      }),
    )
    expect(chartData(old).slice(1)).toEqual([[15], [10], [10]])
  })

  test('steps in order give data in order, with every column as long', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { maxLength: 60 }), (minutes) => {
        const runs = minutes
          .sort((a, b) => a - b)
          .map((n) => ({
            ...run('00:00', n % 7 === 0 ? 'down' : 'up', n),
            at: new Date(Date.UTC(2026, 1, 5, 0, n)).toISOString(),
          }))
        const [at, ...values] = chartData(stepsOf(history({ runs })))
        expect(at).toEqual([...at].sort((a, b) => a - b))
        for (const column of values) expect(column).toHaveLength(at.length)
      }),
    )
  })
})

describe('the stretch of time', () => {
  const now = Date.parse('2026-02-05T12:00:00.000Z')

  test('it stands in the address, and nonsense there shows the last day', () => {
    const zoom = { fromMs: now - 2 * hour, toMs: now - hour }
    const words = zoomWords(zoom)
    const query = new URLSearchParams({ range: '30d', from: words.from!, to: words.to! })
    expect(shownOf(query)).toEqual({ range: '30d', zoom })
    expect(shownOf(new URLSearchParams('range=9y&from=soon&to=2026-02-30'))).toEqual({
      range: '24h',
      zoom: undefined,
    })
    expect(shownOf(new URLSearchParams(`from=${words.to}&to=${words.from}`)).zoom).toBeUndefined()
    expect(seen({ range: '7d', zoom: undefined }, now)).toEqual({ fromMs: now - 168 * hour, toMs: now })
  })

  test('nothing lies ahead of now, and the width stays when one moves', () => {
    const zoom = fc.record({
      fromMs: fc.integer({ min: now - 1000 * hour, max: now - 60 * hour }),
      wide: fc.integer({ min: 60_000, max: 50 * hour }),
    })
    fc.assert(
      fc.property(zoom, fc.double({ min: -3, max: 3, noNaN: true }), ({ fromMs, wide }, share) => {
        const to = moved({ fromMs, toMs: fromMs + wide }, share, now)
        expect(to.toMs).toBeLessThanOrEqual(now)
        expect(Math.abs(to.toMs - to.fromMs - wide)).toBeLessThan(1)
      }),
    )
    const near = zoomed({ fromMs: now - 4 * hour, toMs: now }, 0.5, now)
    expect(near).toEqual({ fromMs: now - 3 * hour, toMs: now - hour })
    expect(zoomed({ fromMs: now - 4 * hour, toMs: now }, 2, now).toMs).toBe(now)
    expect(zoomed({ fromMs: now - 60_000, toMs: now }, 0.5, now).toMs - near.fromMs).toBeGreaterThan(0)
  })
})

describe('rows', () => {
  const row = (id: number, more: Partial<LiveRow> = {}): LiveRow => ({
    ...{ id, title: `Item ${id}`, state: 'up', lastState: 'up', since: null, flapping: false },
    ...{ notWatchedSince: null, uptime: 1, coverage: 1, lastRunAt: null, nextRunAt: null, summary: null },
    ...more,
  })

  test('words are looked for in number, title and summary; a state narrows', () => {
    const rows = [row(1, { summary: 'got 503', state: 'down' }), row(2, { title: 'Öffentlich' })]
    const ids = (filter: string) =>
      narrowed(rows, liveFilterOf(new URLSearchParams(filter))).map(({ id }) => id)
    expect(ids('text=503')).toEqual([1])
    expect(ids('text=öff %232')).toEqual([2])
    expect(ids('state=down')).toEqual([1])
    expect(ids('state=__proto__')).toEqual([1, 2])
  })

  test('a row that looks the same stays the same object until the day changes', () => {
    const old = [row(1), row(2)]
    const [one, two] = refreshedRows(old, [row(1), row(2, { lastRunAt: '2026-02-05T00:00:00.000Z' })], true)
    expect(one).toBe(old[0])
    expect(two).not.toBe(old[1])
    expect(refreshedRows(old, [row(1)], false)[0]).not.toBe(old[0])
  })
})

describe('the story', () => {
  const entry = { id: 1, at: '2026-02-05T00:00:00.000Z', itemId: 1, actor: 'human:max', source: null }

  test('changes of state, incidents and edits of the check are told; notes and moves between are not', () => {
    const told = (action: string, detail: Record<string, unknown> | null = null) =>
      storyOf({ ...entry, action, detail, note: null, noteType: null })
    expect(told('check-state', { from: 'up', to: 'down', summary: 'got 503' })).toMatchObject({
      state: 'down',
      more: 'got 503',
    })
    expect(told('incident-opened', { incidentId: 31, title: 'x' })).toMatchObject({ incidentId: 31 })
    expect(told('updated', { changed: { healthCheck: {} } })?.words).toBe('check edited')
    expect(told('updated', { changed: { title: {} } })).toBeUndefined()
    expect(told('noted')).toBeUndefined()
    expect(told('moved', { from: 'building', to: 'qa' })).toBeUndefined()
    expect(told('moved', null)).toBeUndefined()
  })
})
