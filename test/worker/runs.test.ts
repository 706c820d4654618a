import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute, second } from '../helpers/environment.ts'
import { down, hourly, monitored, unknown, up } from './monitored.ts'

describe.each(engines)('runs on $engine', ({ freshDatabase, freshUrl }) => {
  const fresh = async () => monitored(await freshDatabase())
  const health = async ({ env }: Awaited<ReturnType<typeof fresh>>, id: number) =>
    (await env.ask('item.show', { id })).health!

  test('what is due runs once and is stored, and the next run is an interval later', async () => {
    const m = await fresh()
    const id = await m.live()
    expect(await m.due()).toEqual([
      {
        itemId: id,
        title: 'Extractor',
        result: 'up',
        state: 'up',
        summary: 'status 200 in 12ms',
        durationMs: 12,
        attempts: 1,
        stored: true,
        maintenance: false,
        incident: null,
        notOpened: null,
      },
    ])
    expect(await m.due()).toEqual([])
    expect(m.target.probed).toHaveLength(1)
    expect(await health(m, id)).toMatchObject({
      state: 'up',
      since: m.env.now(),
      lastRunAt: m.env.now(),
      lastResult: 'up',
      summary: 'status 200 in 12ms',
      durationMs: 12,
      nextRunAt: new Date(m.env.nowMs() + hour - 15 * second).toISOString(),
    })
    expect((await m.env.ask('item.show', { id })).runs).toMatchObject([
      { at: m.env.now(), result: 'up', durationMs: 12, attempts: 1 },
    ])
    m.env.tick(hour - 15 * second - 1)
    expect(await m.due()).toEqual([])
    m.env.tick(1)
    expect(await m.due()).toHaveLength(1)
  })

  test('late runs are one run, and the grid is kept', async () => {
    const m = await fresh()
    const id = await m.live()
    const firstMs = m.env.nowMs()
    await m.due()
    expect(await m.after(7 * hour + 20 * minute, up)).toHaveLength(1)
    expect(await m.due()).toEqual([])
    expect((await health(m, id)).nextRunAt).toBe(new Date(firstMs + 8 * hour - 15 * second).toISOString())
  })

  test('a clock that was set back silences no check: it runs at once, then on its grid', async () => {
    const m = await fresh()
    await m.live()
    await m.due()
    m.env.tick(-5 * day)
    expect(await m.due()).toHaveLength(1)
    expect(await m.due()).toEqual([])
    expect(await m.after(hour, up)).toHaveLength(1)
    expect(await m.after(hour, up)).toHaveLength(1)
  })

  test('a clock that is a few seconds behind another worker’s makes no run twice', async () => {
    const m = await fresh()
    await m.live()
    await m.due()
    m.env.tick(-30 * second)
    expect(await m.due()).toEqual([])
  })

  test('two hundred due are run once each, however few at a time', async () => {
    const m = await fresh()
    const count = 200
    for (let n = 0; n < count; n++) await m.live()
    const runs = await m.another({ owner: 'few', concurrency: 7 }).checkDue({ dryRun: false })
    expect(new Set(runs.map((run) => run.itemId)).size).toBe(count)
    expect(runs).toHaveLength(count)
    expect(m.target.probed).toHaveLength(count)
    expect(await m.due()).toEqual([])
  }, 60_000)

  test('a pass ends, although checks fall due again while it runs', async () => {
    const m = await fresh()
    const often = { ...hourly, frequency: '5s', retryInterval: '1s', timeout: '1s' }
    for (let n = 0; n < 3; n++) await m.live(often)
    m.target.answer = () => {
      if (m.target.probed.length < 20) m.env.tick(10 * second)
      return up
    }
    const runs = await m.another({ owner: 'slow', concurrency: 1 }).checkDue({ dryRun: false })
    expect(runs).toHaveLength(3)
  })

  test('one run that can’t be stored does not stop the others, and is told at the end', async () => {
    const m = await fresh()
    const ids = [await m.live(), await m.live(), await m.live()]
    m.target.answer = { durationMs: Number.NaN, status: 200 }
    let first = true
    m.target.answer = () => {
      const broken = first
      first = false
      return broken ? { durationMs: Number.NaN, status: 200 } : up
    }
    await expect(m.due()).rejects.toBeDefined()
    const states = await Promise.all(ids.map(async (id) => (await health(m, id)).state))
    expect(states.sort()).toEqual(['unknown', 'up', 'up'])
  })

  describe('inside one run', () => {
    test('down is tried again, as often as said, and the last attempt counts', async () => {
      const m = await fresh()
      await m.live({ ...hourly, retries: 2, retryInterval: '7s' })
      let attempt = 0
      m.target.answer = () => (++attempt < 3 ? down : up)
      expect(await m.due()).toMatchObject([{ result: 'up', attempts: 3 }])
      expect(m.target.pauses).toEqual([7000, 7000])
      attempt = -10
      m.env.tick(hour)
      expect(await m.due()).toMatchObject([{ result: 'down', attempts: 3 }])
    })

    test('each attempt is held against the patterns of the check', async () => {
      const m = await fresh()
      await m.live({
        ...hourly,
        retries: 2,
        expect: 'body matches /^ready$/m',
        degraded: 'body matches /fast/',
      })
      const bodies = ['starting', 'not ready', 'ready\nslow']
      m.target.answer = () => ({ ...up, body: bodies.shift() ?? '' })
      expect(await m.due()).toMatchObject([
        { result: 'degraded', attempts: 3, summary: 'expected body matches /fast/, got ready slow' },
      ])
    })

    test('a pattern that the owner’s own SQL stored, and that no engine runs, is unknown', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, expect: 'body matches /a/' })
      const text = JSON.stringify({ ...hourly, expect: 'body matches /(?=a)/' })
      await m.env.database.write((q) =>
        q.run(sql`UPDATE pipeline SET health_check = ${text} WHERE id = ${id}`),
      )
      expect(await m.due()).toMatchObject([
        { result: 'unknown', summary: expect.stringContaining('look-around in a pattern') },
      ])
    })

    test('neither up, degraded nor unknown is tried again', async () => {
      const m = await fresh()
      await m.live({ ...hourly, retries: 2, degraded: 'response_time < 500' })
      for (const [answer, result] of [
        [up, 'up'],
        [{ ...up, durationMs: 900 }, 'degraded'],
        [unknown, 'unknown'],
      ] as const) {
        expect(await m.after(hour, answer)).toMatchObject([{ result, attempts: 1 }])
      }
    })

    test('a worker that was stopped meanwhile probes anew: the slept time is no duration, and was not watched', async () => {
      const m = await fresh()
      const id = await m.live()
      await m.due()
      let isAsleep = true
      const answer = () => {
        if (!isAsleep) return up
        isAsleep = false
        m.env.tick(10 * minute)
        return { ...down, durationMs: 10 * minute, timedOut: true }
      }
      expect(await m.after(hour - 15 * second, answer)).toMatchObject([
        { result: 'up', state: 'up', durationMs: 12, attempts: 1, incident: null },
      ])
      const { runs } = await m.env.ask('item.show', { id })
      expect(runs[0]).toMatchObject({ at: m.env.now(), result: 'up', durationMs: 12 })
      m.env.tick(minute)
      const [lastDay] = (await m.env.ask('uptime.show', { id })).windows
      expect(lastDay).toMatchObject({
        upMs: hour - 15 * second + minute,
        unknownMs: day - hour + 15 * second - minute,
        longestDurationMs: 12,
      })
    })

    test('one that stands still again and again can’t tell: unknown, without a duration', async () => {
      const m = await fresh()
      const id = await m.live()
      const answer = () => {
        m.env.tick(10 * minute)
        return { ...down, durationMs: 10 * minute, timedOut: true }
      }
      expect(await m.after(0, answer)).toMatchObject([
        { result: 'unknown', state: 'unknown', durationMs: 0, stored: true, incident: null },
      ])
      expect(m.target.probed).toHaveLength(2)
      expect((await m.env.ask('item.show', { id })).runs).toMatchObject([
        { result: 'unknown', durationMs: 0 },
      ])
    })

    test('a probe that throws is unknown, and opens nothing', async () => {
      const m = await fresh()
      const id = await m.live()
      const broken = () => {
        throw new Error('our own fault')
      }
      expect(await m.after(0, broken)).toMatchObject([
        {
          result: 'unknown',
          state: 'unknown',
          summary: 'not run: our own fault (probe-failed)',
          incident: null,
        },
      ])
      expect((await m.env.ask('item.show', { id })).children).toEqual([])
    })
  })

  describe('what does not run', () => {
    test('a check that is switched off', async () => {
      const m = await fresh()
      await m.live({ ...hourly, enabled: false })
      expect(await m.due()).toEqual([])
      expect(await m.worker.nextDueMs()).toBeUndefined()
    })

    test('a command that is not approved: it is unknown, and never executed, until it is', async () => {
      const m = await fresh()
      const remote = m.env.as('agent:far', { trust: 'remote' })
      const healthCheck = { type: 'command', command: 'rm -rf x', frequency: 'daily', retries: 0 }
      const { id } = await remote.ask('item.create', { title: 'x', healthCheck })
      await m.env.ask('item.move', { id, to: 'live' })
      expect(await m.due()).toMatchObject([
        { result: 'unknown', summary: expect.stringContaining('pipeline check approve 1'), attempts: 0 },
      ])
      await expect(m.env.ask('check.run', { id })).rejects.toMatchObject({ kind: 'not-permitted' })
      expect(m.target.probed).toEqual([])
      expect(await m.env.ask('check.approve', { id })).toMatchObject({
        command: 'rm -rf x',
        health: { approved: true, nextRunAt: m.env.now() },
      })
      m.target.answer = { durationMs: 1, exitCode: 0 }
      expect(await m.due()).toMatchObject([{ result: 'up' }])
      expect(m.target.probed).toHaveLength(1)
    })

    test('approve says when there is nothing to approve', async () => {
      const m = await fresh()
      const id = await m.live()
      await expect(m.env.ask('check.approve', { id })).rejects.toMatchObject({ kind: 'invalid' })
    })
  })

  describe('check ID', () => {
    test('on a live item is a run like any other, and leaves the grid alone', async () => {
      const m = await fresh()
      const id = await m.live()
      await m.due()
      const { nextRunAt } = await health(m, id)
      m.env.tick(20 * minute)
      m.target.answer = down
      expect(await m.env.ask('check.run', { id })).toMatchObject({
        result: 'down',
        state: 'down',
        stored: true,
        incident: { change: 'opened' },
      })
      expect(await health(m, id)).toMatchObject({ state: 'down', nextRunAt })
    })

    test('on any other item, and as a dry run, it probes and stores nothing', async () => {
      const m = await fresh()
      const { id } = await m.env.ask('item.create', { title: 'x', healthCheck: hourly })
      m.target.answer = down
      expect(await m.env.ask('check.run', { id })).toMatchObject({
        result: 'down',
        state: null,
        stored: false,
        incident: null,
      })
      await m.env.ask('item.move', { id, to: 'live' })
      const dry = m.env.as('human:max', { dryRun: true, worker: m.worker })
      expect(await dry.ask('check.run', { id })).toMatchObject({ result: 'down', stored: false })
      expect(m.target.probed).toHaveLength(2)
      const item = await m.env.ask('item.show', { id })
      expect([item.runs, item.children, item.health?.state]).toEqual([[], [], 'unknown'])
      await expect(dry.ask('check.due', {})).rejects.toMatchObject({ kind: 'invalid' })
    })

    test('without a check, and without an item, it is refused', async () => {
      const m = await fresh()
      const { id } = await m.env.ask('item.create', { title: 'x' })
      await expect(m.env.ask('check.run', { id })).rejects.toMatchObject({ kind: 'invalid' })
      await expect(m.env.ask('check.run', { id: 99 })).rejects.toMatchObject({ kind: 'not-found' })
    })
  })

  test('old runs go, but never one of the last hundred', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.env.database.write((q) =>
      q.run(sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
        INSERT INTO pipeline_runs (item_id, started_ms, duration_ms, result, attempts)
        SELECT ${id}, CAST(${m.env.nowMs() - 8 * day} AS BIGINT) + i, 1, 'up', 1 FROM n`),
    )
    const count = async () =>
      (await m.env.database.read((q) => q.get<{ n: number }>(sql`SELECT count(*) AS n FROM pipeline_runs`)))
        ?.n
    await m.due()
    expect(await count()).toBe(100)
    await m.after(hour, up)
    expect(await count()).toBe(100)
    await m.env.database.write((q) =>
      q.run(
        sql`UPDATE pipeline_runs SET started_ms = started_ms + ${2 * day} WHERE started_ms < ${m.env.nowMs() - 7 * day}`,
      ),
    )
    await m.after(hour, up)
    expect(await count()).toBe(101)
  })

  test('what was found survives a restart between two failures', async () => {
    const url = await freshUrl()
    const often = { ...hourly, failureThreshold: 3 }
    const first = monitored(await openTest(url))
    const id = await first.live(often)
    await first.due()
    let { env } = first
    const results = []
    for (let n = 0; n < 3; n++) {
      const database = await openTest(url)
      const next = monitored(database, environmentOf(database, { startAt: env.now() }))
      env = next.env
      results.push(...(await next.after(hour, down)))
    }
    expect(results.map(({ state, incident }) => [state, incident?.change])).toEqual([
      ['up', undefined],
      ['up', undefined],
      ['down', 'opened'],
    ])
    expect((await env.ask('item.show', { id })).childCount).toBe(1)
  })
})
