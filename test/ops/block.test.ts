import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf, hour } from '../helpers/environment.ts'

describe.each(engines)('block and unblock on $engine', ({ freshDatabase }) => {
  const fresh = async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'x' })
    return env
  }

  test('flags with reason and since; a new reason keeps the since; the stage stays', async () => {
    const env = await fresh()
    const since = env.now()
    expect(await env.ask('item.block', { id: 1, reason: 'no login' })).toMatchObject({
      blocked: { reason: 'no login', since },
      stage: 'idea',
      version: 2,
    })
    env.tick(hour)
    expect(await env.ask('item.block', { id: 1, reason: 'no login' })).toMatchObject({
      version: 2,
      changed: false,
    })
    expect(await env.ask('item.block', { id: 1, reason: 'no key' })).toMatchObject({
      blocked: { reason: 'no key', since },
      version: 3,
    })
    expect((await env.ask('item.show', { id: 1 })).notes).toMatchObject([
      { note: 'no key', noteType: 'blocker', action: 'blocked' },
      { note: 'no login', noteType: 'blocker' },
    ])
  })

  test('unblock takes the flag away once', async () => {
    const env = await fresh()
    await env.ask('item.block', { id: 1, reason: 'no login' })
    expect(await env.ask('item.unblock', { id: 1 })).toMatchObject({ blocked: null, changed: true })
    expect(await env.ask('item.unblock', { id: 1 })).toMatchObject({ version: 3, changed: false })
    const { entries } = await env.ask('activity.list', { item: 1 })
    expect(entries.map((entry) => entry.action)).toEqual(['unblocked', 'blocked', 'created'])
    expect(entries[0]?.detail).toMatchObject({ reason: 'no login' })
  })

  test('a flag without a reason is refused', async () => {
    const env = await fresh()
    await expect(env.ask('item.block', { id: 1, reason: ' ' })).rejects.toMatchObject({ kind: 'invalid' })
    await expect(env.ask('item.block', { id: 1 } as never)).rejects.toMatchObject({
      message: 'reason is missing',
    })
    expect((await env.ask('item.show', { id: 1 })).blocked).toBeNull()
  })
})
