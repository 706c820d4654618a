import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { operations } from '../../src/ops/index.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute, second } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

describe.each(engines)('a pause on $engine', ({ freshDatabase }) => {
  async function fresh(check: Record<string, unknown> = hourly) {
    const m = monitored(await freshDatabase())
    const id = await m.live(check)
    const startMs = m.env.nowMs()
    return {
      ...m,
      id,
      startMs,
      pause: (more: { for?: string; note?: string } = {}) => m.env.ask('check.pause', { id, ...more }),
      resume: () => m.env.ask('check.resume', { id }),
      health: async () => (await m.env.ask('item.show', { id })).health!,
      states: () =>
        m.env.database.read(async (q) =>
          (
            await q.all<{ at_ms: number; state: string }>(
              sql`SELECT at_ms, state FROM pipeline_states WHERE item_id = ${id} ORDER BY at_ms`,
            )
          ).map(({ at_ms, state }) => [at_ms - startMs, state]),
        ),
    }
  }

  test('no runs while it is paused, and the time is not watched', async () => {
    const m = await fresh()
    await m.due()
    m.env.tick(30 * minute)
    expect(await m.pause({ note: 'Moving' })).toMatchObject({
      changed: true,
      health: { state: 'unknown', nextRunAt: null, paused: { since: m.env.now(), until: null } },
    })
    expect(await m.after(3 * day, down)).toEqual([])
    expect(await m.health()).toMatchObject({ state: 'unknown', lastResult: 'up' })
    const resumed = await m.resume()
    expect(resumed).toMatchObject({ changed: true, health: { paused: null, nextRunAt: m.env.now() } })
    expect(await m.after(0, up)).toMatchObject([{ state: 'up' }])
    expect(await m.states()).toEqual([
      [0, 'up'],
      [30 * minute, 'unknown'],
      [30 * minute + 3 * day, 'up'],
    ])
    expect(await m.actions(m.id)).toEqual(expect.arrayContaining(['check-paused', 'check-resumed']))
  })

  test('however short it was, what follows is told', async () => {
    const m = await fresh()
    await m.due()
    m.env.tick(second)
    await m.pause()
    m.env.tick(second)
    await m.resume()
    expect(await m.after(second, up)).toHaveLength(1)
    expect(await m.states()).toEqual([
      [0, 'up'],
      [second, 'unknown'],
      [3 * second, 'up'],
    ])
  })

  test('with an end the schedule goes on by itself then', async () => {
    const m = await fresh()
    await m.due()
    expect((await m.pause({ for: '2h' })).health).toMatchObject({
      paused: { until: new Date(m.env.nowMs() + 2 * hour).toISOString() },
      nextRunAt: new Date(m.env.nowMs() + 2 * hour).toISOString(),
    })
    expect(await m.after(2 * hour - 1, up)).toEqual([])
    expect(await m.after(1, up)).toHaveLength(1)
    expect((await m.health()).paused).toBeNull()
    expect(await m.after(hour, up)).toHaveLength(1)
  })

  test('a run that is under way when it begins is not stored', async () => {
    const m = await fresh()
    const [run] = (await m.worker.turn({ ended: [], lease: { limit: 1, dueByMs: m.env.nowMs() } })).runs
    await m.pause()
    const ended = await m.worker.execute(run!)
    expect((await m.worker.turn({ ended: [ended], lease: null })).checked).toMatchObject([{ stored: false }])
    expect(await m.health()).toMatchObject({ lastRunAt: null, nextRunAt: null })
  })

  test('the incident that is open stays open, with a note; the next run reconciles it', async () => {
    const m = await fresh()
    await m.after(0, down)
    const { id } = (await m.env.ask('item.list', { type: 'incident' })).items[0]!
    await m.pause({ for: '2h', note: 'We know' })
    const shown = await m.env.ask('item.show', { id })
    expect(shown.stage).toBe('idea')
    expect(shown.notes[0]!.note).toBe(
      `The health check of #${m.id} is paused until 2026-02-05 09:46: We know. This incident stays open.`,
    )
    await m.resume()
    expect((await m.env.ask('item.show', { id })).notes[0]!.note).toContain('is watched again')
    expect(await m.after(0, up)).toMatchObject([{ incident: { id, change: 'resolved' } }])
  })

  test('counters start at zero: one failure after it is one', async () => {
    const m = await fresh({ ...hourly, failureThreshold: 2 })
    await m.after(0, down)
    await m.pause()
    await m.resume()
    expect(await m.after(0, down)).toMatchObject([{ state: 'unknown' }])
    expect(await m.after(hour, down)).toMatchObject([{ state: 'down' }])
  })

  test('a second pause and a second resume change nothing, and say so', async () => {
    const m = await fresh()
    expect(await m.resume()).toMatchObject({ changed: false })
    await m.pause()
    const since = m.env.now()
    m.env.tick(minute)
    expect(await m.pause()).toMatchObject({ changed: false })
    expect(await m.pause({ for: '1h' })).toMatchObject({ changed: true, health: { paused: { since } } })
    expect(await m.pause({ for: '1h' })).toMatchObject({ changed: false })
    await m.resume()
    expect(await m.resume()).toMatchObject({ changed: false })
  })

  test('what is over is no pause: a new one begins now', async () => {
    const m = await fresh()
    await m.pause({ for: '1h' })
    m.env.tick(2 * hour)
    expect(await m.resume()).toMatchObject({ changed: false })
    expect((await m.pause()).health!.paused).toEqual({ since: m.env.now(), until: null })
  })

  const idle: [string, { title: string; healthCheck?: Record<string, unknown> }][] = [
    ['what has no check', { title: 'x' }],
    ['what is not live', { title: 'x', healthCheck: hourly }],
  ]
  test.each(idle)('%s can not be paused', async (_what, input) => {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', input)
    await expect(m.env.ask('check.pause', { id })).rejects.toMatchObject({ kind: 'invalid' })
    expect(await m.env.ask('check.resume', { id })).toMatchObject({ changed: false })
  })

  test.each(['', 'soon', '0h', '-1h', '2026-02-06', '9999d', 'now'])('for %j is refused', async (text) => {
    const m = await fresh()
    await expect(m.pause({ for: text })).rejects.toMatchObject({ kind: 'invalid' })
    expect((await m.health()).paused).toBeNull()
  })

  test('an edit ends no pause; to leave live does', async () => {
    const m = await fresh()
    await m.pause({ for: '2h' })
    const edited = { ...hourly, url: 'http://127.0.0.1:2/' }
    await m.env.ask('item.update', { id: m.id, healthCheck: edited })
    expect(await m.health()).toMatchObject({
      paused: { since: m.env.now() },
      nextRunAt: new Date(m.env.nowMs() + 2 * hour).toISOString(),
    })
    expect(await m.after(hour, up)).toEqual([])
    await m.env.ask('item.move', { id: m.id, to: 'qa' })
    await m.env.ask('item.move', { id: m.id, to: 'live' })
    expect(await m.health()).toMatchObject({ paused: null, nextRunAt: m.env.now() })
  })

  test('a check by hand while it is paused runs and prints, and stores nothing', async () => {
    const m = await fresh()
    await m.pause()
    m.target.answer = down
    expect(await m.worker.checkItem(m.id, { dryRun: false })).toMatchObject({ result: 'down', stored: false })
    expect(m.target.probed).toHaveLength(1)
    expect(await m.health()).toMatchObject({ state: 'unknown', lastRunAt: null, paused: { until: null } })
  })

  test('nor does an approval', async () => {
    const m = await fresh()
    const remote = m.env.as('agent:far', { trust: 'remote' })
    const check = { type: 'command', command: 'true', frequency: 'hourly' }
    const { id } = await remote.ask('item.create', { title: 'x', healthCheck: check })
    await m.env.ask('item.move', { id, to: 'live' })
    const { health } = await m.env.ask('check.pause', { id, for: '2h' })
    const approved = await m.env.ask('check.approve', { id })
    expect(approved.health).toMatchObject({ approved: true, nextRunAt: health!.nextRunAt })
  })

  test('a clock that was set back does not end it', async () => {
    const m = await fresh()
    await m.due()
    for (let n = 0; n < 6; n++) await m.live()
    await m.due()
    await m.pause({ for: '2h' })
    const { nextRunAt } = await m.health()
    m.env.tick(-hour)
    await m.worker.turn({ ended: [], lease: { limit: 100, dueByMs: m.env.nowMs(), wake: true } })
    expect((await m.health()).nextRunAt).toBe(nextRunAt)
  })

  test('a heartbeat: reports are taken and count for nothing, and afterwards it has a whole period', async () => {
    const m = await fresh({ type: 'heartbeat', frequency: 'daily', grace: '1h' })
    await m.pause({ for: '2h' })
    expect((await m.health()).nextRunAt).toBe(new Date(m.startMs + 2 * hour + day + hour).toISOString())
    expect(await m.env.ask('heartbeat.ping', { id: m.id, ping: 'fail' })).toMatchObject({
      live: true,
      stored: false,
    })
    await m.env.ask('heartbeat.ping', { id: m.id, ping: 'start' })
    expect((await m.health()).nextRunAt).toBe(new Date(m.startMs + 2 * hour + day + hour).toISOString())
    m.env.tick(minute)
    await m.resume()
    expect((await m.health()).nextRunAt).toBe(new Date(m.env.nowMs() + day + hour).toISOString())
    expect(await m.env.ask('heartbeat.ping', { id: m.id })).toMatchObject({ state: 'up', stored: true })
  })

  test('a heartbeat: the first report after its end counts', async () => {
    const m = await fresh({ type: 'heartbeat', frequency: 'daily', grace: '1h' })
    await m.pause({ for: '2h' })
    m.env.tick(3 * hour)
    expect(await m.env.ask('heartbeat.ping', { id: m.id })).toMatchObject({ state: 'up', stored: true })
    expect((await m.health()).paused).toBeNull()
  })

  test('board, list and show say until when', async () => {
    const m = await fresh()
    const style = (width: number) => createStyle({ color: false, width, now: m.env.now() })
    const text = async (name: 'item.show' | 'item.list' | 'board.show', input: object) => {
      const op = operations[name]
      return op.toText((await m.env.ask(name, input as never)) as never, style(80))
    }
    await m.pause({ for: '2h' })
    for (const [name, input] of [
      ['item.show', { id: m.id }],
      ['item.list', { stage: 'live' }],
      ['board.show', {}],
    ] as const)
      expect(await text(name, input)).toContain('○ paused until 09:46')
    await m.pause({ for: '2d' })
    expect(await text('item.list', { stage: 'live' })).toContain('○ paused until 2026-02-07 07:46')
    await m.pause()
    expect(await text('item.show', { id: m.id })).toContain('go on: pipeline resume')
    m.env.tick(3 * day)
    await m.pause({ for: '1h' })
    m.env.tick(hour)
    expect(await text('board.show', {})).not.toContain('paused')
  })
})
