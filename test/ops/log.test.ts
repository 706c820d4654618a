import { describe, expect, test } from 'vitest'
import { activityList } from '../../src/ops/activity-list.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour } from '../helpers/environment.ts'

describe.each(engines)('log on $engine', ({ freshDatabase }) => {
  async function stocked() {
    const env = environmentOf(await freshDatabase(), { startAt: '2026-02-05T07:00:00.000Z' })
    await env.ask('item.create', { title: 'one' })
    env.tick(day)
    await env.as('agent:b', { source: 'subagent' }).ask('item.create', { title: 'two' })
    env.tick(hour)
    await env.ask('item.note', { id: 1, text: 'hello' })
    env.tick(hour)
    return env
  }
  const told = async (env: Awaited<ReturnType<typeof stocked>>, filter = {}) =>
    (await env.ask('activity.list', filter)).entries.map((entry) => [entry.itemId, entry.action])

  test('newest first, with who, when, and in whose name', async () => {
    const env = await stocked()
    const { entries, nextCursor } = await env.ask('activity.list', {})
    expect(entries).toMatchObject([
      { itemId: 1, action: 'noted', actor: 'human:max', at: '2026-02-06T08:00:00.000Z', note: 'hello' },
      { itemId: 2, action: 'created', actor: 'agent:b', source: 'subagent', note: null },
      { itemId: 1, action: 'created', source: null, detail: { title: 'one', type: 'feature' } },
    ])
    expect(nextCursor).toBeNull()
  })

  test.each<[object, [number, string][]]>([
    [{ item: 2 }, [[2, 'created']]],
    [{ actor: 'agent:b' }, [[2, 'created']]],
    [{ actor: 'b' }, []],
    [{ since: '90m' }, [[1, 'noted']]],
    [
      { since: '2h' },
      [
        [1, 'noted'],
        [2, 'created'],
      ],
    ],
    [{ since: '2026-02-06T07:00:00.001Z' }, [[1, 'noted']]],
    [{ since: '2026-02-06T09:00:00+01:00' }, [[1, 'noted']]],
    [
      { since: '2026-02-06' },
      [
        [1, 'noted'],
        [2, 'created'],
      ],
    ],
    [{ item: 1, since: '2026-02-06' }, [[1, 'noted']]],
    [{ since: '2027-01-01' }, []],
  ])('%j', async (filter, expected) => {
    expect(await told(await stocked(), filter)).toEqual(expected)
  })

  test('is paged by a cursor, each entry once', async () => {
    const env = await stocked()
    const ids: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await env.ask('activity.list', { limit: 2, ...(cursor ? { cursor } : {}) })
      ids.push(...page.entries.map((entry) => entry.id))
      cursor = page.nextCursor
    } while (cursor)
    expect(ids).toEqual([3, 2, 1])
  })

  test.each([
    [{ since: 'yesterday' }, 'invalid'],
    [{ since: '2026-13-45' }, 'invalid'],
    [{ since: '0h' }, 'invalid'],
    [{ since: '2026-02-06T07:00' }, 'invalid'],
    [{ cursor: 'x' }, 'invalid'],
    [{ cursor: '' }, 'invalid'],
    [{ cursor: '-1' }, 'invalid'],
    [{ cursor: '1.5' }, 'invalid'],
    [{ limit: 1001 }, 'invalid'],
    [{ item: 99 }, 'not-found'],
  ])('%j is refused', async (filter, kind) => {
    await expect(told(await stocked(), filter)).rejects.toMatchObject({ kind })
  })

  test('an item about which nothing was said since is no error', async () => {
    expect(await told(await stocked(), { item: 2, since: '1m' })).toEqual([])
  })

  test('every entry reads as one line and its note', async () => {
    const env = await stocked()
    await env.ask('item.update', { id: 1, title: 'uno', addLabels: ['l'] })
    await env.ask('item.move', { id: 1, to: 'qa' })
    await env.ask('item.assign', { id: 1, assignee: 'max' })
    await env.ask('dependency.add', { id: 1, on: 2 })
    await env.ask('item.delete', { id: 2, yes: true })
    const answer = await env.ask('activity.list', {})
    const text = await activityList.toText(answer, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text.split('\n').map((line) => line.slice(20))).toEqual([
      '#2 deleted two human:max',
      '#1 no longer waits for #2 human:max',
      '#1 now waits for #2 human:max',
      '#1 assigned to max human:max',
      '#1 moved idea → qa (skipped spec, spec-review, building) human:max',
      '#1 updated title, labels human:max',
      '#1 noted human:max',
      '', // the note, on a line of its own
      '#2 created as feature agent:b',
      '#1 created as feature human:max',
    ])
    expect(text).toContain('\n    hello\n')
  })
})
