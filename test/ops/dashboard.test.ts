/** The dashboard: every number is that of the items which it opens. */

import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { stages } from '../../src/domain/stage.ts'
import { columns } from '../../src/domain/text.ts'
import { dashboardShow } from '../../src/ops/dashboard-show.ts'
import type { ListInput } from '../../src/ops/dashboard-types.ts'
import { bare } from '../../src/ops/item-line.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute, type TestEnvironment } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from '../worker/monitored.ts'

describe.each(engines)('the dashboard on $engine', ({ engine, freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, to: string, more = {}) => {
    const { id } = await env.ask('item.create', { title: 'x', ...more })
    if (to !== 'idea') await env.ask('item.move', { id, to })
    return id
  }
  const show = (env: TestEnvironment, input = {}) => env.ask('dashboard.show', input)
  const insert = (env: TestEnvironment, columnNames: string, values: string) =>
    env.database.write((q) => q.run(raw(`INSERT INTO pipeline (${columnNames}) VALUES (${values})`)))

  /** The ids that a number opens. */
  async function opened(env: TestEnvironment, list: ListInput): Promise<number[]> {
    const { items } = await env.ask('item.list', { ...list, limit: 1000 } as never)
    return items.map((item) => item.id).toSorted((a, b) => a - b)
  }

  /** Each number beside what shows the items behind it. */
  const numbersOf = ({
    needs,
    stages: each,
    throughput,
    cycle,
    incidents,
    uptime,
  }: Awaited<ReturnType<typeof show>>) => [
    ...Object.values(needs).flatMap((group) => ('list' in group ? [group] : [])),
    ...each,
    ...throughput.weeks,
    ...[cycle.days30, cycle.days90, ...cycle.weeks],
    incidents.open,
    ...incidents.weeks.map(({ opened: count, list }) => ({ count, list })),
    { count: uptime.list.ids!.length, list: uptime.list },
  ]

  async function checkNumbers(env: TestEnvironment, input = {}) {
    const board = await show(env, input)
    for (const { count, list } of numbersOf(board)) expect(await opened(env, list)).toHaveLength(count)
    expect(JSON.stringify(board)).not.toMatch(/NaN|Infinity/)
    return board
  }

  test('of an empty pipeline is all zero', async () => {
    const board = await checkNumbers(await fresh())
    expect(
      numbersOf(board)
        .map((each) => each.count)
        .every((n) => n === 0),
    ).toBe(true)
    expect(board.stages.map(({ stage, count, age }) => [stage, count, age])).toEqual(
      stages.map((s) => [s, 0, null]),
    )
    expect(board.throughput.weeks).toHaveLength(12)
    expect(board.uptime).toMatchObject({ items: 0, watched: 0, mean: null, worst: [] })
    expect(board.incidents).toMatchObject({ acknowledged: { count: 0, meanMs: null } })
  })

  test('of the sample every number opens its items, of one project too', async () => {
    const env = await fresh()
    await env.ask('demo.load', {})
    await create(env, 'qa')
    const all = await checkNumbers(env)
    const { project } = (await env.ask('item.list', {})).items[0]!
    const one = await checkNumbers(env, { project })
    expect(one.project).toBe(project)
    const total = (board: typeof all) => board.stages.reduce((sum, stage) => sum + stage.count, 0)
    expect(total(all) - total(one)).toBe(1)
    await expect(show(env, { project: 'nope' })).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('counts stages as the board does', async () => {
    const env = await fresh()
    await env.ask('demo.load', {})
    await create(env, 'building', { type: 'incident' })
    await insert(env, 'title, stage', `'odd', 'nonsense'`)
    const board = await env.ask('board.show', {})
    expect((await show(env)).stages.map(({ stage, count }) => [stage, count])).toEqual(
      board.columns.map(({ stage, count }) => [stage, count]),
    )
  })

  test('names what needs a human: flagged, in review, the longest first', async () => {
    const env = await fresh()
    const first = await create(env, 'spec-review', { assignee: 'agent:a' })
    env.tick(hour)
    const second = await create(env, 'final-review')
    await env.ask('item.block', { id: second, reason: 'no credentials' })
    env.tick(hour)
    const done = await create(env, 'qa')
    await env.ask('item.block', { id: done, reason: 'over' })
    await env.ask('item.move', { id: done, to: 'done' })
    await create(env, 'qa')
    const { needs } = await show(env)
    expect(needs.reviews).toMatchObject({
      count: 2,
      items: [
        { id: first, stage: 'spec-review', assignee: 'agent:a', since: '2026-02-05T07:46:15.000Z' },
        { id: second, since: '2026-02-05T08:46:15.000Z' },
      ],
      list: { ids: [first, second] },
    })
    expect(needs.blocked).toMatchObject({
      count: 1,
      items: [{ id: second, reason: 'no credentials', since: '2026-02-05T08:46:15.000Z' }],
    })
  })

  test('names incidents that nobody knows of, the worst first, with what they are of', async () => {
    const env = await fresh()
    const live = await create(env, 'live', { title: 'Extractor' })
    const { id: minor } = await env.ask('incident.open', { id: live, title: 'Minor', severity: 'minor' })
    env.tick(minute)
    const { id: critical } = await env.ask('incident.open', { id: live, title: 'Bad', severity: 'critical' })
    const { id: plain } = await env.ask('item.create', { title: 'Plain', type: 'incident' })
    const { id: known } = await env.ask('incident.open', { id: live, title: 'Known' })
    await env.ask('incident.ack', { id: known })
    const { needs, incidents } = await show(env)
    expect(needs.incidents.items.map(({ id, subject }) => [id, subject])).toEqual([
      [critical, { id: live, title: 'Extractor' }],
      [plain, null],
      [minor, { id: live, title: 'Extractor' }],
    ])
    expect(incidents.open.count).toBe(4)
  })

  test('names checks that wait for approval, and what is live without one', async () => {
    const env = await fresh()
    const check = { type: 'command', command: 'node -v', frequency: 'daily' }
    const remote = env.as('agent:a', { trust: 'remote' })
    const waits = await create(remote, 'live', { healthCheck: check })
    await create(env, 'live', { healthCheck: check })
    await create(env, 'live', { healthCheck: hourly })
    const bareOne = await create(env, 'live')
    const { needs } = await show(env)
    expect(needs.approvals).toMatchObject({ count: 1, items: [{ id: waits, command: 'node -v' }] })
    expect(needs.unwatched).toMatchObject({ count: 1, items: [{ id: bareOne, since: env.now() }] })
    await env.ask('check.approve', { id: waits })
    expect((await show(env)).needs.approvals.count).toBe(0)
  })

  test('names channels over which nothing is told until their program is approved', async () => {
    const env = await fresh()
    const dropped = (channel: string, reason: string) =>
      env.database.write(async (q) => {
        const event = await q.insert(
          sql`INSERT INTO pipeline_outbox (at_ms, kind, event, state) VALUES (1, 'x', '{}', 'told')`,
        )
        await q.run(sql`INSERT INTO pipeline_deliveries (event_id, channel, due_ms, state, reason, ended_ms)
          VALUES (${event}, ${channel}, 1, 'dropped', ${reason}, ${env.nowMs()})`)
      })
    await dropped('desktop', 'its command is not approved: pipeline notify approve desktop')
    await dropped('off', 'it is switched off in the configuration')
    expect((await show(env)).needs.channels).toEqual({ count: 1, names: ['desktop'] })
    env.tick(minute)
    await env.database.write((q) =>
      q.run(sql`INSERT INTO pipeline_activity (at, actor, action, detail)
        VALUES (${env.now()}, 'human:max', 'channel-approved', '{"channel":"desktop"}')`),
    )
    expect((await show(env)).needs.channels).toEqual({ count: 0, names: [] })
  })

  test('tells how long items have been in their stage, as far as anybody knows', async () => {
    const env = await fresh()
    const ids: number[] = []
    await create(env, 'idea')
    await create(env, 'done')
    for (let n = 0; n < 4; n++) {
      ids.push(await create(env, 'qa'))
      env.tick(day)
    }
    await insert(env, 'title, stage', `'odd', 'qa'`)
    const { stages: each, oldest } = await show(env)
    const qa = each.find(({ stage }) => stage === 'qa')!
    expect(qa).toMatchObject({ count: 5, age: { known: 4, medianMs: 2 * day, p85Ms: 4 * day } })
    expect(oldest.map(({ id }) => id)).toEqual(ids)
    await env.ask('item.move', { id: ids[0]!, to: 'spec' })
    await env.ask('item.move', { id: ids[0]!, to: 'qa' })
    expect((await show(env)).oldest.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[3], ids[0]])
  })

  test('an item is finished once: when it was first done or live', async () => {
    const env = await fresh()
    const id = await create(env, 'building')
    await create(env, 'building', { type: 'incident' })
    env.tick(3 * day)
    await env.ask('item.move', { id, to: 'done' })
    const week = (board: Awaited<ReturnType<typeof show>>) =>
      board.throughput.weeks.flatMap(({ from, count, list }) => (count > 0 ? [[from, count, list.ids]] : []))
    expect(week(await show(env))).toEqual([['2026-02-02', 1, [id]]])
    env.tick(7 * day)
    await env.ask('item.move', { id, to: 'live' })
    await env.ask('item.move', { id, to: 'building' })
    expect(week(await show(env))).toEqual([['2026-02-02', 1, [id]]])
    await env.ask('item.move', { id: 2, to: 'resolved' })
    const board = await show(env)
    expect(board.throughput.total).toBe(1)
    expect(board.cycle.days30).toMatchObject({
      count: 1,
      medianMs: 3 * day,
      p85Ms: 3 * day,
      list: { ids: [id] },
    })
    env.tick(60 * day)
    expect(week(await show(env))).toEqual([['2026-02-02', 1, [id]]])
    expect((await show(env)).cycle.days30.count).toBe(0)
    env.tick(30 * day)
    expect(week(await show(env))).toEqual([])
  })

  test('what was never in building has no cycle, but was finished', async () => {
    const env = await fresh()
    await create(env, 'live')
    const { throughput, cycle } = await show(env)
    expect([throughput.total, cycle.days90.count, cycle.days90.medianMs]).toEqual([1, 0, null])
  })

  test('counts incidents by the week in which they were opened, and how long they took', async () => {
    const env = await fresh()
    const live = await create(env, 'live')
    for (const wait of [10 * minute, 30 * minute]) {
      const { id } = await env.ask('incident.open', { id: live, title: 'i' })
      env.tick(wait)
      await env.ask('incident.ack', { id })
      env.tick(wait)
      await env.ask('incident.resolve', { id, note: 'n' })
      env.tick(7 * day)
    }
    const { incidents } = await show(env)
    expect(incidents.acknowledged).toEqual({ count: 2, meanMs: 20 * minute })
    expect(incidents.resolved).toEqual({ count: 2, meanMs: 40 * minute })
    expect(incidents.weeks.slice(-3).map(({ from, opened: n }) => [from, n])).toEqual([
      ['2026-02-02', 1],
      ['2026-02-09', 1],
      ['2026-02-16', 0],
    ])
  })

  test('tells what fails, and the mean uptime, the worst first', async () => {
    const m = monitored(await freshDatabase())
    const to = (name: string) => ({ ...hourly, url: `http://127.0.0.1:1/${name}` })
    const bad = await m.live(to('bad'))
    const good = await m.live(to('good'))
    await m.live(to('good'))
    const answer = ({ url }: { url?: string }) => (url?.endsWith('bad') ? down : up)
    await m.after(0, up)
    await m.after(hour, answer)
    await m.after(hour, answer)
    const { needs, uptime } = await checkNumbers(m.env)
    expect(needs.failing).toMatchObject({
      count: 1,
      items: [{ id: bad, state: 'down', since: '2026-02-05T08:46:15.000Z', incidentId: expect.any(Number) }],
    })
    expect(needs.failing.items[0]!.incidentId).toBe(needs.incidents.items[0]!.id)
    const half = (await m.env.ask('uptime.show', { id: bad })).windows.find((each) => each.window === '30d')!
    expect(uptime).toMatchObject({ items: 3, watched: 3, worst: [{ id: bad, ratio: half.ratio }] })
    expect(uptime.mean).toBeCloseTo((half.ratio! + 2) / 3, 10)
    expect(uptime.worst.map(({ id }) => id)).not.toContain(good)
  })

  test('rows of the owner’s own break nothing, and are counted', async () => {
    const env = await fresh()
    const times =
      engine === 'sqlite'
        ? [`'soon'`, `''`, `'2026-02-05'`]
        : [`'infinity'`, `'-infinity'`, `'0044-03-15 BC'`]
    for (const time of times)
      for (const stage of ['nonsense', 'qa', 'spec-review', 'done', 'live'])
        for (const type of ['feature', 'incident', 'story'])
          await insert(
            env,
            'title, stage, type, created_at, blocked_at, started_at, done_at, live_at, health_check',
            `'odd', '${stage}', '${type}', ${time}, ${time}, ${time}, ${time}, ${time}, '{"command":1}'`,
          )
    await create(env, 'live')
    await env.database.write(async (q) => {
      for (const time of times) {
        await q.run(
          raw(`INSERT INTO pipeline_activity (at, item_id, actor, action, detail)
          SELECT ${time}, id, 'x', 'moved', '{"to":"qa"}{"to":"done"}' FROM pipeline`),
        )
      }
      await q.run(
        raw(`INSERT INTO pipeline_checks (item_id, state, since_ms)
        SELECT id, 'down', ${Number.MAX_SAFE_INTEGER} FROM pipeline WHERE stage = 'live'`),
      )
      await q.run(
        raw(`INSERT INTO pipeline_incidents (item_id, check_name, opened_ms, resolved_ms, acknowledged_ms)
        SELECT id, 'manual:' || id, ${Number.MAX_SAFE_INTEGER}, ${Number.MIN_SAFE_INTEGER}, 0 FROM pipeline WHERE type = 'incident'`),
      )
    })
    const board = await show(env)
    expect(JSON.stringify(board)).not.toMatch(/NaN|Infinity/)
    expect(board.stages.find(({ stage }) => stage === 'qa')!.count).toBe(6)
    await dashboardShow.toText(board, createStyle({ color: true, width: 80, now: env.now() }))
  })

  test('is never wider than the terminal, whatever the items hold', async () => {
    const m = monitored(await freshDatabase())
    const { env } = m
    await env.ask('demo.load', {})
    const long = '東京タワー 🚀 '.repeat(30)
    const bad = await m.live(hourly, { title: long })
    await m.after(0, down)
    const remote = env.as('agent:a', { trust: 'remote' })
    await create(remote, 'live', {
      title: long,
      healthCheck: { type: 'command', command: 'x '.repeat(400), frequency: 'daily' },
    })
    for (const to of ['spec-review', 'live', 'done']) await create(env, to, { title: long })
    await env.ask('item.block', { id: await create(env, 'qa', { title: 'line\nbreak' }), reason: long })
    const board = await show(env)
    expect(board.needs.failing.items.map(({ id }) => id)).toContain(bad)
    for (const width of [80, 60, 120]) {
      for (const color of [true, false]) {
        const text = await dashboardShow.toText(board, createStyle({ color, width, now: env.now() }))
        for (const line of text.split('\n')) expect(columns(bare(line))).toBeLessThanOrEqual(width)
        expect(text).toContain('NEEDS A HUMAN')
      }
    }
  })

  test('says so where nothing needs a human', async () => {
    const env = await fresh()
    const text = await dashboardShow.toText(
      await show(env),
      createStyle({ color: false, width: 80, now: env.now() }),
    )
    expect(text).toContain('Nothing does now.')
    expect(text).not.toContain('undefined')
  })

  if (engine === 'sqlite') {
    test('a few statements, each helped by an index', async () => {
      const env = await fresh()
      const plans: string[] = []
      const { finishedSince, stays, blockedItems } = await import('../../src/store/dashboard.ts')
      await env.database.read(async (q) => {
        const all: typeof q.all = async (statement) => {
          plans.push(
            (await q.all<{ detail: string }>(sql`EXPLAIN QUERY PLAN ${statement}`))
              .map((row) => row.detail)
              .join('\n'),
          )
          return q.all(statement)
        }
        const watched = {
          engine: q.engine,
          all,
          get: q.get.bind(q),
          run: q.run.bind(q),
          insert: q.insert.bind(q),
        }
        await stays(watched, undefined)
        await finishedSince(watched, undefined, env.now())
        await blockedItems(watched, undefined, 10)
      })
      expect(plans[0]).toContain('idx_pipeline_activity_item (item_id=?)')
      expect(plans[1]).toContain('idx_pipeline_activity_item (item_id=?)')
      expect(plans[2]).toContain('idx_pipeline_blocked')
    })
  }
})
