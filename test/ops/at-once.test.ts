/** Many at once, through several open databases: none is refused, nothing is lost. */

import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

const handles = 4
const many = 20

describe.each(engines)('at once on $engine', ({ freshUrl }) => {
  async function open(): Promise<TestEnvironment[]> {
    const url = await freshUrl()
    const first = await openTest(url)
    const others = await Promise.all(Array.from({ length: handles - 1 }, () => openTest(url)))
    return [first, ...others].map((database, n) => environmentOf(database, { actor: `agent:${n}` }))
  }
  const all = <T>(work: (n: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: many }, (_, n) => work(n)))

  test('creates, notes, moves and updates of one item: all are stored, none is refused', async () => {
    const envs = await open()
    const [env] = envs as [TestEnvironment]
    await env.ask('item.create', { title: 'x' })
    const at = (n: number) => envs[n % handles]!
    await all((n) =>
      Promise.all([
        at(n).ask('item.create', { title: `child ${n}`, parent: 1 }),
        at(n + 1).ask('item.note', { id: 1, text: `note ${n}` }),
        at(n + 2).ask('item.move', { id: 1, to: n % 2 ? 'qa' : 'building', note: `move ${n}` }),
        at(n + 3).ask('item.update', { id: 1, title: `title ${n}`, addLabels: [`l${n}`] }),
        at(n).ask('item.update', { id: 1, addCriteria: [`c${n}`] }),
      ]),
    )
    const item = await env.ask('item.show', { id: 1, children: true })
    expect(item.children.map((child) => child.title).sort()).toEqual(
      (await all(async (n) => `child ${n}`)).sort(),
    )
    expect(item.labels).toHaveLength(many)
    expect(item.criteria).toHaveLength(many)
    const { entries } = await env.ask('activity.list', { item: 1, limit: 1000 })
    const notes = entries.flatMap((entry) => entry.note ?? [])
    expect(notes.filter((note) => note.startsWith('note '))).toHaveLength(many)
    expect(notes.filter((note) => note.startsWith('move '))).toHaveLength(many)
    const versions = entries.filter((entry) => entry.action === 'moved' || entry.action === 'updated').length
    expect(item.version).toBe(1 + versions)
    expect(entries.filter((entry) => entry.action === 'updated')).toHaveLength(2 * many)
    // Each move started from where the one before had ended.
    const moves = entries.filter((entry) => entry.action === 'moved').toReversed()
    const from = moves.map((entry) => entry.detail?.from)
    const to = moves.map((entry) => entry.detail?.to)
    expect(from).toEqual(['idea', ...to.slice(0, -1)])
    expect(item.stage).toBe(to.at(-1))
  })

  test('with ifMatch exactly one of twenty is stored', async () => {
    const envs = await open()
    await envs[0]!.ask('item.create', { title: 'x' })
    const ended = await Promise.allSettled(
      Array.from({ length: many }, (_, n) =>
        envs[n % handles]!.ask('item.update', { id: 1, title: `t${n}`, ifMatch: 1 }),
      ),
    )
    const stored = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value.title] : []))
    expect(stored).toHaveLength(1)
    for (const each of ended) if (each.status === 'rejected') expect(each.reason.kind).toBe('conflict')
    expect(await envs[0]!.ask('item.show', { id: 1 })).toMatchObject({ title: stored[0], version: 2 })
  })

  test('opposite changes of parents never make a cycle', async () => {
    const [one, other] = (await open()) as [TestEnvironment, TestEnvironment]
    for (let round = 0; round < 8; round++) {
      const { id: a } = await one.ask('item.create', { title: 'a' })
      const { id: b } = await one.ask('item.create', { title: 'b' })
      const { id: c } = await one.ask('item.create', { title: 'c', parent: b })
      const ended = await Promise.allSettled([
        one.ask('item.update', { id: a, parent: c }),
        other.ask('item.update', { id: b, parent: a }),
      ])
      expect(ended.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
      const reason = ended.find((each) => each.status === 'rejected')?.reason
      expect(reason).toMatchObject({ kind: 'invalid', message: expect.stringContaining('close a cycle') })
    }
  })

  test('an item that is deleted while others write to it is gone, and everybody is told the truth', async () => {
    const envs = await open()
    for (let round = 1; round <= 5; round++) {
      const { id } = await envs[0]!.ask('item.create', { title: 'x' })
      const ended = await Promise.allSettled([
        envs[0]!.ask('item.delete', { id, yes: true }),
        ...Array.from({ length: 4 }, (_, n) =>
          envs[n]!.ask('item.create', { title: 'late child', parent: id }),
        ),
        ...Array.from({ length: 8 }, (_, n) =>
          envs[(n % 3) + 1]!.ask('item.update', { id, addLabels: [`l${n}`] }),
        ),
      ])
      expect(ended[0]?.status).toBe('fulfilled')
      for (const each of ended) if (each.status === 'rejected') expect(each.reason.kind).toBe('not-found')
      const updates = ended.slice(5).filter((each) => each.status === 'fulfilled').length
      const { entries } = await envs[0]!.ask('activity.list', { item: id })
      expect(entries.filter((entry) => entry.action === 'updated')).toHaveLength(updates)
      expect(entries[0]?.action).toBe('deleted')
    }
    expect((await envs[0]!.ask('doctor', {})).healthy).toBe(true)
  })
})
