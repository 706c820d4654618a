import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute, second } from '../helpers/environment.ts'
import { monitored } from './monitored.ts'

const daily = { type: 'heartbeat', frequency: 'daily', grace: '1h' }

describe.each(engines)('heartbeats on $engine', ({ freshDatabase }) => {
  async function fresh(check: Record<string, unknown> = daily) {
    const m = monitored(await freshDatabase())
    const id = await m.live(check)
    const { env } = m
    const startMs = env.nowMs()
    const line = async () => (await env.ask('heartbeat.setup', { id })).url!.split('/').at(-1)!
    return {
      ...m,
      id,
      startMs,
      token: await line(),
      ping: (ping = 'success', output?: string) =>
        env.ask('heartbeat.ping', { id, ping, ...(output === undefined ? {} : { output }) }),
      show: () => env.ask('item.show', { id }),
      health: async () => (await env.ask('item.show', { id })).health!,
      dueInMs: async () => Date.parse((await env.ask('item.show', { id })).health!.nextRunAt!) - startMs,
      states: () =>
        env.database.read(async (q) =>
          (
            await q.all<{ at_ms: number; state: string }>(
              sql`SELECT at_ms, state FROM pipeline_states WHERE item_id = ${id} ORDER BY at_ms`,
            )
          ).map(({ at_ms, state }) => [at_ms - startMs, state]),
        ),
    }
  }

  test('entering live, the first deadline is a period and the grace away, and nothing is probed', async () => {
    const m = await fresh()
    expect(await m.dueInMs()).toBe(day + hour)
    expect(await m.due()).toEqual([])
    m.env.tick(day + hour - 1)
    expect(await m.due()).toEqual([])
    expect(m.target.probed).toEqual([])
  })

  test('a report is a run like any other: stored, counted, and the next deadline follows it', async () => {
    const m = await fresh()
    m.env.tick(2 * hour)
    expect(await m.ping()).toMatchObject({ result: 'up', state: 'up', stored: true, incident: null })
    expect(await m.health()).toMatchObject({
      state: 'up',
      lastRunAt: m.env.now(),
      lastResult: 'up',
      summary: 'reported success',
    })
    expect(await m.dueInMs()).toBe(2 * hour + day + hour)
    expect((await m.show()).runs).toMatchObject([{ at: m.env.now(), result: 'up', attempts: 1 }])
    expect(await m.states()).toEqual([[2 * hour, 'up']])
  })

  test('no report until the deadline is down and opens an incident; the next one is a period later', async () => {
    const m = await fresh()
    m.env.tick(2 * hour)
    await m.ping()
    m.env.tick(day + hour)
    expect(await m.due()).toMatchObject([
      {
        result: 'down',
        state: 'down',
        summary: 'no heartbeat since 2026-02-05 09:46 UTC',
        stored: true,
        incident: { change: 'opened' },
      },
    ])
    expect(m.target.probed).toEqual([])
    const incident = (await m.env.ask('item.list', { type: 'incident' })).items[0]!
    expect(incident.title).toBe('Extractor: heartbeat within 1d 1h')
    expect(await m.dueInMs()).toBe(2 * hour + 2 * day + hour)
    expect(await m.due()).toEqual([])
    m.env.tick(day - 1)
    expect(await m.due()).toEqual([])
    m.env.tick(1)
    expect(await m.due()).toMatchObject([{ summary: 'no heartbeat since 2026-02-05 09:46 UTC' }])
    expect(await m.ping()).toMatchObject({ state: 'up', incident: { id: incident.id, change: 'resolved' } })
    expect(await m.dueInMs()).toBe(2 * hour + 2 * day + hour + day + hour)
  })

  test('the first that never came says so', async () => {
    const m = await fresh()
    m.env.tick(day + hour)
    expect(await m.due()).toMatchObject([{ result: 'down', summary: 'no heartbeat yet' }])
  })

  test('late runs come to one: three days missed are one run', async () => {
    const m = await fresh()
    m.env.tick(3 * day + 2 * hour)
    expect(await m.due()).toHaveLength(1)
    expect(await m.due()).toEqual([])
    expect(await m.dueInMs()).toBe(4 * day + hour)
  })

  test.each([
    ['fail', 'reported failure', 'Extractor: the job reports success'],
    ['3', 'exit status 3', 'Extractor: exit_status == 0'],
    ['255', 'exit status 255', 'Extractor: exit_status == 0'],
  ])('%s is down, what was printed is the evidence', async (ping, summary, title) => {
    const m = await fresh()
    expect(await m.ping(ping, 'disk full\n\u001b[31mno space')).toMatchObject({
      result: 'down',
      state: 'down',
      incident: { change: 'opened' },
    })
    expect((await m.health()).summary).toBe(`${summary}: disk full no space`)
    const { id } = (await m.env.ask('item.list', { type: 'incident' })).items[0]!
    const shown = await m.env.ask('item.show', { id })
    expect(shown.title).toBe(title)
    expect(shown.notes[0]!.note).toContain(`got: ${summary}\noutput:\ndisk full`)
    expect((await m.env.ask('activity.list', { item: id })).entries[0]).toMatchObject({
      actor: 'system:monitor',
      source: 'heartbeat',
    })
  })

  test('of what was printed 10 KB are kept, no character cut in half', async () => {
    const m = await fresh()
    await m.ping('1', `${'x'.repeat(10 * 1024 - 1)}😀${'y'.repeat(5000)}`)
    const { id } = (await m.env.ask('item.list', { type: 'incident' })).items[0]!
    const note = (await m.env.ask('item.show', { id })).notes[0]!.note!
    expect(note.endsWith('x')).toBe(true)
    expect(note.length).toBeLessThan(10 * 1024 + 100)
  })

  describe('a start', () => {
    test('is no run; the end says how long it took', async () => {
      const m = await fresh()
      expect(await m.ping('start')).toMatchObject({ result: null, stored: false, live: true })
      expect((await m.show()).runs).toEqual([])
      expect(await m.dueInMs()).toBe(hour)
      m.env.tick(12 * minute)
      expect(await m.ping('0')).toMatchObject({ state: 'up' })
      expect(await m.health()).toMatchObject({ durationMs: 12 * minute, summary: 'exit status 0 after 12m' })
      expect(await m.dueInMs()).toBe(12 * minute + day + hour)
    })

    test('without an end in the grace is down, with its own words', async () => {
      const m = await fresh()
      await m.ping()
      m.env.tick(day)
      await m.ping('start')
      m.env.tick(hour)
      expect(await m.due()).toMatchObject([
        { result: 'down', summary: 'started 2026-02-06 07:46 UTC and has not ended in 1h' },
      ])
      expect((await m.env.ask('item.list', { type: 'incident' })).items[0]!.title).toBe(
        'Extractor: end within 1h of its start',
      )
      m.env.tick(30 * minute)
      expect(await m.ping()).toMatchObject({ state: 'up', incident: { change: 'resolved' } })
      expect((await m.health()).durationMs).toBe(90 * minute)
    })

    test('again counts from the second on', async () => {
      const m = await fresh()
      await m.ping('start')
      m.env.tick(30 * minute)
      await m.ping('start')
      expect(await m.dueInMs()).toBe(90 * minute)
    })

    test('is all that can be late where there is no frequency', async () => {
      const m = await fresh({ type: 'heartbeat', grace: '10m' })
      expect((await m.health()).nextRunAt).toBeNull()
      await m.ping()
      expect((await m.health()).nextRunAt).toBeNull()
      await m.ping('start')
      expect(await m.dueInMs()).toBe(10 * minute)
      m.env.tick(10 * minute)
      expect(await m.due()).toMatchObject([{ result: 'down' }])
      expect((await m.health()).nextRunAt).toBeNull()
    })

    test('after the deadline does not hide that it was missed', async () => {
      const m = await fresh()
      m.env.tick(day + 2 * hour)
      await m.ping('start')
      expect(await m.due()).toMatchObject([{ result: 'down', summary: 'no heartbeat yet' }])
      expect(await m.dueInMs()).toBe(day + 3 * hour)
    })
  })

  test('two workers and one deadline: the report wins over a worker that holds it', async () => {
    const m = await fresh()
    m.env.tick(day + hour - second)
    const lease = { limit: 10, dueByMs: m.env.nowMs() + 3 * second }
    const { runs } = await m.worker.turn({ ended: [], lease })
    expect(runs).toHaveLength(1)
    await m.ping()
    m.env.tick(second)
    const ended = await m.worker.execute(runs[0]!)
    expect(ended.report.result).toBe('down')
    expect((await m.worker.turn({ ended: [ended], lease: null })).checked).toMatchObject([{ stored: false }])
    expect(await m.health()).toMatchObject({ state: 'up' })
    expect(await m.due()).toEqual([])
  })

  test('so does a start', async () => {
    const m = await fresh()
    m.env.tick(day + hour - second)
    const { runs } = await m.worker.turn({
      ended: [],
      lease: { limit: 10, dueByMs: m.env.nowMs() + 3 * second },
    })
    await m.ping('start')
    m.env.tick(second)
    const ended = await m.worker.execute(runs[0]!)
    expect((await m.worker.turn({ ended: [ended], lease: null })).checked).toMatchObject([{ stored: false }])
  })

  test('thresholds: below an hour three failures make it down, two successes up', async () => {
    const m = await fresh({ type: 'heartbeat', frequency: '10m', grace: '0s' })
    expect(await m.ping('fail')).toMatchObject({ state: 'unknown' })
    m.env.tick(10 * minute)
    expect(await m.due()).toMatchObject([{ result: 'down', state: 'unknown' }])
    m.env.tick(minute)
    expect(await m.ping('1')).toMatchObject({ state: 'down' })
    m.env.tick(minute)
    expect(await m.ping()).toMatchObject({ state: 'down' })
    m.env.tick(minute)
    expect(await m.ping()).toMatchObject({ state: 'up' })
  })

  test('cron: late when the grace after a firing has passed', async () => {
    const m = await fresh({ type: 'heartbeat', frequency: 'cron:0 2 * * *', grace: '30m' })
    expect((await m.health()).nextRunAt).toBe('2026-02-06T02:30:00.000Z')
    m.env.tick(18 * hour + 44 * minute)
    expect(await m.due()).toMatchObject([{ result: 'down' }])
    expect((await m.health()).nextRunAt).toBe('2026-02-07T02:30:00.000Z')
    expect((await m.env.ask('item.list', { type: 'incident' })).items[0]!.title).toBe(
      'Extractor: heartbeat within 30m of 0 2 * * * (UTC)',
    )
  })

  test('what is edited starts anew: the wait begins again, and the token stays', async () => {
    const m = await fresh()
    await m.ping('fail')
    m.env.tick(hour)
    await m.env.ask('item.update', { id: m.id, healthCheck: { ...daily, grace: '2h' } })
    expect(await m.health()).toMatchObject({ state: 'unknown' })
    expect(await m.dueInMs()).toBe(hour + day + 2 * hour)
    await m.env.ask('heartbeat.beat', { token: m.token })
    expect(await m.health()).toMatchObject({ state: 'up' })
  })

  test('what left live, or has another check now, takes reports and stores nothing', async () => {
    const m = await fresh()
    await m.env.ask('item.update', {
      id: m.id,
      healthCheck: { type: 'command', command: 'true', frequency: '1h' },
    })
    expect(await m.env.ask('heartbeat.beat', { token: m.token })).toEqual({ ok: true })
    await m.env.ask('item.update', { id: m.id, healthCheck: daily })
    await m.env.ask('item.move', { id: m.id, to: 'qa' })
    expect(await m.ping()).toMatchObject({ stored: false, live: false })
    expect((await m.health()).nextRunAt).toBeNull()
    expect((await m.show()).runs).toEqual([])
  })

  test('switched off it is never late, and reports count', async () => {
    const m = await fresh({ ...daily, enabled: false })
    expect((await m.health()).nextRunAt).toBeNull()
    expect(await m.ping('fail')).toMatchObject({ state: 'down' })
    expect((await m.health()).nextRunAt).toBeNull()
  })

  test('maxLateness and missedRun do not silence it', async () => {
    const m = await fresh({ ...daily, maxLateness: '1m', missedRun: 'skip' })
    m.env.tick(2 * day)
    expect(await m.due()).toMatchObject([{ result: 'down' }])
  })

  test('made live by the owner’s own SQL, it has a deadline after the next pass', async () => {
    const m = await fresh()
    await m.env.database.write((q) => q.run(sql`DELETE FROM pipeline_checks`))
    expect(await m.ping()).toMatchObject({ state: 'up', stored: true })
    await m.env.database.write((q) => q.run(sql`DELETE FROM pipeline_checks`))
    await m.due()
    expect(await m.dueInMs()).toBe(day + hour)
  })

  describe('by hand', () => {
    const check = (m: Awaited<ReturnType<typeof fresh>>, dryRun = false) =>
      m.worker.checkItem(m.id, { dryRun })

    test('a check says what is known, and stores nothing', async () => {
      const m = await fresh()
      expect(await check(m)).toMatchObject({
        result: 'unknown',
        summary: 'no heartbeat yet; the next one is due by 2026-02-06 08:46 UTC',
        stored: false,
      })
      await m.ping('success', 'ok')
      expect(await check(m)).toMatchObject({
        result: 'up',
        summary: 'reported success: ok (2026-02-05 07:46 UTC); the next one is due by 2026-02-06 08:46 UTC',
        stored: false,
      })
      expect((await m.show()).runs).toHaveLength(1)
      expect(m.target.probed).toEqual([])
    })

    test('an overdue one is judged then and there', async () => {
      const m = await fresh()
      m.env.tick(day + hour)
      expect(await check(m, true)).toMatchObject({ result: 'unknown', stored: false })
      expect(await check(m)).toMatchObject({ result: 'down', stored: true, incident: { change: 'opened' } })
      expect(await check(m)).toMatchObject({ result: 'down', stored: false })
    })

    test('where it is not live it says that', async () => {
      const m = await fresh()
      await m.env.ask('item.move', { id: m.id, to: 'qa' })
      expect(await check(m)).toMatchObject({ result: 'unknown', summary: 'heartbeats count once it is live' })
    })
  })

  describe('the token', () => {
    test('is shown once, as a whole line, and stored as a hash only', async () => {
      const m = await fresh()
      const made = await m.env.ask('heartbeat.setup', { id: m.id, new: true })
      expect(made).toMatchObject({
        changed: true,
        line: '&& curl -fsS -X POST -m 10 --retry 3 http://127.0.0.1:4400/api/v1/heartbeats/token-2',
      })
      expect(await m.env.ask('heartbeat.setup', { id: m.id })).toMatchObject({
        line: null,
        url: null,
        changed: false,
        tokenSince: m.env.now(),
      })
      const rows = await m.env.database.read((q) => q.all(sql`SELECT * FROM pipeline_heartbeats`))
      expect(rows).toHaveLength(1)
      expect(rows[0]!.token_hash).toMatch(/^[0-9a-f]{64}$/)
      const log = JSON.stringify(await m.env.ask('activity.list', {}))
      expect(log).not.toContain('token-')
      expect(await m.actions(m.id)).toContain('heartbeat-renewed')
    })

    test('renewed, the one before is void', async () => {
      const m = await fresh()
      await m.env.ask('heartbeat.setup', { id: m.id, new: true })
      await expect(m.env.ask('heartbeat.beat', { token: m.token })).rejects.toMatchObject({
        kind: 'not-found',
      })
      expect(await m.env.ask('heartbeat.report', { token: 'token-2', ping: 'fail' })).toEqual({ ok: true })
      expect(await m.health()).toMatchObject({ state: 'down' })
    })

    test.each(['ftp://x', 'http://x y', 'http://a$(reboot)', 'http://a%b', "http://a'b", 'x', 'http://'])(
      'a server %j is refused, and no token is made',
      async (url) => {
        const m = await fresh()
        await expect(m.env.ask('heartbeat.setup', { id: m.id, new: true, url })).rejects.toMatchObject({
          kind: 'invalid',
        })
        expect(await m.env.ask('heartbeat.beat', { token: m.token })).toEqual({ ok: true })
      },
    )

    test('another server stands in the line', async () => {
      const m = await fresh()
      const made = await m.env.ask('heartbeat.setup', {
        id: m.id,
        new: true,
        url: 'https://[::1]:8443/base/',
      })
      expect(made.url).toBe('https://[::1]:8443/base/api/v1/heartbeats/token-2')
      expect(made.line).toContain(`'https://[::1]:8443/base/api/v1/heartbeats/token-2'`)
    })

    test('only an item with such a check has one', async () => {
      const m = await fresh()
      const { id } = await m.env.ask('item.create', { title: 'x' })
      for (const op of ['heartbeat.setup', 'heartbeat.ping'] as const)
        await expect(m.env.ask(op, { id })).rejects.toMatchObject({ kind: 'invalid' })
    })

    test.each(['', 'started', '256', '-1', '1e2', '0x1', '__proto__', '٣'])(
      'a report of %j is refused',
      async (ping) => {
        const m = await fresh()
        await expect(m.env.ask('heartbeat.ping', { id: m.id, ping })).rejects.toMatchObject({
          kind: 'invalid',
        })
      },
    )
  })
})
