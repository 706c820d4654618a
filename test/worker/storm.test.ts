/** Rule: when more than 5 items fail inside 60 s, one parent incident gathers them. */

import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as notices from '../../src/ops/notify-about.ts'
import { engines } from '../helpers/engines.ts'
import { hour, minute } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

const notify = vi.spyOn(notices, 'notify')
beforeEach(() => void notify.mockClear())
const told = () => notify.mock.calls.map(([, kind]) => kind)
const times = (kind: string) => told().filter((each) => each === kind).length

describe.each(engines)('storms on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  type Monitor = Awaited<ReturnType<typeof fresh>>

  /** Live items whose checks answer by their number, from 1. */
  async function many(m: Monitor, count: number, check: object = {}) {
    const lines = Array.from({ length: count }, (_, n) => ({
      op: 'create' as const,
      input: {
        title: `Part ${n + 1}`,
        healthCheck: {
          ...hourly,
          url: `http://127.0.0.1:1/${n + 1}`,
          incident: { reopenWindow: '1d' },
          ...check,
        },
      },
    }))
    const made = await m.env.ask('batch.run', { operations: lines })
    const ids = made.results.map((result) => result.id!)
    await m.env.ask('batch.run', {
      operations: ids.map((id) => ({ op: 'move' as const, input: { id, to: 'live' } })),
    })
    return ids
  }
  const number = (plan: { url?: string }) => Number(plan.url?.split('/').at(-1))
  const failing = (from: number, to: number) => (plan: { url?: string }) =>
    number(plan) >= from && number(plan) <= to ? down : up
  const storms = async ({ env }: Monitor) =>
    (await env.ask('incident.list', { limit: 1000 })).items.filter((item) => item.incident.origin === 'storm')
  const show = ({ env }: Monitor, id: number) => env.ask('item.show', { id })

  test('five are none, and each is told of', async () => {
    const m = await fresh()
    await many(m, 6)
    await m.after(0, failing(1, 5))
    expect(await storms(m)).toEqual([])
    expect(told()).toEqual(Array(5).fill('incident.opened'))
  })

  test('of 200: one storm, 200 incidents under their own items, a short log, one notice for those after the fifth', async () => {
    const m = await fresh()
    const ids = await many(m, 200)
    await m.after(0, down)
    const [storm, ...others] = await storms(m)
    expect(others).toEqual([])
    expect(storm).toMatchObject({
      title: expect.stringMatching(/^Storm: (1\d\d|200) checks began to fail within 60s$/),
      parentId: null,
      severity: 'major',
      stage: 'idea',
      incident: { gathered: { total: 200, open: 200 }, subject: null },
    })
    const { items } = await m.env.ask('incident.list', { limit: 1000 })
    expect(items[0]!.id).toBe(storm!.id)
    const gathered = items.filter((item) => item.incident.storm?.id === storm!.id)
    expect(gathered.map((item) => item.parentId).toSorted((a, b) => a! - b!)).toEqual(ids)
    expect((await m.actions(storm!.id)).length).toBeLessThanOrEqual(6)
    expect(told().toSorted()).toEqual([...Array(5).fill('incident.opened'), 'storm.opened'])
    const shown = await show(m, storm!.id)
    expect(shown.gathered).toHaveLength(50)
    const changes = (await m.after(hour, up)).map((run) => run.incident?.change)
    expect(changes).toEqual(Array(200).fill('resolved'))
    expect((await show(m, storm!.id)).stage).toBe('done')
    expect((await m.actions(storm!.id)).at(-1)).toBe('incident-resolved')
  }, 60_000)

  test('the later ones join it: its title and its log follow each time it has doubled', async () => {
    const m = await fresh()
    await many(m, 30)
    const workers = m.worker
    m.target.answer = down
    // Two at a time, a second apart: as a worker that stores at once what fails.
    for (let n = 0; n < 15; n++) {
      const { runs } = await workers.turn({ ended: [], lease: { limit: 2, dueByMs: m.env.nowMs() } })
      const ended = await Promise.all(runs.map((run) => workers.execute(run)))
      await workers.turn({ ended, lease: null })
      m.env.tick(1000)
    }
    const [storm, ...others] = await storms(m)
    expect(others).toEqual([])
    expect(storm!.incident.gathered).toEqual({ total: 30, open: 30 })
    expect(storm!.title).toBe('Storm: 24 checks began to fail within 60s')
    expect(await m.actions(storm!.id)).toEqual(['storm-opened', 'storm-grew', 'storm-grew'])
    expect([times('incident.opened'), times('storm.opened')]).toEqual([5, 1])
    notify.mockClear()
    await m.after(hour, up)
    expect((await show(m, storm!.id)).title).toBe('Storm: 30 checks began to fail within 60s')
    expect((await m.actions(storm!.id)).slice(3)).toEqual(['storm-grew', 'incident-resolved'])
    expect((await m.env.ask('item.search', { words: 'Storm 30' })).items).toMatchObject([{ id: storm!.id }])
    expect(notify.mock.calls.find(([, kind]) => kind === 'storm.resolved')![2]).toMatchObject({
      incident: { title: 'Storm: 30 checks began to fail within 60s' },
      summary: 'All 30 incidents that it gathered are resolved.',
    })
    expect([times('incident.resolved'), times('storm.resolved')]).toEqual([30, 1])
  })

  describe.each<[string, (m: Monitor, id: number) => Promise<{ title: string; version: number }>]>([
    ['resolved', (m, id) => m.env.ask('incident.resolve', { id, note: 'n' })],
    ['moved', (m, id) => m.env.ask('item.move', { id, to: 'resolved' })],
  ])('%s by a person', (_, end) => {
    async function grown(m: Monitor) {
      await many(m, 8)
      for (const limit of [6, 2]) {
        m.target.answer = down
        const { runs } = await m.worker.turn({ ended: [], lease: { limit, dueByMs: m.env.nowMs() } })
        const ended = await Promise.all(runs.map((run) => m.worker.execute(run)))
        await m.worker.turn({ ended, lease: null })
      }
      const [storm] = await storms(m)
      expect(storm!.title).toBe('Storm: 6 checks began to fail within 60s')
      return storm!.id
    }

    test('it has its full count, and says that it was a storm', async () => {
      const m = await fresh()
      const id = await grown(m)
      notify.mockClear()
      const ended = await end(m, id)
      expect(ended.title).toBe('Storm: 8 checks began to fail within 60s')
      expect((await show(m, id)).version).toBe(ended.version)
      expect(told()).toEqual(['storm.resolved'])
    })

    test('a title that somebody gave it stays', async () => {
      const m = await fresh()
      const id = await grown(m)
      await m.env.ask('item.update', { id, title: 'Switch 3 is broken' })
      expect((await end(m, id)).title).toBe('Switch 3 is broken')
    })
  })

  test('two workers that fail three each at once see one storm', async () => {
    const m = await fresh()
    await many(m, 6)
    const [one, other] = [m.worker, m.another({ owner: 'worker-2' })]
    m.target.answer = down
    const lease = { limit: 3, dueByMs: m.env.nowMs() }
    const ended = []
    for (const worker of [one, other]) {
      const { runs } = await worker.turn({ ended: [], lease })
      ended.push(await Promise.all(runs.map((run) => worker.execute(run))))
    }
    await Promise.all([
      one.turn({ ended: ended[0]!, lease: null }),
      other.turn({ ended: ended[1]!, lease: null }),
    ])
    const found = await storms(m)
    expect(found.map((storm) => storm.incident.gathered)).toEqual([{ total: 6, open: 6 }])
  })

  test('one that fails a minute later is alone', async () => {
    const m = await fresh()
    await many(m, 7, { frequency: 'minutely', failureThreshold: 1, successThreshold: 1, jitter: 0 })
    await m.after(0, failing(1, 6))
    m.env.tick(minute)
    await m.after(minute, failing(1, 7))
    const [storm] = await storms(m)
    expect(storm!.incident.gathered).toEqual({ total: 6, open: 6 })
  })

  test('it ends when the last of them does, not before; deleted and resolved by a person count alike', async () => {
    const m = await fresh()
    await many(m, 6)
    await m.after(0, down)
    const [storm] = await storms(m)
    const ids = (await show(m, storm!.id)).gathered.map((item) => item.id)
    await m.after(hour, failing(1, 3))
    expect((await show(m, storm!.id)).stage).toBe('idea')
    await m.env.ask('incident.resolve', { id: ids[0]!, note: 'n' })
    await m.env.ask('item.move', { id: ids[1]!, to: 'resolved' })
    expect((await show(m, storm!.id)).stage).toBe('idea')
    await m.env.ask('item.delete', { id: ids[2]!, yes: true })
    expect(await show(m, storm!.id)).toMatchObject({
      stage: 'done',
      incident: { resolvedBy: 'system', gathered: { total: 5, open: 0 } },
    })
  })

  test('taken up, its recovery is noted and its end is left to its owner; failing again is noted too', async () => {
    const m = await fresh()
    await many(m, 6)
    await m.after(0, down)
    const [storm] = await storms(m)
    await m.env.ask('item.move', { id: storm!.id, to: 'building' })
    await m.after(hour, up)
    expect((await show(m, storm!.id)).stage).toBe('building')
    await m.after(hour, failing(1, 1))
    await m.after(hour, up)
    expect(await m.actions(storm!.id)).toEqual([
      ...['storm-opened', 'moved', 'recovered', 'failing-again', 'recovered'],
    ])
    await m.env.ask('incident.resolve', { id: storm!.id, note: 'The switch was replaced' })
    expect((await show(m, storm!.id)).stage).toBe('done')
  })

  test('the same ones failing again after it is over are a storm of their own', async () => {
    const m = await fresh()
    await many(m, 6)
    await m.after(0, down)
    await m.after(hour, up)
    notify.mockClear()
    await m.after(hour, down)
    expect((await storms(m)).map((storm) => [storm.stage, storm.incident.gathered?.total])).toEqual([
      ['idea', 6],
      ['done', 0],
    ])
    expect([times('incident.reopened'), times('storm.opened')]).toEqual([5, 1])
  })

  test('the worst severity is its own, and the project where there is one', async () => {
    const m = await fresh()
    await m.env.ask('project.create', { name: 'P' })
    const ids = await many(m, 6)
    for (const id of ids) await m.env.ask('item.update', { id, project: 'P' })
    const critical = { ...hourly, incident: { severity: 'critical' } }
    await m.env.ask('item.update', { id: ids[2]!, healthCheck: critical })
    await m.after(0, down)
    expect(await storms(m)).toMatchObject([{ severity: 'critical', project: 'P' }])
  })
})
