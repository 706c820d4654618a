/** What the page's live list shows besides: 90 days, the last response times, the error budget, the open incident. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { day, hour } from '../helpers/environment.ts'
import { down, hourly, type Monitored, monitored, up } from './monitored.ts'

describe.each(engines)('health with days on $engine', ({ engine, freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const rows = async (m: Monitored, input = {}) =>
    (await m.env.ask('health.list', { days: true, ...input })).items

  test('without them nothing more is said', async () => {
    const m = await fresh()
    await m.live()
    const health = await m.env.ask('health.list', {})
    expect(Object.keys(health)).not.toContain('firstDay')
    for (const name of ['days', 'spark', 'sparkSince', 'slo', 'incident'])
      expect(Object.keys(health.items[0]!)).not.toContain(name)
  })

  test('days and budget are those that uptime shows of the item', async () => {
    const m = await fresh()
    const slo = { target: 0.99, window: '30d' }
    const ids = [await m.live({ ...hourly, slo }), await m.live(hourly)]
    for (let n = 0; n < 60; n++) await m.after(n === 0 ? 0 : hour, n > 20 && n < 24 ? down : up)
    const health = await m.env.ask('health.list', { days: true })
    for (const id of ids) {
      const row = health.items.find((each) => each.id === id)!
      const shown = await m.env.ask('uptime.show', { id })
      expect(row.days).toEqual(shown.days.map(({ date: _, ...times }) => times))
      expect(health.firstDay).toBe(shown.days[0]!.date)
      expect(row.days!.at(-2)!.downMs + row.days!.at(-3)!.downMs).toBeGreaterThan(0)
      if (shown.slo === null) expect(row.slo).toBeNull()
      else {
        const { burnRateHour: _, burnRateDay: __, ...budget } = shown.slo
        expect(row.slo).toEqual(budget)
        expect(row.slo!.left).toBeLessThan(1)
      }
    }
  })

  test('the last fifty response times, oldest first, with a gap where a run did not go well', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.after(0, { ...up, durationMs: 7 })
    await m.after(hour, down)
    await m.after(hour, { ...up, durationMs: 0 })
    expect(await rows(m)).toMatchObject([{ spark: [7, null, 0], sparkSince: '2026-02-05T07:46:15.000Z' }])
    for (let n = 0; n < 49; n++) await m.after(hour, { ...up, durationMs: 100 + n })
    const [row] = await rows(m)
    expect(row!.spark).toEqual([0, ...Array.from({ length: 49 }, (_, n) => 100 + n)])
    expect(row!.sparkSince).toBe('2026-02-05T09:46:15.000Z')
    await m.env.ask('item.move', { id, to: 'done' })
    const plain = await m.env.ask('item.create', { title: 'x' })
    await m.env.ask('item.move', { id: plain.id, to: 'live' })
    expect(await rows(m)).toMatchObject([
      { id: plain.id, spark: [], sparkSince: null, slo: null, incident: null },
    ])
  })

  test('the worst open incident, and how many are open', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.after(0, down)
    const incident = (await rows(m))[0]!.incident!
    expect(incident).toMatchObject({ severity: 'major', acknowledged: false, open: 1, openedAt: m.env.now() })
    await m.env.ask('incident.ack', { id: incident.id })
    await m.env.ask('incident.open', { id, title: 'Small', severity: 'minor' })
    expect((await rows(m))[0]!.incident).toMatchObject({ id: incident.id, acknowledged: true, open: 2 })
    const { id: worse } = await m.env.ask('item.create', {
      title: 'Bad',
      type: 'incident',
      parent: id,
      severity: 'critical',
    })
    expect((await rows(m))[0]!.incident).toMatchObject({
      id: worse,
      title: 'Bad',
      severity: 'critical',
      open: 3,
    })
    await m.env.ask('item.move', { id: worse, to: 'resolved' })
    expect((await rows(m))[0]!.incident).toMatchObject({ id: incident.id, open: 2 })
  })

  test('as few statements for many items as for one, and each page has its own', async () => {
    const m = await fresh()
    const counted = async (limit: number) => {
      let n = 0
      const database = new Proxy(m.env.database, {
        get: (target, key) =>
          key === 'read'
            ? (work: (q: object) => Promise<unknown>) =>
                target.read((q) =>
                  work({
                    engine: q.engine,
                    all: (statement: Parameters<typeof q.all>[0]) => {
                      n += 1
                      return q.all(statement)
                    },
                    get: (statement: Parameters<typeof q.get>[0]) => {
                      n += 1
                      return q.get(statement)
                    },
                  }),
                )
            : Reflect.get(target, key),
      })
      const env = m.env.as('human:max', { database })
      const { items } = await env.ask('health.list', { days: true, limit })
      expect(items).toHaveLength(limit)
      return n
    }
    for (let n = 0; n < 6; n++) await m.live({ ...hourly, slo: { target: 0.9, window: '7d' } })
    await m.after(0, up)
    expect(await counted(6)).toBe(await counted(1))
    const first = await m.env.ask('health.list', { days: true, limit: 4 })
    const rest = await rows(m, { cursor: first.nextCursor! })
    expect(rest).toHaveLength(2)
    expect(rest.every((row) => row.days!.length === 90 && row.spark!.length === 1)).toBe(true)
  })

  test('what the owner’s own SQL left breaks nothing', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.after(0, down)
    await m.env.database.write(async (q) => {
      await q.run(sql`UPDATE pipeline_incidents SET opened_ms = ${Number.MAX_SAFE_INTEGER}`)
      await q.run(sql`UPDATE pipeline SET severity = 'huge' WHERE type = 'incident'`)
      await q.run(sql`UPDATE pipeline_runs SET result = 'odd', started_ms = ${Number.MIN_SAFE_INTEGER}`)
      await q.run(sql`UPDATE pipeline SET health_check = '{"slo":' WHERE id = ${id}`)
    })
    m.env.tick(engine === 'sqlite' ? day : 2 * day)
    expect(await rows(m)).toMatchObject([
      { spark: [null], sparkSince: null, slo: null, incident: { severity: 'major', open: 1 } },
    ])
  })
})
