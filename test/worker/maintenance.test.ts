import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { operations } from '../../src/ops/index.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute, second } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

describe.each(engines)('maintenance on $engine', ({ freshDatabase }) => {
  async function fresh() {
    const m = monitored(await freshDatabase())
    const id = await m.live()
    const startMs = m.env.nowMs()
    const { env } = m
    return {
      ...m,
      id,
      startMs,
      add: (input: Parameters<typeof env.ask<'maintenance.add'>>[1]) => env.ask('maintenance.add', input),
      list: async (input: object = {}) => (await env.ask('maintenance.list', input)).items,
      remove: (number: number) => env.ask('maintenance.remove', { id: number }),
      health: async () => (await env.ask('item.show', { id })).health!,
      incidents: async () => (await env.ask('item.list', { type: 'incident' })).items,
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
  const isoOf = (ms: number): string => new Date(ms).toISOString()

  test('runs in it are recorded as maintenance, freeze the machine, and open nothing', async () => {
    const m = await fresh()
    await m.due()
    m.env.tick(30 * minute)
    const planned = await m.add({ id: m.id, for: '2h', note: 'Database' })
    expect(planned).toMatchObject({
      itemId: m.id,
      itemTitle: 'Extractor',
      from: m.env.now(),
      to: isoOf(m.env.nowMs() + 2 * hour),
      activeUntil: isoOf(m.env.nowMs() + 2 * hour),
      note: 'Database',
      createdBy: 'human:max',
    })
    expect(await m.after(30 * minute, down)).toMatchObject([
      { result: 'down', state: 'up', maintenance: true, incident: null },
    ])
    expect(await m.incidents()).toEqual([])
    expect(await m.health()).toMatchObject({ state: 'up', lastResult: 'maintenance' })
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: true }])
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: false, state: 'up' }])
    expect(await m.states()).toEqual([
      [0, 'up'],
      [30 * minute, 'maintenance'],
      [150 * minute, 'up'],
    ])
    expect((await m.health()).maintenanceUntil).toBeNull()
  })

  test('nothing is resolved in it; afterwards it is', async () => {
    const m = await fresh()
    await m.after(0, down)
    const [incident] = await m.incidents()
    await m.add({ id: m.id, for: '90m' })
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: true, incident: null }])
    expect(await m.after(hour, up)).toMatchObject([{ incident: { id: incident!.id, change: 'resolved' } }])
  })

  test('of every item it concerns each; of one, no other', async () => {
    const m = await fresh()
    const other = await m.live()
    await m.add({ id: other, for: '30m' })
    expect(await m.after(0, up)).toMatchObject([{ maintenance: false }, { maintenance: true }])
    await m.add({ all: true, for: '90m' })
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: true }, { maintenance: true }])
    expect((await m.list({ id: m.id })).map((each) => each.itemId)).toEqual([null])
  })

  test('by cron it comes again and again, in its time zone', async () => {
    const m = await fresh()
    // 07:46 UTC is 08:46 in Vienna.
    const planned = await m.add({
      id: m.id,
      cron: '0  9 * * *',
      duration: '1h',
      timezone: 'Europe/Vienna',
    })
    expect(planned).toMatchObject({
      cron: '0 9 * * *',
      durationMs: hour,
      activeUntil: null,
      next: '2026-02-05T08:00:00.000Z',
    })
    expect(await m.after(0, up)).toMatchObject([{ maintenance: false }])
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: true }])
    expect((await m.health()).maintenanceUntil).toBe('2026-02-05T09:00:00.000Z')
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: false }])
    expect(await m.after(23 * hour, up)).toMatchObject([{ maintenance: true }])
  })

  test('it joins what the check says itself', async () => {
    const m = await fresh()
    const own = { from: isoOf(m.startMs), to: isoOf(m.startMs + hour) }
    await m.env.ask('item.update', { id: m.id, healthCheck: { ...hourly, maintenance: [own] } })
    await m.add({ id: m.id, from: own.to, for: '1h' })
    expect(await m.after(0, up)).toMatchObject([{ maintenance: true }])
    expect((await m.health()).maintenanceUntil).toBe(isoOf(m.startMs + 2 * hour))
  })

  test('a heartbeat that does not come in it is no failure', async () => {
    const m = await fresh()
    const id = await m.live({ type: 'heartbeat', frequency: '1h', grace: '5m' })
    await m.add({ id, for: '2h' })
    const runs = await m.after(65 * minute, up)
    expect(runs.find((run) => run.itemId === id)).toMatchObject({ result: 'down', maintenance: true })
    expect(await m.incidents()).toEqual([])
  })

  test('taken away while it goes on it ends now, and what was stays so', async () => {
    const m = await fresh()
    await m.due()
    const { id } = await m.add({ id: m.id, for: '8h' })
    expect((await m.health()).maintenanceUntil).not.toBeNull()
    m.env.tick(30 * minute)
    expect(await m.remove(id)).toMatchObject({ id, ended: true, to: m.env.now(), activeUntil: null })
    expect((await m.health()).maintenanceUntil).toBeNull()
    expect(await m.after(30 * minute, down)).toMatchObject([{ state: 'down', maintenance: false }])
    expect(await m.states()).toEqual([
      [0, 'maintenance'],
      [30 * minute, 'up'],
      [60 * minute, 'down'],
    ])
    expect(await m.list()).toEqual([])
    expect(await m.list({ past: true })).toMatchObject([{ id }])
  })

  const vienna = { cron: '0 9 * * *', timezone: 'Europe/Vienna' }
  const maintained = async (m: Awaited<ReturnType<typeof fresh>>) =>
    (await m.env.ask('uptime.show', { id: m.id })).windows[0]!.maintenanceMs

  test('by cron taken away while it goes on, it leaves the list at once, and only what was stays maintenance', async () => {
    const m = await fresh()
    await m.due()
    // From 08:00 to 10:00 UTC; the clock stands at 07:46:15.
    const { id } = await m.add({ id: m.id, ...vienna, duration: '2h' })
    expect(await m.after(hour, up)).toMatchObject([{ maintenance: true }])
    m.env.tick(20 * minute)
    const was = 66 * minute + 15 * second
    expect(await maintained(m)).toBe(was)
    expect(await m.remove(id)).toMatchObject({
      ended: true,
      changed: true,
      cron: vienna.cron,
      to: m.env.now(),
      activeUntil: null,
      next: null,
    })
    expect(await m.list()).toEqual([])
    expect(await m.list({ past: true })).toMatchObject([
      { id, to: m.env.now(), activeUntil: null, next: null },
    ])
    expect((await m.health()).maintenanceUntil).toBeNull()
    m.env.tick(20 * minute)
    expect(await maintained(m)).toBe(was)
    expect(await m.after(20 * minute, down)).toMatchObject([{ state: 'down', maintenance: false }])
    expect(await maintained(m)).toBe(was)
    expect(await m.states()).toEqual([
      [0, 'up'],
      [825 * second, 'maintenance'],
      [80 * minute, 'up'],
      [120 * minute, 'down'],
    ])
    expect(await m.after(day, up)).toMatchObject([{ maintenance: false }])
  })

  test('by cron it stays in the books where no run has told of it yet, also when it is over for the day', async () => {
    const m = await fresh()
    await m.due()
    const { id } = await m.add({ all: true, ...vienna, duration: '15m' })
    const once = await m.add({ all: true, from: '2026-02-05T08:20Z', for: '5m' })
    m.env.tick(45 * minute)
    expect(await maintained(m)).toBe(20 * minute)
    expect(await m.remove(id)).toMatchObject({ ended: false, changed: true })
    expect(await m.remove(once.id)).toMatchObject({ ended: false, changed: false })
    expect(await m.remove(id)).toMatchObject({ ended: false, changed: false })
    expect(await m.list()).toEqual([])
    expect(await maintained(m)).toBe(20 * minute)
    expect(await m.after(15 * minute, up)).toMatchObject([{ maintenance: false }])
    expect(await maintained(m)).toBe(20 * minute)
    const { entries } = await m.env.ask('activity.list', {})
    expect(entries.filter(({ action }) => action === 'maintenance-removed')).toHaveLength(1)
  })

  test('taken away before it begins it is gone; a number comes never again', async () => {
    const m = await fresh()
    const { id } = await m.add({ all: true, from: '1h', for: '1h' })
    expect(await m.remove(id)).toMatchObject({ ended: false, changed: true })
    expect(await m.list({ past: true })).toEqual([])
    await expect(m.remove(id)).rejects.toMatchObject({ kind: 'not-found' })
    expect((await m.add({ all: true, cron: '0 2 * * 0', duration: '2h' })).id).toBe(id + 1)
  })

  test('with its item it goes', async () => {
    const m = await fresh()
    await m.add({ id: m.id, for: '1h' })
    await m.env.ask('item.delete', { id: m.id, yes: true })
    expect(await m.list({ past: true })).toEqual([])
  })

  const refused: [string, object][] = [
    ['neither an item nor all', { for: '1h' }],
    ['an item and all', { id: 1, all: true, for: '1h' }],
    ['no time', { all: true }],
    ['from alone', { all: true, from: 'now' }],
    ['to alone', { all: true, to: '2h' }],
    ['for and to', { all: true, from: 'now', to: '2h', for: '2h' }],
    ['the end before the beginning', { all: true, from: '2h', to: '1h' }],
    ['what is over', { all: true, from: '2026-01-01', to: '2026-01-02' }],
    ['cron without a duration', { all: true, cron: '0 2 * * 0' }],
    ['cron and for', { all: true, cron: '0 2 * * 0', for: '2h' }],
    ['a duration without cron', { all: true, for: '1h', duration: '1h' }],
    ['cron that is none', { all: true, cron: 'sometimes', duration: '1h' }],
    ['cron that never fires', { all: true, cron: '0 0 30 2 *', duration: '1h' }],
    ['a duration of nothing', { all: true, cron: '0 2 * * 0', duration: '0s' }],
    ['a duration below a second', { all: true, cron: '0 2 * * 0', duration: '10ms' }],
    ['cron that begins anew before it has ended', { all: true, cron: '0 2 * * *', duration: '25h' }],
    ['cron that begins anew when it ends', { all: true, cron: '*/30 * * * *', duration: '30m' }],
    ['a zone that is none', { all: true, cron: '0 2 * * 0', duration: '1h', timezone: 'Mars/Olympus' }],
    ['no instant', { all: true, from: 'yesterday', for: '1h' }],
    ['30 February', { all: true, from: '2026-02-30', for: '1h' }],
    ['control characters', { all: true, from: '\u001b[31m', for: '1h' }],
  ]
  test.each(refused)('%s is refused, and nothing is planned', async (_what, input) => {
    const m = await fresh()
    await expect(m.add(input)).rejects.toMatchObject({ kind: 'invalid' })
    expect(await m.list({ past: true })).toEqual([])
  })

  test('what never ends says so; where there is time between, it is planned', async () => {
    const m = await fresh()
    await expect(m.add({ all: true, cron: '0 2 * * *', duration: '25h' })).rejects.toMatchObject({
      message:
        'the maintenance would never end: it lasts 1d 1h, and begins again 1d after it began at the latest',
    })
    const maintenance = [
      { cron: '0 2 * * 0', duration: '2h' },
      { cron: '0 0 1 * *', duration: '31d' },
    ]
    await expect(
      m.env.ask('item.update', { id: m.id, healthCheck: { ...hourly, maintenance } }),
    ).rejects.toMatchObject({ kind: 'invalid', failures: [{ field: 'healthCheck.maintenance[1]' }] })
    // It overlaps itself, and is over at five.
    expect(await m.add({ all: true, cron: '0 2,3 * * 0', duration: '2h' })).toMatchObject({ id: 1 })
  })

  test('an item that is not there is told', async () => {
    const m = await fresh()
    const asks = [() => m.add({ id: 99, for: '1h' }), () => m.list({ id: 99 }), () => m.remove(99)]
    for (const ask of asks) await expect(ask()).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('rows of the owner’s own SQL keep no run from being stored', async () => {
    const m = await fresh()
    await m.env.database.write(async (q) => {
      const row = sql`INSERT INTO pipeline_maintenance (cron, timezone, duration_ms, from_ms, created_by, created_ms)`
      await q.run(sql`${row} VALUES ('nonsense', 'UTC', 1000, NULL, 'x', 0)`)
      await q.run(sql`${row} VALUES ('0 2 * * *', 'Mars', 1000, NULL, 'x', 0)`)
      await q.run(sql`${row} VALUES ('0 2 * * *', 'UTC', -5, NULL, 'x', 0)`)
      await q.run(sql`${row} VALUES (NULL, NULL, NULL, 5, 'x', 0)`)
    })
    expect(await m.due()).toMatchObject([{ stored: true, maintenance: false }])
    expect(await m.list()).toHaveLength(4)
  })

  test('text at 80 columns', async () => {
    const m = await fresh()
    await m.add({
      id: m.id,
      for: '2h',
      note: 'Moving the database to the new disks; expect errors from everything that reads',
    })
    await m.add({ all: true, cron: '0 2 * * 0', duration: '90m', timezone: 'Europe/Vienna' })
    await m.add({ all: true, from: '2026-03-01T22:00Z', to: '2026-03-02T04:00Z' })
    const style = createStyle({ color: false, width: 80, now: m.env.now() })
    const text = await operations['maintenance.list'].toText(
      await m.env.ask('maintenance.list', { limit: 50 }),
      style,
    )
    expect(text.split('\n')).toEqual([
      '3  planned                2026-03-01 22:00 to 2026-03-02 04:00  every item',
      '2  next 2026-02-08 01:00  0 2 * * 0 Europe/Vienna for 1h 30m    every item',
      '1  now                    2026-02-05 07:46 to 09:46             #1 Extractor',
      '   Moving the database to the new disks; expect errors from everything that',
      '   reads',
    ])
    const health = await operations['item.list'].toText(
      await m.env.ask('item.list', { stage: 'live', limit: 9, sort: 'id' }),
      style,
    )
    expect(health).toContain('○ maintenance until 09:46')
  })
  test('as text the end of what goes on until another day has its day, at 80 columns too', async () => {
    const m = await fresh()
    await m.add({ all: true, cron: '0 7 * * *', duration: '2h' })
    await m.add({ all: true, cron: '0 7 * * *', duration: '20h' })
    await m.add({ all: true, cron: '0,5,10,15,20,25 7 * * *', duration: '23h', timezone: 'Europe/Vienna' })
    const style = createStyle({ color: false, width: 80, now: m.env.now() })
    const text = await operations['maintenance.list'].toText(await m.env.ask('maintenance.list', {}), style)
    expect(text.split('\n')).toEqual([
      '3  now, until 2026-02-06 05:25  0,5,10,15,20,25 7 * * * Europe/Vien…  every item',
      '2  now, until 2026-02-06 03:00  0 7 * * * for 20h                     every item',
      '1  now, until 09:00             0 7 * * * for 2h                      every item',
    ])
  })
})
