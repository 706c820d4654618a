/** `runs`: the history of a check, one by one as far as runs are kept, in steps before. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { columns } from '../../src/domain/text.ts'
import { bare } from '../../src/ops/item-line.ts'
import { runList } from '../../src/ops/run-list.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

describe.each(engines)('runs on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const runs = (m: Awaited<ReturnType<typeof fresh>>, id: number, input = {}) =>
    m.env.ask('run.list', { id, ...input })

  /** A live item whose check has run every hour. */
  async function ran(hours: number, answer = (_n: number) => up) {
    const m = await fresh()
    const id = await m.live()
    for (let n = 0; n < hours; n++) await m.after(n === 0 ? 0 : hour, answer(n))
    return { m, id }
  }

  test('the newest first, with what each found; those that were down with why', async () => {
    const { m, id } = await ran(3, (n) => (n === 1 ? down : up))
    const { env } = m
    const history = await runs(m, id)
    expect(history).toMatchObject({
      itemId: id,
      title: 'Extractor',
      to: env.now(),
      total: 3,
      bucketMs: null,
      buckets: [],
    })
    expect(history.runs.map(({ at, result, durationMs }) => [at, result, durationMs])).toEqual([
      ['2026-02-05T09:46:15.000Z', 'up', 12],
      ['2026-02-05T08:46:15.000Z', 'down', 34],
      ['2026-02-05T07:46:15.000Z', 'up', 12],
    ])
    expect(history.runs[1]!.summary).toContain('503')
    const oldest = await runs(m, id, { oldest: true })
    expect(oldest.runs).toEqual(history.runs.toReversed())
  })

  test('a day whose hours are kept is counted once: there are as many runs as there were', async () => {
    const { m, id } = await ran(59)
    const history = await runs(m, id, { since: '90d', points: 600 })
    expect(history).toMatchObject({ total: 59, bucketMs: null, buckets: [] })
    expect(history.runs).toHaveLength(59)
  })

  test('the incident is told from when to when, and only where it overlaps the range', async () => {
    const { m, id } = await ran(5, (n) => (n === 1 || n === 2 ? down : up))
    const [incident] = (await runs(m, id)).incidents
    expect(incident).toMatchObject({
      severity: 'major',
      from: '2026-02-05T08:46:15.000Z',
      to: '2026-02-05T10:46:15.000Z',
    })
    const of = async (since: string, until: string) => (await runs(m, id, { since, until })).incidents.length
    expect(await of('2026-02-05T07:00:00Z', '2026-02-05T08:46:15Z')).toBe(0)
    expect(await of('2026-02-05T07:00:00Z', '2026-02-05T08:47:00Z')).toBe(1)
    expect(await of('2026-02-05T10:46:15Z', '2026-02-05T11:00:00Z')).toBe(1)
    expect(await of('2026-02-05T10:47:00Z', '2026-02-05T11:00:00Z')).toBe(0)
    await m.after(hour, down)
    expect((await runs(m, id)).incidents.at(-1)).toMatchObject({ id: incident!.id + 1, to: null })
  })

  test('a range is half-open, and paging gives each run once, both ways', async () => {
    const { m, id } = await ran(7)
    const since = '2026-02-05T08:46:15Z'
    const until = '2026-02-05T12:46:15Z'
    expect((await runs(m, id, { since, until })).total).toBe(4)
    for (const oldest of [true, false]) {
      const found: string[] = []
      let cursor: string | null | undefined
      do {
        const page = await runs(m, id, { since, until, oldest, limit: 3, ...(cursor ? { cursor } : {}) })
        found.push(...page.runs.map((run) => run.at.slice(11, 13)))
        cursor = page.nextCursor
      } while (cursor && found.length < 20)
      expect(found).toEqual(oldest ? ['08', '09', '10', '11'] : ['11', '10', '09', '08'])
    }
  })

  test('for a chart all runs where the points suffice, steps of a round width where they do not', async () => {
    const { m, id } = await ran(14, (n) => (n === 2 ? down : up))
    const all = await runs(m, id, { points: 14 })
    expect([all.runs.length, all.bucketMs, all.nextCursor]).toEqual([14, null, null])
    expect(all.runs.map((run) => run.at)).toEqual(all.runs.map((run) => run.at).toSorted())
    const { runs: none, buckets, bucketMs, total } = await runs(m, id, { points: 12 })
    expect([none.length, bucketMs, total]).toEqual([0, 2 * hour, 14])
    expect(buckets.reduce((sum, bucket) => sum + bucket.runs, 0)).toBe(14)
    expect(buckets.slice(0, 2)).toEqual([
      {
        ...{ from: '2026-02-05T06:00:00.000Z', to: '2026-02-05T08:00:00.000Z', runs: 1, failed: 0 },
        ...{ minMs: 12, meanMs: 12, maxMs: 12, worst: 'up' },
      },
      {
        ...{ from: '2026-02-05T08:00:00.000Z', to: '2026-02-05T10:00:00.000Z', runs: 2, failed: 1 },
        ...{ minMs: 12, meanMs: 23, maxMs: 34, worst: 'down' },
      },
    ])
  })

  test('beyond what is kept one by one, hours; beyond hours, days; nothing is counted twice', async () => {
    const { m, id } = await ran(1)
    const { env } = m
    const fill = (statement: ReturnType<typeof sql>) => env.database.write((q) => q.run(statement))
    const hourNow = Math.floor(env.nowMs() / hour)
    const sum = (table: string, unit: number, runCount: number, downMs = 0) =>
      sql`(${id}, ${unit}, ${table === 'hour' ? hour - downMs : day - downMs}, 0, ${downMs}, 0, ${runCount}, ${downMs > 0 ? 1 : 0},
        ${runCount * 10}, ${15})`
    const into = (name: 'hours' | 'days') =>
      name === 'hours' ? sql`INSERT INTO pipeline_hours` : sql`INSERT INTO pipeline_days`
    // As after half a year: runs of 7 days (here of the last three hours), hours of 90 days, days before.
    const firstHour = hourNow - 90 * 24
    for (let unit = firstHour; unit < hourNow; unit += 12)
      await fill(sql`${into('hours')} VALUES ${sum('hour', unit, 1)}`)
    for (let unit = Math.floor(hourNow / 24) - 180; unit < Math.floor(hourNow / 24); unit++)
      await fill(sql`${into('days')} VALUES ${sum('day', unit, 2, unit % 10 === 0 ? 1000 : 0)}`)
    await fill(sql`UPDATE pipeline_checks SET rolled_ms = ${hourNow * hour} WHERE item_id = ${id}`)
    const half = await runs(m, id, { since: '366d', points: 200 })
    expect(half.bucketMs).toBe(2 * day)
    expect(half.rawFrom).toBe(new Date(hourNow * hour).toISOString())
    expect(half.buckets.reduce((total, bucket) => total + bucket.runs, 0)).toBe(half.total)
    // 180 days with two runs a day, told by days and by hours alike; and the one of this hour.
    expect(half.total).toBeGreaterThanOrEqual(359)
    expect(half.total).toBeLessThanOrEqual(361)
    expect(half.buckets.some((bucket) => bucket.worst === 'down')).toBe(true)
    expect(half.buckets.slice(0, -1).every((bucket) => bucket.minMs === null && bucket.meanMs === 10)).toBe(
      true,
    )
    // Finer than an hour nothing is known there: hours stay hours.
    const week = await runs(m, id, { since: '7d', points: 2000 })
    expect(week.bucketMs).toBe(10 * minute)
    expect(new Set(week.buckets.map(({ from, to }) => Date.parse(to) - Date.parse(from)))).toEqual(
      new Set([hour, 10 * minute]),
    )
  })

  test('an hour of which runs were taken away already is told by its sum', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, frequency: 'cron:16,46 * * * *', failureThreshold: 1 })
    for (let n = 0; n < 7; n++) await m.after(n === 0 ? 0 : 30 * minute, up)
    // 07:46, 08:16 to 10:46: the hours up to 10:00 are summed up. Of the two runs after eight one is left.
    const { total } = await runs(m, id)
    const left = Date.parse('2026-02-05T08:46:00Z')
    await m.env.database.write((q) =>
      q.run(sql`DELETE FROM pipeline_runs WHERE item_id = ${id} AND started_ms < ${left}`),
    )
    const history = await runs(m, id, { points: 10 })
    expect([total, history.total, history.rawFrom]).toEqual([7, 7, '2026-02-05T09:00:00.000Z'])
    expect(history.buckets.reduce((sum, bucket) => sum + bucket.runs, 0)).toBe(7)
  })

  test.each([
    [{ since: 'soon' }, 'since'],
    [{ since: '1h', until: '2h' }, 'until'],
    [{ limit: 5001 }, 'limit'],
    [{ points: 9 }, 'points'],
    [{ points: 2001 }, 'points'],
    [{ cursor: 'x' }, 'cursor'],
  ])('%j is refused', async (input, field) => {
    const m = await fresh()
    const id = await m.live()
    const refused = runs(m, id, input)
    await expect(refused).rejects.toMatchObject({ kind: 'invalid' })
    if (field !== 'since') await expect(refused).rejects.toMatchObject({ failures: [{ field }] })
  })

  test('an item that never ran has none; one that is not there is not found', async () => {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', { title: 'x' })
    expect(await runs(m, id, { points: 10 })).toMatchObject({
      total: 0,
      rawFrom: null,
      runs: [],
      incidents: [],
    })
    await expect(runs(m, 99)).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('is never wider than the terminal', async () => {
    const m = await fresh()
    const id = await m.live(hourly, { title: '東京タワー 🚀 '.repeat(30) })
    await m.after(0, { ...down, body: 'x'.repeat(500) })
    const history = await runs(m, id)
    const long = { ...history.runs[0]!, summary: '東京 '.repeat(99), attempts: 3, durationMs: 12_345 }
    const steps = (await runs(m, id, { points: 10 })).buckets
    for (const width of [80, 60]) {
      for (const color of [true, false]) {
        const style = createStyle({ color, width, now: m.env.now() })
        const text = await runList.toText(
          { ...history, runs: [long, ...history.runs], buckets: steps },
          style,
        )
        for (const line of text.split('\n'))
          expect({ line, fits: columns(bare(line)) <= width }).toEqual({ line, fits: true })
        expect(text).toContain('✖ down')
      }
    }
  })
})
