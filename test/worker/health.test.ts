/** `health`: what is live, the worst first, and whether anybody looks. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { columns } from '../../src/domain/text.ts'
import { healthList } from '../../src/ops/health-list.ts'
import { bare } from '../../src/ops/item-line.ts'
import { createStyle } from '../../src/ops/style.ts'
import { seeWorker } from '../../src/store/workers.ts'
import { engines } from '../helpers/engines.ts'
import { hour, minute, second } from '../helpers/environment.ts'
import { down, hourly, type Monitored, monitored, up } from './monitored.ts'

describe.each(engines)('health on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const own = (m: Monitored, statement: ReturnType<typeof sql>) =>
    m.env.database.write((q) => q.run(statement))
  const seen = (m: Monitored) =>
    m.env.database.write((q) =>
      seeWorker(q, {
        owner: 'box:1',
        runner: 'local',
        concurrency: 50,
        startedMs: m.env.nowMs(),
        seenMs: m.env.nowMs(),
        lagMs: 40,
      }),
    )
  const byUrl = { ...hourly, maintenance: [] }
  const to = (name: string, more = {}) => ({ ...byUrl, url: `http://127.0.0.1:1/${name}`, ...more })
  const answerDown =
    (...names: string[]) =>
    (plan: { url?: string }) =>
      names.some((name) => plan.url?.endsWith(name)) ? down : up

  test('lists every live item, the worst first, those without a check last', async () => {
    const m = await fresh()
    const { id: plain } = await m.env.ask('item.create', { title: 'No check' })
    await m.env.ask('item.move', { id: plain, to: 'live' })
    await m.env.ask('item.create', { title: 'Not live', healthCheck: hourly })
    const works = await m.live(to('works'), { priority: 1 })
    const fails = await m.live(to('fails'))
    const off = await m.live(to('off', { enabled: false }))
    const worksToo = await m.live(to('works'), { priority: 1 })
    const maintained = await m.live(
      to('fails', { maintenance: [{ from: '2026-02-05T07:00:00Z', to: '2026-02-05T09:00:00Z' }] }),
    )
    await m.after(0, answerDown('fails'))
    const health = await m.env.ask('health.list', {})
    expect(health.items.map(({ id, state }) => [id, state])).toEqual([
      [fails, 'down'],
      [maintained, 'maintenance'],
      [works, 'up'],
      [worksToo, 'up'],
      [off, 'off'],
      [plain, 'no-check'],
    ])
    expect(health.counts).toEqual({
      up: 2,
      down: 1,
      maintenance: 1,
      off: 1,
      'no-check': 1,
      degraded: 0,
      unknown: 0,
      paused: 0,
    })
    expect(health.items[0]).toMatchObject({
      summary: expect.stringContaining('503'),
      lastRunAt: m.env.now(),
      since: m.env.now(),
      nextRunAt: '2026-02-05T08:46:00.000Z',
      notWatchedSince: null,
    })
    expect(health).toMatchObject({ lastPassAt: m.env.now(), notWatched: 0, flapping: 0, onlyDown: false })
  })

  test('says since when nobody has looked: what was up then is not up now', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.due()
    m.env.tick(hour - 15 * second + 5 * minute)
    expect((await m.env.ask('health.list', {})).items[0]).toMatchObject({
      state: 'up',
      notWatchedSince: null,
    })
    m.env.tick(1)
    const { items, counts, notWatched } = await m.env.ask('health.list', {})
    expect(items[0]).toMatchObject({
      id,
      state: 'unknown',
      lastState: 'up',
      notWatchedSince: '2026-02-05T08:46:00.000Z',
    })
    expect([counts.up, counts.unknown, notWatched]).toEqual([0, 1, 1])
    const { health } = await m.env.ask('item.show', { id })
    expect(health).toMatchObject({ state: 'up', watchedUntil: '2026-02-05T08:51:00.000Z' })
  })

  test('--down lists what is down, and what was when somebody last looked; it ends with 7 then', async () => {
    const m = await fresh()
    await m.live(to('works'))
    const failing = await m.live(to('fails'))
    const exitOf = async () => {
      const health = await m.env.ask('health.list', { down: true })
      return { ids: health.items.map(({ id }) => id), code: healthList.command!.exitCode!(health) }
    }
    await m.due()
    expect(await exitOf()).toEqual({ ids: [], code: 0 })
    await m.after(hour, answerDown('fails'))
    expect(await exitOf()).toEqual({ ids: [failing], code: 7 })
    expect(healthList.command!.exitCode!(await m.env.ask('health.list', {}))).toBe(0)
    m.env.tick(5 * hour)
    expect(await exitOf()).toEqual({ ids: [failing], code: 7 })
    expect((await m.env.ask('health.list', {})).items[0]).toMatchObject({ id: failing, state: 'unknown' })
  })

  test('warns when something is due and no worker was seen for a minute', async () => {
    const m = await fresh()
    const warnings = async () => (await m.env.answer('health.list', {})).warnings
    expect(await warnings()).toEqual([])
    await m.live()
    expect(await warnings()).toEqual(['nobody is watching: start pipeline serve or pipeline monitor'])
    await seen(m)
    expect(await warnings()).toEqual([])
    m.env.tick(minute)
    expect((await m.env.ask('health.list', {})).workers).toBe(1)
    m.env.tick(1)
    expect(await warnings()).toHaveLength(1)
    expect(await m.env.ask('health.list', {})).toMatchObject({
      workers: 0,
      lastPassAt: '2026-02-05T07:46:15.000Z',
    })
    await m.due()
    expect(await warnings()).toEqual([])
  })

  test('a check that is paused is shown so, until the pause is over', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.due()
    await own(
      m,
      sql`UPDATE pipeline_checks SET paused_ms = ${m.env.nowMs()}, paused_until_ms = ${m.env.nowMs() + hour}
      WHERE item_id = ${id}`,
    )
    const state = async () => (await m.env.ask('health.list', {})).items[0]!.state
    expect(await state()).toBe('paused')
    m.env.tick(30 * minute)
    expect((await m.env.ask('uptime.show', { id })).windows[0]).toMatchObject({ upMs: 0, downMs: 0 })
    m.env.tick(30 * minute)
    expect(await state()).toBe('up')
  })

  test('flapping is marked, in lists and in show too', async () => {
    const m = await fresh()
    const id = await m.live()
    for (let n = 0; n < 8; n += 1) await m.after(hour, n % 2 ? down : up)
    await m.after(hour, up)
    const health = await m.env.ask('health.list', {})
    expect(health).toMatchObject({ flapping: 1, items: [{ id, flapping: true, state: 'up' }] })
    expect((await m.env.ask('item.show', { id })).health).toMatchObject({ flapping: true })
  })

  test('pages are bounded, in order, and hold everything once', async () => {
    const m = await fresh()
    for (let n = 0; n < 7; n += 1) await m.live(to(n % 3 ? 'works' : 'fails'), { priority: (n % 4) + 1 })
    await m.after(0, answerDown('fails'))
    const all = (await m.env.ask('health.list', {})).items.map(({ id }) => id)
    const paged: number[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof next>> = await next(cursor)
      expect(page.items.length).toBeLessThanOrEqual(2)
      paged.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(paged).toEqual(all)
    async function next(after: string | null) {
      return m.env.ask('health.list', { limit: 2, ...(after ? { cursor: after } : {}) })
    }
    await expect(m.env.ask('health.list', { cursor: 'nonsense' })).rejects.toMatchObject({ kind: 'invalid' })
    const { nextCursor } = await m.env.ask('item.list', { all: true, limit: 1 })
    await expect(m.env.ask('health.list', { cursor: nextCursor! })).rejects.toMatchObject({ kind: 'invalid' })
  })

  test('uptime and hours of many are those of each alone', async () => {
    const m = await fresh()
    const ids = [
      await m.live(to('works')),
      await m.live(to('fails')),
      await m.live(to('fails', { frequency: 'daily' })),
    ]
    for (let n = 0; n < 30; n += 1) await m.after(hour, n > 25 ? answerDown('fails') : up)
    m.env.tick(20 * minute)
    const { items } = await m.env.ask('health.list', {})
    expect(items).toHaveLength(3)
    for (const id of ids) {
      const { windows, hours } = await m.env.ask('uptime.show', { id })
      const entry = items.find((each) => each.id === id)!
      expect([entry.uptime, entry.coverage]).toEqual([windows[2]!.ratio, windows[2]!.coverage])
      expect(entry.hours).toEqual(hours.map(({ at: _, ...times }) => times))
    }
  })

  test('of a project alone; one that is not there is said so', async () => {
    const m = await fresh()
    await m.env.ask('project.create', { name: 'Invoices' })
    const id = await m.live(hourly, { project: 'Invoices' })
    await m.live()
    expect((await m.env.ask('health.list', { project: 'Invoices' })).items.map((each) => each.id)).toEqual([
      id,
    ])
    await expect(m.env.ask('health.list', { project: 'Nowhere' })).rejects.toMatchObject({
      kind: 'not-found',
    })
  })

  test('checks that the owner’s own SQL left odd do not break the list', async () => {
    const m = await fresh()
    for (const check of [
      '{not json',
      '{"enabled":false',
      '[]',
      'null',
      '{"type":"http","frequency":"never"}',
    ])
      await own(
        m,
        sql`INSERT INTO pipeline (title, stage, health_check) VALUES (${'odd \u001b[31m'}, 'live', ${check})`,
      )
    await m.live()
    await own(
      m,
      sql`UPDATE pipeline_checks SET state = 'fine', told = 'so', last_result = 'la', next_run_ms = 5`,
    )
    await own(m, sql`UPDATE pipeline SET health_check = '{"maintenance":3' WHERE title = 'Extractor'`)
    const { items } = await m.env.ask('health.list', {})
    expect(items.map(({ state }) => state)).toEqual(items.map(() => 'unknown'))
    for (const { id } of items) expect((await m.env.ask('uptime.show', { id })).windows).toHaveLength(4)
    expect((await m.env.ask('metrics.show', {})).text).toContain('pipeline_check_state')
  })

  test.each([40, 80, 100])('as text of %i columns it is readable without colours', async (width) => {
    const m = await fresh()
    await m.live(to('works'), { title: 'A title that is rather long, so that it has to be cut somewhere' })
    await m.live(to('fails'))
    const { id } = await m.env.ask('item.create', { title: 'No check 你好' })
    await m.env.ask('item.move', { id, to: 'live' })
    for (let n = 0; n < 20; n += 1) await m.after(hour, n > 17 ? answerDown('fails') : up)
    const health = await m.env.ask('health.list', {})
    const style = (color: boolean) => createStyle({ color, width, now: m.env.now() })
    const text = await healthList.toText(health, style(false))
    for (const line of text.split('\n').filter((each) => !each.startsWith('█')))
      expect(columns(line), line).toBeLessThanOrEqual(width)
    expect(text).toContain('1 down · 1 up · 1 without a check')
    expect(text).toMatch(/✖ down .*#2 .*\d\d\.\d\d %/)
    if (width >= 80) expect(text).toMatch(/● up .*#1 .*100 % .*·+█+/)
    expect(bare(await healthList.toText(health, style(true)))).toBe(text)
  })
})
