import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute } from '../helpers/environment.ts'
import { down, hourly, incidents, monitored, unknown, up } from './monitored.ts'

describe.each(engines)('incidents on $engine', ({ engine, freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  type Monitor = Awaited<ReturnType<typeof fresh>>

  /** One failed run on a live item. */
  async function broken(m: Monitor, check: Record<string, unknown> = hourly) {
    const id = await m.live(check)
    const [run] = await m.after(0, down)
    return { id, incident: run!.incident!.id }
  }
  const change = async (runs: ReturnType<Monitor['due']>) => (await runs)[0]?.incident?.change ?? null

  test('a failing check opens one, under the item, with what was seen', async () => {
    const m = await fresh()
    await m.env.ask('project.create', { name: 'P' })
    const id = await m.live(hourly, { project: 'P' })
    expect(await m.after(0, down)).toMatchObject([
      { result: 'down', state: 'down', incident: { id: id + 1, change: 'opened' } },
    ])
    const [incident] = await incidents(m, id)
    expect(incident).toMatchObject({
      title: 'Extractor: status in 200..299',
      type: 'incident',
      stage: 'idea',
      severity: 'major',
      priority: 1,
      project: 'P',
      assignee: null,
    })
    const { entries } = await m.env.ask('activity.list', { item: incident!.id })
    expect(entries).toMatchObject([{ action: 'incident-opened', actor: 'system:monitor', at: m.env.now() }])
    for (const line of [
      'expected: status in 200..299',
      'got: 503',
      'status: 503',
      'took: 34 ms, attempts: 1, worker: worker-1',
      'output:\nout of order',
    ]) {
      expect(entries[0]?.note).toContain(line)
    }
    expect(await m.actions(id)).toEqual(['created', 'moved', 'check-state', 'incident-opened'])
    expect((await m.env.ask('item.search', { words: 'out of order' })).items).toMatchObject([
      { id: incident!.id },
    ])
    const board = await m.env.ask('board.show', {})
    expect(board.incidents).toMatchObject([{ id: incident!.id, parentTitle: 'Extractor' }])
    expect(board.columns[7]?.items[0]?.health?.state).toBe('down')
  })

  test('failing on and on opens no second one', async () => {
    const m = await fresh()
    const { id } = await broken(m)
    for (let n = 0; n < 3; n++) expect(await change(m.after(hour, down))).toBeNull()
    expect(await incidents(m, id)).toHaveLength(1)
  })

  test('opens when the threshold is reached, and resolves when the other one is', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, failureThreshold: 3, successThreshold: 2 })
    const changes = []
    for (const answer of [down, down, up, down, down, unknown, down, up, down, up, up, up]) {
      changes.push(await change(m.after(hour, answer)))
    }
    expect(changes).toEqual([
      ...[null, null, null, null, null, null],
      'opened',
      ...[null, null, null],
      'resolved',
      null,
    ])
    expect(await incidents(m, id)).toHaveLength(1)
  })

  test('recovered, and nobody has it: resolved directly, with nothing skipped', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m)
    expect(await change(m.after(hour, up))).toBe('resolved')
    expect(await m.env.ask('item.show', { id: incident })).toMatchObject({
      stage: 'done',
      skipped: [],
      doneAt: m.env.now(),
    })
    expect(await m.actions(incident)).toEqual(['incident-opened', 'incident-resolved'])
    expect(await m.actions(id)).toEqual([
      ...['created', 'moved', 'check-state', 'incident-opened'],
      ...['check-state', 'incident-resolved'],
    ])
    expect((await m.env.ask('board.show', {})).incidentCount).toBe(0)
    expect(await change(m.after(hour, up))).toBeNull()
  })

  test('a note is not taking it up', async () => {
    const m = await fresh()
    const { incident } = await broken(m)
    await m.env.ask('item.note', { id: incident, text: 'I see' })
    expect(await change(m.after(hour, up))).toBe('resolved')
  })

  test('degraded ends it, unknown does not', async () => {
    const m = await fresh()
    await broken(m, { ...hourly, degraded: 'response_time < 500' })
    expect(await change(m.after(hour, unknown))).toBeNull()
    expect(await m.after(hour, { ...up, durationMs: 800 })).toMatchObject([
      { state: 'degraded', incident: { change: 'resolved' } },
    ])
  })

  describe.each<[string, (m: Monitor, id: number) => Promise<unknown>]>([
    ['moved on', (m, id) => m.env.ask('item.move', { id, to: 'building' })],
    ['assigned', (m, id) => m.env.ask('item.assign', { id, assignee: 'human:max' })],
    ['claimed', (m, id) => m.env.as('agent:a').ask('item.claim', { id })],
  ])('taken up: %s', (_, takeUp) => {
    test('recovery and new failure are noted, once each, and its owner closes it', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m)
      await takeUp(m, incident)
      const { stage } = await m.env.ask('item.show', { id: incident })
      const changes = []
      for (const answer of [up, up, down, down, up]) changes.push(await change(m.after(hour, answer)))
      expect(changes).toEqual(['recovery-noted', null, 'failing-again', null, 'recovery-noted'])
      expect((await m.env.ask('item.show', { id: incident })).stage).toBe(stage)
      await m.env.ask('item.move', { id: incident, to: 'resolved' })
      expect(await change(m.after(hour, up))).toBeNull()
      expect(await incidents(m, id)).toHaveLength(1)
    })
  })

  test('with autoResolve off the recovery is only noted', async () => {
    const m = await fresh()
    const { incident } = await broken(m, { ...hourly, incident: { autoResolve: false } })
    expect(await change(m.after(hour, up))).toBe('recovery-noted')
    expect((await m.env.ask('item.show', { id: incident })).stage).toBe('idea')
  })

  test('with open off none is opened, and the severity is the check’s', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, incident: { open: false } })
    expect(await m.after(0, down)).toMatchObject([{ state: 'down', incident: null }])
    expect(await incidents(m, id)).toEqual([])
    const minor = await broken(m, { ...hourly, incident: { severity: 'minor' } })
    expect(await m.env.ask('item.show', { id: minor.incident })).toMatchObject({
      severity: 'minor',
      priority: 2,
    })
  })

  test('closed by a person while it fails: nothing opens until the window has passed, then a new one', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m, { ...hourly, incident: { reopenWindow: '3h' } })
    await m.env.ask('item.move', { id: incident, to: 'resolved' })
    expect(await change(m.after(hour, down))).toBeNull()
    expect(await change(m.after(hour, up))).toBeNull()
    expect((await m.env.ask('item.show', { id: incident })).stage).toBe('done')
    expect(await m.after(hour, down)).toMatchObject([{ incident: { change: 'opened' } }])
    expect((await incidents(m, id)).map((each) => [each.id, each.stage])).toEqual([
      [incident, 'done'],
      [incident + 1, 'idea'],
    ])
  })

  test('deleted by a person while it fails: nothing opens until the window has passed, then a new one', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m, { ...hourly, incident: { reopenWindow: '3h' } })
    await m.env.ask('item.delete', { id: incident, yes: true })
    expect(await change(m.after(hour, down))).toBeNull()
    expect(await change(m.after(hour, down))).toBeNull()
    expect(await change(m.after(hour, down))).toBe('opened')
    expect(await incidents(m, id)).toMatchObject([{ stage: 'idea' }])
  })

  test('deleted after a person resolved it: its window goes on', async () => {
    const m = await fresh()
    const { incident } = await broken(m, { ...hourly, incident: { reopenWindow: '3h' } })
    await m.env.ask('item.move', { id: incident, to: 'resolved' })
    m.env.tick(hour)
    await m.env.ask('item.delete', { id: incident, yes: true })
    expect(await change(m.after(hour, down))).toBeNull()
    expect(await change(m.after(hour, down))).toBe('opened')
  })

  test('flagged as blocked and resolved by the system, it is blocked no longer', async () => {
    const m = await fresh()
    const { incident } = await broken(m)
    await m.env.ask('item.block', { id: incident, reason: 'no login' })
    expect(await change(m.after(hour, up))).toBe('resolved')
    expect(await m.env.ask('item.show', { id: incident })).toMatchObject({ stage: 'done', blocked: null })
  })

  test('resolved by the system and failing again inside the window: the same one is open again', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m, { ...hourly, incident: { reopenWindow: '90m' } })
    await m.after(hour, up)
    expect(await change(m.after(hour, down))).toBe('reopened')
    expect(await m.env.ask('item.show', { id: incident })).toMatchObject({ stage: 'idea', doneAt: null })
    expect((await m.env.ask('board.show', {})).incidentCount).toBe(1)
    expect((await m.actions(id)).at(-1)).toBe('incident-reopened')
    expect(await change(m.after(hour, up))).toBe('resolved')
    expect(await change(m.after(2 * hour, down))).toBe('opened')
    expect(await incidents(m, id)).toHaveLength(2)
  })

  test('moved back by a person it is open again, and the recovery resolves it', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m)
    await m.after(hour, up)
    await m.env.ask('item.move', { id: incident, to: 'open' })
    expect(await change(m.after(hour, down))).toBeNull()
    expect(await incidents(m, id)).toHaveLength(1)
    expect(await change(m.after(hour, up))).toBe('resolved')
  })

  test('moved back while another one is open it is refused: one open incident a check', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m)
    await m.env.ask('item.move', { id: incident, to: 'resolved' })
    await m.after(2 * hour, down)
    await expect(m.env.ask('item.move', { id: incident, to: 'building' })).rejects.toMatchObject({
      kind: 'conflict',
      message: `#${id} has an open incident already: #${incident + 1}`,
    })
    expect((await m.env.ask('item.show', { id: incident })).stage).toBe('done')
  })

  test('it can not be made another type while it is open: that would hide the outage', async () => {
    const m = await fresh()
    const { incident } = await broken(m)
    await expect(m.env.ask('item.update', { id: incident, type: 'bug' })).rejects.toMatchObject({
      kind: 'invalid',
    })
    await m.env.ask('item.move', { id: incident, to: 'done' })
    expect(await m.env.ask('item.update', { id: incident, type: 'bug' })).toMatchObject({ type: 'bug' })
  })

  test('deleted, and still failing: a new one opens', async () => {
    const m = await fresh()
    const { id, incident } = await broken(m)
    await m.env.ask('item.delete', { id: incident, yes: true })
    expect(await change(m.after(hour, down))).toBe('opened')
    expect(await incidents(m, id)).toHaveLength(1)
  })

  describe('what happens to the item meanwhile', () => {
    const noteOf = async ({ env }: Monitor, incident: number) => {
      const [entry] = (await env.ask('activity.list', { item: incident, limit: 1 })).entries
      return entry?.action === 'check-changed' ? entry.note : undefined
    }
    const stageOf = async ({ env }: Monitor, id: number) => (await env.ask('item.show', { id })).stage

    test('an edit of its check: a note, unknown, and the next run reconciles', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m, { ...hourly, failureThreshold: 1, successThreshold: 2 })
      m.env.tick(minute)
      const check = { ...hourly, successThreshold: 2, method: 'HEAD' }
      const { health } = await m.env.ask('item.update', { id, healthCheck: check })
      expect(health).toMatchObject({
        state: 'unknown',
        since: null,
        lastRunAt: null,
        lastResult: null,
        summary: null,
        nextRunAt: m.env.now(),
      })
      expect(await noteOf(m, incident)).toContain(`the health check of #${id} was edited`)
      expect(await stageOf(m, incident)).toBe('idea')
      expect(await change(m.after(0, up))).toBe('resolved')
    })

    test('its check is removed, then given again: a note each', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m)
      await m.env.ask('item.update', { id, healthCheck: null })
      expect(await noteOf(m, incident)).toContain(`the health check of #${id} was removed`)
      expect(await m.after(day, down)).toEqual([])
      await m.env.ask('item.update', { id, healthCheck: hourly })
      expect(await noteOf(m, incident)).toContain(`#${id} has a health check again`)
      expect(await change(m.after(0, down))).toBeNull()
      expect(await incidents(m, id)).toHaveLength(1)
    })

    test('it leaves live: the schedule stops, a note; back on live it starts from unknown', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m)
      await m.env.ask('item.move', { id, to: 'qa' })
      expect(await noteOf(m, incident)).toContain(`#${id} left live (now qa)`)
      expect(await m.after(day, down)).toEqual([])
      expect(await stageOf(m, incident)).toBe('idea')
      const { health } = await m.env.ask('item.move', { id, to: 'live' })
      expect(health).toMatchObject({ state: 'unknown', nextRunAt: m.env.now() })
      expect(await change(m.due())).toBeNull()
      expect(await change(m.after(hour, up))).toBe('resolved')
    })

    test('it is deleted: the incident stays open, on its own, with a note', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m)
      await m.env.ask('item.delete', { id, yes: true })
      expect(await m.env.ask('item.show', { id: incident })).toMatchObject({ stage: 'idea', parentId: null })
      const { entries } = await m.env.ask('activity.list', { item: incident })
      expect(entries.map((entry) => entry.note ?? entry.action).join('\n')).toContain(`#${id} was deleted`)
      expect(await m.after(day, down)).toEqual([])
      await m.env.ask('item.move', { id: incident, to: 'resolved' })
      await m.env.ask('item.move', { id: incident, to: 'open' })
    })

    test('nothing is said to an incident of another time', async () => {
      const m = await fresh()
      const { id, incident } = await broken(m)
      await m.after(hour, up)
      await m.env.ask('item.move', { id, to: 'qa' })
      expect(await noteOf(m, incident)).toBeUndefined()
    })
  })

  test('failures of the start period do not count, and it begins anew with each going live', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, startPeriod: '2h' })
    expect(await m.after(hour, down)).toMatchObject([{ result: 'down', state: 'unknown', incident: null }])
    await m.env.ask('item.move', { id, to: 'done' })
    await m.env.ask('item.move', { id, to: 'live' })
    expect(await m.after(hour, down)).toMatchObject([{ state: 'unknown' }])
    expect(await change(m.after(hour, down))).toBe('opened')
  })

  test('what a target says is cut and can be stored, whatever it holds', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, expect: 'body contains ok' })
    const body = `\u001b[2J\0\u202e${'x'.repeat(50_000)}`
    const [run] = await m.after(0, { durationMs: 1, status: 200, body })
    const [incident] = await incidents(m, id)
    expect(incident!.title).toMatch(/^Extractor: body contains /)
    const { entries } = await m.env.ask('activity.list', { item: run!.incident!.id })
    expect(entries[0]!.note).not.toContain('\0')
    expect(entries[0]!.note!.length).toBeLessThan(6_000)
  })

  test('a person who takes it up while the run is recorded is never overruled', async () => {
    const m = await fresh()
    const { incident } = await broken(m)
    // Another program holds the incident, and lets go only when the record waits for it.
    let letGo = (): void => {}
    const released = new Promise<void>((resolve) => (letGo = resolve))
    let pid: number | undefined
    const claiming = m.env.database.write(async (q) => {
      await q.run(
        sql`UPDATE pipeline SET assignee = 'human:max', version = version + 1 WHERE id = ${incident}`,
      )
      const row =
        engine === 'postgres' ? await q.get<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`) : null
      pid = row?.pid ?? 0
      await released
    })
    await expect.poll(() => pid).toBeDefined()
    const run = m.after(hour, up)
    await expect.poll(() => m.target.probed.length + (engine === 'sqlite' ? 1 : 0)).toBe(2)
    if (engine === 'postgres') {
      await expect
        .poll(() =>
          m.env.database.read((q) =>
            q.get(sql`SELECT count(*) AS n FROM pg_stat_activity WHERE ${pid} = ANY (pg_blocking_pids(pid))`),
          ),
        )
        .toEqual({ n: 1 })
    }
    letGo()
    await claiming
    expect(await change(run)).toBe('recovery-noted')
    expect(await m.env.ask('item.show', { id: incident })).toMatchObject({
      stage: 'idea',
      assignee: 'human:max',
    })
  })
})
