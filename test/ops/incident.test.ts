import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { columns } from '../../src/domain/text.ts'
import { type OperationName, operations } from '../../src/ops/index.ts'
import { bare } from '../../src/ops/item-line.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { hour, minute } from '../helpers/environment.ts'
import { quirky } from '../helpers/rich-pipeline.ts'
import { down, hourly, monitored, up } from '../worker/monitored.ts'

describe.each(engines)('incidents by hand on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  type Monitor = Awaited<ReturnType<typeof fresh>>

  const textOf = async (m: Monitor, name: OperationName, data: unknown, color = false) =>
    operations[name].toText(data as never, createStyle({ color, width: 80, now: m.env.now() }))
  const show = ({ env }: Monitor, id: number) => env.ask('item.show', { id })
  async function withLive(more: object = {}) {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', { title: 'Extractor', ...more })
    await m.env.ask('item.move', { id, to: 'live' })
    return { m, id }
  }
  const open = (m: Monitor, id: number, title = 'Totals are wrong', more: object = {}) =>
    m.env.ask('incident.open', { id, title, ...more })

  describe('open', () => {
    test('several at once, under the live item, in its project; the monitor leaves them alone', async () => {
      const m = await fresh()
      await m.env.ask('project.create', { name: 'P' })
      const id = await m.live(hourly, { project: 'P' })
      const one = await open(m, id, 'One', { severity: 'critical', note: 'Since the morning' })
      const two = await open(m, id, 'Two')
      expect(one).toMatchObject({
        type: 'incident',
        stage: 'idea',
        parentId: id,
        project: 'P',
        severity: 'critical',
        incident: { origin: 'hand', subject: { id, title: 'Extractor' }, acknowledged: null },
      })
      await m.after(hour, up)
      const [run] = await m.after(hour, down)
      expect(run!.incident?.change).toBe('opened')
      await m.after(hour, up)
      expect((await show(m, one.id)).stage).toBe('idea')
      expect((await show(m, two.id)).stage).toBe('idea')
      expect((await show(m, id)).children).toHaveLength(3)
      const { entries } = await m.env.ask('activity.list', { item: one.id })
      expect(entries).toMatchObject([
        { action: 'incident-opened', note: 'Since the morning', actor: 'human:max' },
      ])
      expect(await m.actions(id)).toContain('incident-opened')
    })

    test('walks open → building → qa → resolved, and back', async () => {
      const { m, id } = await withLive()
      const [one] = [await open(m, id), await open(m, id, 'Two')]
      for (const to of ['building', 'qa', 'resolved', 'open', 'resolved'])
        await m.env.ask('item.move', { id: one.id, to })
      expect((await show(m, one.id)).incident).toMatchObject({ resolvedBy: 'person' })
    })

    test('its stages bear its own names wherever they are printed', async () => {
      const { m, id } = await withLive()
      const one = await open(m, id)
      await m.env.ask('item.move', { id: one.id, to: 'building' })
      await m.env.ask('item.move', { id: one.id, to: 'resolved' })
      const texts = async () => {
        const log = await textOf(m, 'activity.list', await m.env.ask('activity.list', { item: one.id }))
        const shown = await textOf(
          m,
          'item.show',
          await m.env.ask('item.show', { id: one.id, history: true }),
        )
        return [log, shown, (await m.env.ask('incident.postmortem', { id: one.id })).markdown]
      }
      for (const text of await texts()) {
        expect(text).toContain('moved open → building')
        expect(text).toContain('moved building → resolved (skipped qa)')
      }
      // Before it was noted, an entry did not say of what type its item is.
      const old = '{"from":"idea","to":"done","skipped":["building"]}'
      await m.env.database.write((q) =>
        q.run(
          sql`UPDATE pipeline_activity SET detail = ${old} WHERE action = 'moved' AND item_id = ${one.id}`,
        ),
      )
      for (const text of (await texts()).slice(1))
        expect(text).toContain('moved open → resolved (skipped building)')
      const { event } = (await m.env.database.read((q) =>
        q.get<{ event: string }>(sql`SELECT event FROM pipeline_outbox WHERE kind = 'incident.resolved'`),
      ))!
      expect(JSON.parse(event).summary).toBe('moved to resolved')
      const own = await textOf(m, 'activity.list', await m.env.ask('activity.list', { item: id }))
      expect(own).toContain('moved idea → live')
    })

    test('what is not live, is not there or has no title is refused', async () => {
      const m = await fresh()
      const { id } = await m.env.ask('item.create', { title: 'x' })
      await expect(open(m, id)).rejects.toMatchObject({
        kind: 'invalid',
        message: `#${id} is not live (it is in idea): incidents are of live items`,
      })
      await expect(open(m, 99)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(open(m, id, ' ')).rejects.toMatchObject({ kind: 'invalid' })
    })

    test('deleted, it dismisses no check', async () => {
      const m = await fresh()
      const id = await m.live()
      const one = await open(m, id)
      await m.env.ask('item.delete', { id: one.id, yes: true })
      expect((await m.after(0, down))[0]!.incident?.change).toBe('opened')
    })
  })

  describe('ack', () => {
    test('says who and when, once; a second one changes nothing, but keeps its note', async () => {
      const { m, id } = await withLive()
      const { id: incident, version } = await open(m, id)
      const first = await m.env.ask('incident.ack', { id: incident, note: 'Mine' })
      expect(first).toMatchObject({
        changed: true,
        version: version + 1,
        incident: { acknowledged: { by: 'human:max', at: m.env.now() } },
      })
      m.env.tick(minute)
      const again = await m.env.as('agent:a').ask('incident.ack', { id: incident, note: 'Me too' })
      expect(again).toMatchObject({ changed: false, incident: first.incident, version: version + 1 })
      expect(await m.actions(incident)).toEqual(['incident-opened', 'acknowledged', 'noted'])
      expect(await textOf(m, 'incident.ack', first)).toBe(
        `👀 Acknowledged #${incident} Totals are wrong\nit may still resolve itself; take it up: pipeline move ${incident} building`,
      )
      expect(await textOf(m, 'incident.ack', again)).toBe(
        `#${incident} Totals are wrong was acknowledged already by human:max`,
      )
    })

    test('what is resolved, of another type, gone or changed since is refused', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      await expect(m.env.ask('incident.ack', { id: incident, ifMatch: 7 })).rejects.toMatchObject({
        kind: 'conflict',
      })
      await m.env.ask('incident.resolve', { id: incident, note: 'n' })
      await expect(m.env.ask('incident.ack', { id: incident })).rejects.toMatchObject({
        kind: 'conflict',
        message: `#${incident} is resolved: there is nothing to acknowledge`,
      })
      await expect(m.env.ask('incident.ack', { id })).rejects.toMatchObject({
        kind: 'invalid',
        message: `#${id} is of type feature, not an incident`,
      })
      await expect(m.env.ask('incident.ack', { id: 99 })).rejects.toMatchObject({ kind: 'not-found' })
    })

    test('an item that was made as an incident is one, with all that goes with it', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await m.env.ask('item.create', { title: 'By create', parent: id })
      expect((await m.env.ask('incident.list', {})).items[0]).toMatchObject({
        id: incident,
        incident: { origin: 'hand', subject: null, openedAt: m.env.now() },
      })
      m.env.tick(hour)
      expect(await m.env.ask('incident.ack', { id: incident })).toMatchObject({
        incident: { subject: { id }, acknowledged: { by: 'human:max' } },
      })
      const { id: done } = await m.env.ask('item.create', { title: 'Over', parent: id })
      await m.env.ask('item.move', { id: done, to: 'resolved' })
      expect(await m.env.ask('incident.resolve', { id: done, note: 'n' })).toMatchObject({ changed: false })
    })
  })

  describe('resolve', () => {
    test.each(['open', 'building', 'qa'])('from %s, directly, with its note', async (from) => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      await m.env.ask('item.block', { id: incident, reason: 'no login' })
      await m.env.ask('item.move', { id: incident, to: from })
      const { skipped } = await show(m, incident)
      const resolved = await m.env.ask('incident.resolve', { id: incident, note: 'Cleaned the disk' })
      expect(resolved).toMatchObject({
        stage: 'done',
        skipped,
        blocked: null,
        doneAt: m.env.now(),
        changed: true,
        incident: { resolvedBy: 'person', resolvedAt: m.env.now() },
      })
      const { entries } = await m.env.ask('activity.list', { item: incident, limit: 1 })
      expect(entries).toMatchObject([{ action: 'incident-resolved', note: 'Cleaned the disk' }])
      expect((await m.actions(id)).at(-1)).toBe('incident-resolved')
    })

    test('again: says so and changes nothing; without a note it is refused', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      for (const note of ['', '  ']) {
        await expect(m.env.ask('incident.resolve', { id: incident, note })).rejects.toMatchObject({
          kind: 'invalid',
        })
      }
      await m.env.ask('incident.resolve', { id: incident, note: 'n' })
      const before = await show(m, incident)
      const again = await m.env.ask('incident.resolve', { id: incident, note: 'm' })
      expect(await textOf(m, 'incident.resolve', again)).toBe(
        `#${incident} Totals are wrong is resolved already; nothing changed`,
      )
      expect(await show(m, incident)).toEqual(before)
    })
  })

  describe('fix', () => {
    test('named, named again, another, none', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      const { id: bug } = await m.env.ask('item.create', { title: 'Round right', type: 'bug' })
      const named = await m.env.ask('incident.fix', { id: incident, item: bug })
      expect(named.incident.fix).toEqual({ id: bug, title: 'Round right', type: 'bug', stage: 'idea' })
      expect(await textOf(m, 'incident.fix', named)).toContain(
        `is fixed by #${bug} Round right\nIt is in idea;`,
      )
      const again = await m.env.ask('incident.fix', { id: incident, item: bug })
      expect(await textOf(m, 'incident.fix', again)).toBe(
        `#${incident} is fixed by #${bug} already; nothing changed`,
      )
      expect(await m.env.ask('incident.fix', { id: incident, none: true })).toMatchObject({
        changed: true,
        incident: { fix: null },
      })
      expect(await m.env.ask('incident.fix', { id: incident, item: null })).toMatchObject({ changed: false })
      expect(await m.actions(incident)).toEqual(['incident-opened', 'fix-named', 'fix-removed'])
    })

    test('deleted, the incident has none any more', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      const { id: bug } = await m.env.ask('item.create', { title: 'x', type: 'bug' })
      await m.env.ask('incident.fix', { id: incident, item: bug })
      await m.env.ask('item.delete', { id: bug, yes: true })
      expect((await show(m, incident)).incident?.fix).toBeNull()
    })

    test('itself, what fails, what is not there, both or nothing are refused, and nothing is changed', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      const before = await show(m, incident)
      const fix = (more: object) => m.env.ask('incident.fix', { id: incident, ...more })
      await expect(fix({ item: incident })).rejects.toMatchObject({
        kind: 'invalid',
        message: `#${incident} can't be its own fix`,
      })
      await expect(fix({ item: id })).rejects.toMatchObject({
        kind: 'invalid',
        message: `#${id} is what fails: it can't be the fix of #${incident}`,
      })
      await expect(fix({ item: 99 })).rejects.toMatchObject({ kind: 'not-found' })
      await expect(fix({})).rejects.toMatchObject({ kind: 'invalid' })
      await expect(fix({ item: 2, none: true })).rejects.toMatchObject({ kind: 'invalid' })
      await expect(m.env.ask('incident.fix', { id, item: 2 })).rejects.toMatchObject({ kind: 'invalid' })
      expect(await show(m, incident)).toEqual(before)
    })
  })

  describe('list', () => {
    async function five() {
      const { m, id } = await withLive()
      for (const severity of ['minor', 'major', 'critical', 'major', 'minor'] as const)
        await open(m, id, severity, { severity })
      await m.env.ask('incident.resolve', { id: id + 1, note: 'n' })
      await m.env.ask('incident.resolve', { id: id + 4, note: 'n' })
      return { m, id }
    }

    test('open ones first, the worst and oldest before the others, then resolved ones; --open leaves those out', async () => {
      const { m, id } = await five()
      const ids = async (input: object) =>
        (await m.env.ask('incident.list', input)).items.map((item) => item.id - id)
      expect(await ids({})).toEqual([3, 2, 5, 4, 1])
      expect(await ids({ open: true })).toEqual([3, 2, 5])
    })

    test.each([1, 2, 3])('pages of %d hold each once', async (limit) => {
      const { m, id } = await five()
      const seen: number[] = []
      let cursor: string | undefined
      do {
        const page = await m.env.ask('incident.list', { limit, ...(cursor ? { cursor } : {}) })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        seen.push(...page.items.map((item) => item.id - id))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(seen).toEqual([3, 2, 5, 4, 1])
    })

    test('of a project; no such project, and the cursor of another list, are refused', async () => {
      const { m } = await five()
      await m.env.ask('project.create', { name: 'P' })
      const other = await m.live(hourly, { project: 'P' })
      const { id } = await open(m, other)
      expect((await m.env.ask('incident.list', { project: 'P' })).items.map((item) => item.id)).toEqual([id])
      await expect(m.env.ask('incident.list', { project: 'Q' })).rejects.toMatchObject({ kind: 'not-found' })
      const { nextCursor } = await m.env.ask('item.list', { limit: 1, all: true })
      for (const cursor of [nextCursor!, 'x', '', '[]']) {
        await expect(m.env.ask('incident.list', { cursor })).rejects.toMatchObject({ kind: 'invalid' })
      }
      const open1 = await m.env.ask('incident.list', { limit: 1, open: true })
      await expect(m.env.ask('incident.list', { cursor: open1.nextCursor! })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })

    test('at a terminal: what, of what, who knows; no line is too long, and no control character gets there', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id, 'Totals are wrong', { severity: 'critical' })
      await m.env.ask('incident.ack', { id: incident })
      const { id: bug } = await m.env.ask('item.create', { title: 'x', type: 'bug' })
      await m.env.ask('incident.fix', { id: incident, item: bug })
      await m.env.as('agent:a').ask('item.claim', { id: incident })
      m.env.tick(2 * hour)
      const list = await m.env.ask('incident.list', {})
      expect((await textOf(m, 'incident.list', list)).split('\n')).toEqual([
        `#2 🚨 open  Totals are wrong${' '.repeat(31)}critical agent:a   2h`,
        '   ↳ of #1 Extractor · acknowledged by human:max · fix #3',
      ])
      await open(m, id, `\u001b[31m${quirky.repeat(8)}`)
      await m.env.database.write((q) =>
        q.run(
          sql`UPDATE pipeline_incidents SET acknowledged_by = ${'\u001b[2J'.repeat(99)}, acknowledged_ms = 1`,
        ),
      )
      const text = await textOf(m, 'incident.list', await m.env.ask('incident.list', {}), true)
      for (const line of text.split('\n')) {
        expect(columns(bare(line))).toBeLessThanOrEqual(80)
        expect(bare(line)).not.toContain('\u001b')
      }
      expect(await textOf(m, 'incident.list', { items: [], nextCursor: null })).toBe('No incidents.')
    })
  })

  test('whatever the owner’s own SQL wrote, incidents are listed, shown and written up', async () => {
    const { m, id } = await withLive()
    const { id: incident } = await open(m, id)
    for (const ms of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0]) {
      await m.env.database.write((q) =>
        q.run(sql`UPDATE pipeline_incidents SET opened_ms = ${ms}, began_ms = NULL, acknowledged_ms = ${ms},
          resolved_ms = ${ms}, resolved_by = 'x', verified_ms = ${ms}, reminded_ms = ${ms}, check_name = 'odd',
          fix_id = ${incident}, storm_id = ${incident}, subject_id = NULL`),
      )
      expect((await m.env.ask('incident.list', {})).items).toMatchObject([
        { id: incident, incident: { origin: 'hand', resolvedBy: null } },
      ])
      expect(await textOf(m, 'item.show', await show(m, incident))).toContain('Fix')
      expect((await m.env.ask('incident.postmortem', { id: incident })).markdown).toContain('# Postmortem')
    }
  })

  test('show tells who knows of it, the fix, that it was verified; the live item lists it below', async () => {
    const m = await fresh()
    const id = await m.live()
    const [run] = await m.after(0, down)
    const incident = run!.incident!.id
    const { id: bug } = await m.env.ask('item.create', { title: 'Retry', type: 'bug' })
    await m.env.ask('incident.ack', { id: incident })
    await m.env.ask('incident.fix', { id: incident, item: bug })
    await m.env.ask('item.move', { id: bug, to: 'done' })
    await m.after(hour, up)
    const shown = await textOf(m, 'item.show', await show(m, incident))
    expect(shown).toContain(
      [
        'Opened      2026-02-05 07:46, by its health check',
        'Known to    human:max, since 2026-02-05 07:46',
        `Fix         #${bug} Retry (done)`,
        'Verified    2026-02-05 08:46: the fix is out, and the check is up',
        'Resolved    2026-02-05 08:46, by itself',
      ].join('\n'),
    )
    expect(await textOf(m, 'item.show', await show(m, id))).toContain(`#${incident} P1 ✅ resolved`)
  })
})
