import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('dependencies on $engine', ({ freshDatabase, freshUrl }) => {
  const fresh = async (n: number) => {
    const env = environmentOf(await freshDatabase())
    for (let id = 1; id <= n; id++) await env.ask('item.create', { title: `i${id}` })
    return env
  }

  test('an item waits until the other is done or live', async () => {
    const env = await fresh(3)
    await env.ask('dependency.add', { id: 1, on: 3 })
    expect(await env.ask('dependency.add', { id: 1, on: 2 })).toMatchObject({
      dependencies: [2, 3],
      waitingFor: [2, 3],
      version: 3,
    })
    await env.ask('item.move', { id: 2, to: 'done' })
    await env.ask('item.move', { id: 3, to: 'live' })
    expect(await env.ask('item.show', { id: 1 })).toMatchObject({ dependencies: [2, 3], waitingFor: [] })
    await env.ask('item.move', { id: 2, to: 'qa' })
    expect((await env.ask('item.show', { id: 1 })).waitingFor).toEqual([2])
  })

  test('the same again is no change, and taking away what is not there is said', async () => {
    const env = await fresh(2)
    await env.ask('dependency.add', { id: 1, on: 2 })
    expect(await env.ask('dependency.add', { id: 1, on: 2 })).toMatchObject({ version: 2 })
    expect(await env.ask('dependency.remove', { id: 1, on: 2 })).toMatchObject({
      dependencies: [],
      version: 3,
    })
    await expect(env.ask('dependency.remove', { id: 1, on: 2 })).rejects.toMatchObject({
      kind: 'not-found',
      message: '#1 does not depend on #2',
    })
    const { entries } = await env.ask('activity.list', { item: 1 })
    expect(entries.map((entry) => entry.action)).toEqual([
      'dependency-removed',
      'dependency-added',
      'created',
    ])
  })

  test('a cycle is refused, short and long; a diamond is none', async () => {
    const env = await fresh(4)
    await expect(env.ask('dependency.add', { id: 1, on: 1 })).rejects.toMatchObject({ kind: 'invalid' })
    for (const [id, on] of [
      [1, 2],
      [1, 3],
      [2, 4],
      [3, 4],
    ] as const) {
      await env.ask('dependency.add', { id, on })
    }
    for (const [id, on] of [
      [2, 1],
      [4, 1],
      [4, 2],
    ] as const) {
      await expect(env.ask('dependency.add', { id, on })).rejects.toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('close a cycle'),
      })
    }
    expect((await env.ask('item.show', { id: 4 })).dependencies).toEqual([])
  })

  test('a missing item on either side is not found', async () => {
    const env = await fresh(1)
    await expect(env.ask('dependency.add', { id: 1, on: 9 })).rejects.toMatchObject({ kind: 'not-found' })
    await expect(env.ask('dependency.add', { id: 9, on: 1 })).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('two at once never make a cycle together', async () => {
    const url = await freshUrl()
    const [one, other] = [environmentOf(await openTest(url)), environmentOf(await openTest(url))]
    for (let round = 0; round < 5; round++) {
      const { id: a } = await one.ask('item.create', { title: 'a' })
      const { id: b } = await one.ask('item.create', { title: 'b' })
      const { id: c } = await one.ask('item.create', { title: 'c' })
      await one.ask('dependency.add', { id: b, on: c })
      const ended = await Promise.allSettled([
        one.ask('dependency.add', { id: a, on: b }),
        other.ask('dependency.add', { id: c, on: a }),
      ])
      expect(ended.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
    }
  })
})
