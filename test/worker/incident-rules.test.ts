/** Rules of incidents beyond opening and resolving: what holds them back, what fixes them, who is reminded. */

import sql from 'sql-template-tag'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as notices from '../../src/ops/notify-about.ts'
import { remindIncidents } from '../../src/ops/remind-incidents.ts'
import { engines } from '../helpers/engines.ts'
import { day, hour, minute } from '../helpers/environment.ts'
import { changes, down, hourly, incidents, monitored, stageOf, unknown, up } from './monitored.ts'

const notify = vi.spyOn(notices, 'notify')
beforeEach(() => void notify.mockClear())
const told = () => notify.mock.calls.map(([, kind, { incident }]) => [kind, incident?.id])

describe.each(engines)('rules of incidents on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  type Monitor = Awaited<ReturnType<typeof fresh>>
  /** Items that answer by the path of their URL. */
  async function parts(m: Monitor, names: Record<string, object>) {
    const ids: Record<string, number> = {}
    for (const [name, more] of Object.entries(names)) {
      const check = { ...hourly, url: `http://127.0.0.1:1/${name}`, ...more }
      ids[name] = await m.live(check, { title: name })
    }
    return ids
  }
  const failing =
    (...names: string[]) =>
    (plan: { url?: string }) =>
      names.some((name) => plan.url?.endsWith(`/${name}`)) ? down : up

  test('rule: fail 2 of 3, then succeed: nothing opens, and the count begins anew', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, failureThreshold: 3 })
    const seen = []
    for (const answer of [down, down, up, down, down, down])
      seen.push((await changes(m.after(hour, answer)))[id])
    expect(seen).toEqual([null, null, null, null, null, 'opened'])
  })

  test('rule: almost resolved, then failing again: it stays open', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, successThreshold: 3 })
    const seen = []
    for (const answer of [down, up, up, down, up, up, up])
      seen.push((await changes(m.after(hour, answer)))[id])
    expect(seen).toEqual(['opened', null, null, null, null, null, 'resolved'])
    expect(await incidents(m, id)).toHaveLength(1)
  })

  test('rule: a human closes, the check still fails: it stays closed until the window has passed', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, incident: { reopenWindow: '2h' } })
    await m.after(0, down)
    const [incident] = await incidents(m, id)
    await m.env.ask('incident.resolve', { id: incident!.id, note: 'Known; the vendor is on it' })
    expect((await changes(m.after(hour, down)))[id]).toBeNull()
    expect(await stageOf(m, incident!.id)).toBe('done')
    expect((await changes(m.after(hour, down)))[id]).toBe('opened')
    expect(await incidents(m, id)).toHaveLength(2)
  })

  describe('rule: dependsOn: while one of them is down the check is recorded but opens nothing (inhibition)', () => {
    test('lifted while still down: the next run opens it', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a] } })
      expect(await changes(m.after(0, failing('a', 'b')))).toEqual({ [a!]: 'opened', [b!]: null })
      expect((await m.env.ask('item.show', { id: b! })).health).toMatchObject({ state: 'down' })
      expect(await changes(m.after(hour, failing('a', 'b')))).toEqual({ [a!]: null, [b!]: null })
      expect(await changes(m.after(hour, failing('b')))).toEqual({ [a!]: 'resolved', [b!]: 'opened' })
    })

    test('it reopens nothing either; what is open already is resolved as ever', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a], incident: { reopenWindow: '1d' } } })
      expect(await changes(m.after(0, failing('b')))).toEqual({ [a!]: null, [b!]: 'opened' })
      expect(await changes(m.after(hour, failing('a')))).toEqual({ [a!]: 'opened', [b!]: 'resolved' })
      expect(await changes(m.after(hour, failing('a', 'b')))).toEqual({ [a!]: null, [b!]: null })
      expect(await changes(m.after(hour, failing('b')))).toEqual({ [a!]: 'resolved', [b!]: 'reopened' })
    })

    test('one that left live holds nothing back', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a] } })
      await m.after(0, failing('a', 'b'))
      await m.env.ask('item.move', { id: a!, to: 'done' })
      expect(await changes(m.after(hour, failing('a', 'b')))).toEqual({ [b!]: 'opened' })
    })

    test('nor does one that the owner’s own SQL took out of live', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a] } })
      await m.after(0, failing('a', 'b'))
      await m.env.database.write((q) => q.run(sql`UPDATE pipeline SET stage = 'done' WHERE id = ${a!}`))
      expect(await changes(m.after(hour, failing('a', 'b')))).toEqual({ [b!]: 'opened' })
    })

    test('a chain: each waits for the one before it', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a] } })
      const { c } = await parts(m, { c: { dependsOn: [b] } })
      expect(await changes(m.after(0, down))).toEqual({ [a!]: 'opened', [b!]: null, [c!]: null })
    })

    test('what is missing, itself and a circle are refused, and nothing is changed', async () => {
      const m = await fresh()
      const { a } = await parts(m, { a: {} })
      const { b } = await parts(m, { b: { dependsOn: [a] } })
      const { c } = await parts(m, { c: { dependsOn: [b] } })
      const before = await m.env.ask('item.show', { id: a! })
      const give = (...dependsOn: number[]) =>
        m.env.ask('item.update', { id: a!, healthCheck: { ...hourly, dependsOn } })
      await expect(give(99)).rejects.toMatchObject({
        kind: 'not-found',
        message: 'there is no item #99 to depend on',
        failures: [{ field: 'healthCheck.dependsOn[0]' }],
      })
      await expect(give(a!)).rejects.toMatchObject({
        kind: 'invalid',
        message: `the check of #${a} can't depend on itself`,
      })
      await expect(give(b!)).rejects.toMatchObject({ kind: 'invalid', message: /would close a circle/ })
      await expect(give(c!)).rejects.toMatchObject({ kind: 'invalid', message: /would close a circle/ })
      expect(await m.env.ask('item.show', { id: a! })).toEqual(before)
      const made = m.env.ask('item.create', { title: 'x', healthCheck: { ...hourly, dependsOn: [a!, 98] } })
      await expect(made).rejects.toMatchObject({ failures: [{ field: 'healthCheck.dependsOn[1]' }] })
    })
  })

  describe('rule: the fix: out, and the check up at a run after that, the recovery is verified, once', () => {
    async function withFix(m: Monitor, type: 'enhancement' | 'bug') {
      const id = await m.live()
      await m.after(0, down)
      const [incident] = await incidents(m, id)
      const { id: fix } = await m.env.ask('item.create', { title: 'Retry reads', type })
      await m.env.ask('incident.fix', { id: incident!.id, item: fix })
      return { id, incident: incident!.id, fix }
    }
    const verified = async (m: Monitor, incident: number) =>
      (await m.actions(incident)).filter((action) => action === 'recovery-verified').length

    test('a recovery before it is live verifies nothing; one after it does, also of a resolved incident', async () => {
      const m = await fresh()
      const { incident, fix, id } = await withFix(m, 'enhancement')
      expect((await changes(m.after(hour, up)))[id]).toBe('resolved')
      await m.env.ask('item.move', { id: fix, to: 'done' })
      await m.after(hour, up)
      expect(await verified(m, incident)).toBe(0)
      m.env.tick(minute)
      await m.env.ask('item.move', { id: fix, to: 'live' })
      for (const answer of [unknown, down]) await m.after(hour, answer)
      expect(await verified(m, incident)).toBe(0)
      for (let n = 0; n < 3; n++) await m.after(hour, up)
      expect(await verified(m, incident)).toBe(1)
      const { entries } = await m.env.ask('activity.list', { item: incident })
      expect(entries.find((entry) => entry.action === 'recovery-verified')).toMatchObject({
        actor: 'system:monitor',
        detail: { fixId: fix, fixTitle: 'Retry reads', subjectId: id },
      })
      expect((await m.env.ask('item.show', { id: incident })).incident).toMatchObject({
        fix: { id: fix, stage: 'live' },
        verifiedAt: expect.any(String),
      })
    })

    test('of a bug, done is the end; an incident that somebody has taken up stays theirs', async () => {
      const m = await fresh()
      const { incident, fix, id } = await withFix(m, 'bug')
      await m.env.ask('item.move', { id: incident, to: 'building' })
      await m.env.ask('item.move', { id: fix, to: 'done' })
      expect((await changes(m.after(hour, up)))[id]).toBe('recovery-noted')
      expect(await verified(m, incident)).toBe(1)
      expect(await stageOf(m, incident)).toBe('building')
    })

    test('a run under maintenance verifies nothing; another fix is verified anew', async () => {
      const m = await fresh()
      const { incident, fix, id } = await withFix(m, 'bug')
      await m.env.ask('item.move', { id: fix, to: 'done' })
      await m.after(hour, up)
      expect(await verified(m, incident)).toBe(1)
      const { id: other } = await m.env.ask('item.create', { title: 'Better', type: 'bug' })
      await m.env.ask('item.move', { id: other, to: 'done' })
      await m.env.ask('incident.fix', { id: incident, item: other })
      const maintenance = [{ from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }]
      await m.env.ask('item.update', { id, healthCheck: { ...hourly, maintenance } })
      await m.after(hour, up)
      expect(await verified(m, incident)).toBe(1)
      await m.env.ask('item.update', { id, healthCheck: hourly })
      await m.after(hour, up)
      expect(await verified(m, incident)).toBe(2)
    })
  })

  test('rule: an acknowledgement alone does not stop it from resolving itself; taking it up does', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.after(0, down)
    const [first] = await incidents(m, id)
    await m.env.ask('incident.ack', { id: first!.id })
    expect((await changes(m.after(hour, up)))[id]).toBe('resolved')
    await m.after(2 * hour, down)
    const [, second] = await incidents(m, id)
    await m.env.ask('incident.ack', { id: second!.id })
    await m.env.ask('item.move', { id: second!.id, to: 'building' })
    expect((await changes(m.after(hour, up)))[id]).toBe('recovery-noted')
  })

  test('rule: reopened, an incident is acknowledged no longer', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, incident: { reopenWindow: '1d' } })
    await m.after(0, down)
    const [{ id: incident } = { id: 0 }] = await incidents(m, id)
    await m.env.ask('incident.ack', { id: incident })
    await m.after(hour, up)
    expect((await changes(m.after(hour, down)))[id]).toBe('reopened')
    expect((await m.env.ask('item.show', { id: incident })).incident).toMatchObject({ acknowledged: null })
  })

  describe('rule: reminders: what nobody has answered is brought back to mind', () => {
    const remind = (m: Monitor) =>
      m.env.database.write((q) =>
        remindIncidents({
          q,
          now: m.env.now(),
          actor: 'system:monitor',
          source: null,
          trust: 'local',
          warn: () => {},
          require: () => {},
          newToken: () => Promise.reject(new Error('no token here')),
          permissions: 'all',
          location: m.env.database.location,
        }),
      )

    test('after its interval, each time; not once it is acknowledged', async () => {
      const m = await fresh()
      const id = await m.live({ ...hourly, incident: { reminderInterval: '2h' } })
      await m.after(0, down)
      const [incident] = await incidents(m, id)
      const seen: number[] = []
      const later = async (ms: number) => {
        m.env.tick(ms)
        seen.push(await remind(m))
      }
      await later(2 * hour - 1)
      await later(1)
      await later(0)
      await later(2 * hour - 1)
      await later(1)
      await m.env.ask('incident.ack', { id: incident!.id })
      await later(day)
      expect(seen).toEqual([0, 1, 0, 0, 1, 0])
      expect((await m.actions(incident!.id)).filter((action) => action === 'incident-reminder')).toHaveLength(
        2,
      )
      expect(told().filter(([kind]) => kind === 'incident.reminder')).toHaveLength(2)
    })

    test('two workers at once: each reminder once', async () => {
      const m = await fresh()
      await m.live(hourly)
      await m.after(0, down)
      m.env.tick(day)
      const both = await Promise.all([remind(m), remind(m)])
      expect(both.toSorted()).toEqual([0, 1])
    })

    test('of a storm that is not over, it alone', async () => {
      const m = await fresh()
      for (let n = 0; n < 6; n++) await m.live(hourly)
      await m.after(0, down)
      m.env.tick(day)
      expect(await remind(m)).toBe(1)
      const reminded = notify.mock.calls.filter(([, kind]) => kind === 'incident.reminder')
      expect(reminded[0]![2]).toMatchObject({
        incident: { title: expect.stringMatching(/^Storm/) },
        subject: null,
      })
    })

    test('by hand opened ones after a day; what is taken up or resolved is not', async () => {
      const m = await fresh()
      const { id } = await m.env.ask('item.create', { title: 'Quiet' })
      await m.env.ask('item.move', { id, to: 'live' })
      for (const title of ['a', 'b', 'c', 'd']) await m.env.ask('incident.open', { id, title })
      await m.env.ask('item.move', { id: id + 2, to: 'building' })
      await m.env.ask('item.claim', { id: id + 3 })
      await m.env.ask('incident.resolve', { id: id + 4, note: 'n' })
      m.env.tick(day)
      expect(await remind(m)).toBe(1)
      expect((await m.actions(id + 1)).at(-1)).toBe('incident-reminder')
    })
  })

  test('rule: notifications go out on open, reopen, acknowledge and resolve, whoever does it', async () => {
    const m = await fresh()
    const id = await m.live({ ...hourly, incident: { reopenWindow: '1d', severity: 'critical' } })
    await m.after(0, down)
    const [{ id: incident } = { id: 0 }] = await incidents(m, id)
    await m.env.ask('incident.ack', { id: incident })
    await m.after(hour, up)
    await m.after(hour, down)
    await m.env.ask('item.move', { id: incident, to: 'building' })
    await m.env.ask('item.move', { id: incident, to: 'resolved' })
    await m.env.ask('item.move', { id: incident, to: 'open' })
    await m.env.ask('incident.resolve', { id: incident, note: 'Disk cleaned' })
    const kinds = ['opened', 'acknowledged', 'resolved', 'reopened', 'resolved', 'reopened', 'resolved']
    expect(told()).toEqual(kinds.map((kind) => [`incident.${kind}`, incident]))
    expect(notify.mock.calls[0]![2]).toMatchObject({
      incident: { id: incident, title: 'Extractor: status in 200..299' },
      subject: { id, title: 'Extractor' },
      severity: 'critical',
      summary: 'expected status in 200..299, got 503',
      detail: expect.stringContaining('got: 503'),
      actor: 'system:monitor',
    })
    expect(notify.mock.calls.at(-1)![2]).toMatchObject({ summary: 'Disk cleaned', actor: 'human:max' })
  })

  test('an acknowledgement and a recovery at once: both hold, or the later one is refused', async () => {
    const m = await fresh()
    const id = await m.live()
    await m.after(0, down)
    const [{ id: incident } = { id: 0 }] = await incidents(m, id)
    const [ack, run] = await Promise.allSettled([
      m.env.ask('incident.ack', { id: incident }),
      changes(m.after(hour, up)),
    ])
    expect(run).toMatchObject({ status: 'fulfilled', value: { [id]: 'resolved' } })
    if (ack.status === 'rejected') expect(ack.reason).toMatchObject({ kind: 'conflict' })
    expect(await stageOf(m, incident)).toBe('done')
    const log = await m.actions(incident)
    expect(log.filter((action) => action === 'acknowledged')).toHaveLength(ack.status === 'fulfilled' ? 1 : 0)
    expect(log.filter((action) => action === 'incident-resolved')).toHaveLength(1)
  })
})
