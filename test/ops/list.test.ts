import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf, second, type TestEnvironment } from '../helpers/environment.ts'

const ids = async (env: TestEnvironment, filter = {}) =>
  (await env.ask('item.list', filter)).items.map((item) => item.id)

const sorts = ['priority', 'created', 'updated', 'id'] as const

describe.each(engines)('list on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())

  async function stocked() {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    await env.ask('item.create', { title: 'one', labels: ['x'], assignee: 'human:max' })
    await env.ask('item.create', { title: 'two', parent: 1, project: 'P', priority: 1 })
    await env.ask('item.create', { title: 'three', type: 'bug', assignee: 'max', labels: ['x', 'y'] })
    await env.ask('item.create', { title: 'four', assignee: 'agent:b' })
    await env.ask('item.create', { title: 'five' })
    await env.ask('item.move', { id: 4, to: 'done' })
    await env.ask('item.move', { id: 5, to: 'live' })
    await env.ask('item.block', { id: 3, reason: 'r' })
    await env.ask('dependency.add', { id: 2, on: 1 })
    await env.ask('dependency.add', { id: 1, on: 5 })
    return env
  }

  test('without a filter it leaves out done and live, and says how many', async () => {
    const env = await stocked()
    const { items, hidden, nextCursor } = await env.ask('item.list', {})
    expect(items.map((item) => item.id)).toEqual([2, 1, 3])
    expect({ hidden, nextCursor }).toEqual({ hidden: 2, nextCursor: null })
    expect(await ids(env, { all: true })).toEqual([2, 1, 3, 4, 5])
  })

  test.each<[object, number[]]>([
    [{ stage: 'live' }, [5]],
    [{ stage: 'idea' }, [2, 1, 3]],
    [{ type: 'bug' }, [3]],
    [{ type: 'feature' }, [1, 4, 5]],
    [{ parent: 1 }, [2]],
    [{ parent: null }, [1, 3, 4, 5]],
    [{ project: 'p' }, [2]],
    [{ project: null }, [1, 3, 4, 5]],
    [{ label: 'x' }, [1, 3]],
    [{ label: 'X' }, []],
    [{ assignee: 'max' }, [1, 3]],
    [{ assignee: 'human:max' }, [1]],
    [{ assignee: 'b' }, [4]],
    [{ assignee: null }, [2, 5]],
    [{ blocked: true }, [2, 3]],
    [{ blocked: false }, [1, 4, 5]],
    [{ label: 'x', blocked: true }, [3]],
    [{ stage: 'done', parent: null, type: 'feature', assignee: 'agent:b' }, [4]],
  ])('%j', async (filter, expected) => {
    const env = await stocked()
    expect(await env.ask('item.list', filter)).toMatchObject({
      items: expected.map((id) => ({ id })),
      hidden: 0,
    })
  })

  test('open and resolved are said of incidents', async () => {
    const env = await stocked()
    await env.ask('item.create', { title: 'broken', parent: 5 })
    await env.ask('item.create', { title: 'mended', parent: 5 })
    await env.ask('item.move', { id: 7, to: 'resolved' })
    expect(await ids(env, { stage: 'open' })).toEqual([6])
    expect(await ids(env, { stage: 'resolved', type: 'incident' })).toEqual([7])
    expect(await ids(env, { stage: 'idea' })).toEqual([2, 1, 3, 6])
  })

  test('shows what hangs on each item', async () => {
    const env = await stocked()
    const { items } = await env.ask('item.list', {})
    expect(items[0]).toMatchObject({ id: 2, project: 'P', parentId: 1, waitingFor: [1] })
    expect(items[1]).toMatchObject({ labels: ['x'], waitingFor: [], blocked: null })
    expect(items[2]).toMatchObject({ labels: ['x', 'y'], blocked: { reason: 'r' } })
  })

  test.each([
    [{ parent: 99 }, 'not-found'],
    [{ project: 'nope' }, 'not-found'],
    [{ stage: 'nope' }, 'invalid'],
    [{ type: 'nope' }, 'invalid'],
    [{ sort: 'nope' }, 'invalid'],
    [{ limit: 0 }, 'invalid'],
    [{ limit: -1 }, 'invalid'],
    [{ limit: 1001 }, 'invalid'],
    [{ limit: 1.5 }, 'invalid'],
    [{ all: true, stage: 'done' }, 'invalid'],
    [{ stage: 'open', type: 'bug' }, 'invalid'],
  ])('%j is refused', async (filter, kind) => {
    await expect((await fresh()).ask('item.list', filter as never)).rejects.toMatchObject({ kind })
  })

  describe('paging', () => {
    async function many(n: number) {
      const env = await fresh()
      for (let id = 1; id <= n; id++) {
        // Many alike, so that only the id tells them apart.
        if (id % 3 === 0) env.tick(second)
        await env.ask('item.create', { title: `i${id}`, priority: ((id % 4) + 1) as 1 })
        if (id % 5 === 0) await env.ask('item.update', { id: id - 2, title: 'changed' })
      }
      return env
    }

    async function pages(env: TestEnvironment, input: object): Promise<number[][]> {
      const found: number[][] = []
      let cursor: string | null | undefined
      do {
        const page = await env.ask('item.list', { ...input, ...(cursor ? { cursor } : {}) })
        found.push(page.items.map((item) => item.id))
        cursor = page.nextCursor
      } while (cursor && found.length < 50)
      return found
    }

    test('through every order gives each item once, in that order, both ways', async () => {
      const env = await many(23)
      const { items } = await env.ask('item.list', { limit: 1000 })
      expect(items).toHaveLength(23)
      const keys = {
        priority: (n: number) => [items[n]!.priority, items[n]!.createdAt, items[n]!.id],
        created: (n: number) => [items[n]!.createdAt, items[n]!.id],
        updated: (n: number) => [items[n]!.updatedAt, items[n]!.id],
        id: (n: number) => [items[n]!.id],
      }
      for (const sort of sorts) {
        const before = (a: number, b: number): number => {
          for (const [n, left] of keys[sort](a).entries()) {
            const right = keys[sort](b)[n]!
            if (left !== right) return left < right ? -1 : 1
          }
          return 0
        }
        const expected = [...items.keys()].sort(before).map((n) => items[n]!.id)
        for (const limit of [1, 4, 23, 24]) {
          expect((await pages(env, { sort, limit })).flat()).toEqual(expected)
          expect((await pages(env, { sort: `-${sort}`, limit })).flat()).toEqual(expected.toReversed())
        }
      }
    })

    test('the last page is full and has no cursor when the count fits', async () => {
      const env = await many(6)
      expect((await pages(env, { limit: 3 })).map((page) => page.length)).toEqual([3, 3])
    })

    test('what is made meanwhile neither repeats nor hides an item', async () => {
      const env = await many(6)
      const first = await env.ask('item.list', { sort: 'id', limit: 3 })
      await env.ask('item.delete', { id: 3, yes: true })
      await env.ask('item.create', { title: 'new' })
      const rest = await env.ask('item.list', { sort: 'id', cursor: first.nextCursor! })
      expect(rest.items.map((item) => item.id)).toEqual([4, 5, 6, 7])
    })

    test('fifty are the preset', async () => {
      const env = await many(51)
      expect((await env.ask('item.list', {})).items).toHaveLength(50)
    })

    test('a cursor of another order, or no cursor at all, is refused', async () => {
      const env = await many(4)
      const { nextCursor: cursor } = await env.ask('item.list', { sort: 'created', limit: 1 })
      const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const asks = [
        { sort: '-created', cursor },
        { sort: 'priority', cursor },
        { cursor: 'x' },
        { cursor: '' },
        { cursor: forged(['priority', 'one', '2026', 1]) },
        { cursor: forged(['priority', 1, 2, 3]) },
        { cursor: forged(['priority', 1, '2026-01-01T00:00:00.000Z']) },
        { cursor: forged(null) },
        { cursor: forged({ length: 4 }) },
      ]
      for (const ask of asks) {
        await expect(env.ask('item.list', ask as never)).rejects.toMatchObject({
          kind: 'invalid',
          message: 'the cursor is not one of this list',
          hint: 'start without --cursor',
        })
      }
    })
  })
})
