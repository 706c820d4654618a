import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('assign, claim and release on $engine', ({ freshDatabase, freshUrl }) => {
  const fresh = async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'x' })
    return env
  }
  const actions = async (env: Awaited<ReturnType<typeof fresh>>) =>
    (await env.ask('activity.list', { item: 1 })).entries.map((entry) => entry.action)

  test('assign says who, none takes it back, the same again is no change', async () => {
    const env = await fresh()
    expect(await env.ask('item.assign', { id: 1, assignee: 'Zoë' })).toMatchObject({
      assignee: 'Zoë',
      version: 2,
      changed: true,
    })
    expect(await env.ask('item.assign', { id: 1, assignee: 'Zoë' })).toMatchObject({
      version: 2,
      changed: false,
    })
    expect(await env.ask('item.assign', { id: 1, assignee: null })).toMatchObject({
      assignee: null,
      version: 3,
    })
    expect(await actions(env)).toEqual(['assigned', 'assigned', 'created'])
  })

  test('a claim is the actor’s own, and again it is no change', async () => {
    const env = await fresh()
    const agent = env.as('agent:a')
    const mine = { assignee: 'agent:a', version: 2 }
    expect(await agent.ask('item.claim', { id: 1 })).toMatchObject({ ...mine, changed: true })
    expect(await agent.ask('item.claim', { id: 1 })).toMatchObject({ ...mine, changed: false })
    await expect(env.ask('item.claim', { id: 1 })).rejects.toMatchObject({
      kind: 'conflict',
      message: "#1 is agent:a's already",
    })
    expect(await actions(env)).toEqual(['claimed', 'created'])
  })

  test('only whoever has it releases it', async () => {
    const env = await fresh()
    const agent = env.as('agent:a')
    await agent.ask('item.claim', { id: 1 })
    await expect(env.ask('item.release', { id: 1 })).rejects.toMatchObject({
      kind: 'conflict',
      hint: 'to take it from them on purpose: pipeline assign 1 none',
    })
    expect(await agent.ask('item.release', { id: 1 })).toMatchObject({ assignee: null, changed: true })
    expect(await agent.ask('item.release', { id: 1 })).toMatchObject({ version: 3, changed: false })
    expect(await actions(env)).toEqual(['released', 'claimed', 'created'])
  })

  test('of fifty who claim at once through five databases one wins, and all others are told who', async () => {
    const url = await freshUrl()
    const databases = await Promise.all(Array.from({ length: 5 }, () => openTest(url)))
    const env = environmentOf(databases[0]!)
    await env.ask('item.create', { title: 'x' })
    const claims = Array.from({ length: 50 }, (_, n) =>
      environmentOf(databases[n % 5]!, { actor: `agent:${n}` }).ask('item.claim', { id: 1 }),
    )
    const ended = await Promise.allSettled(claims)
    const winners = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value.assignee] : []))
    const reasons = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(winners).toHaveLength(1)
    expect((await env.ask('item.show', { id: 1 })).assignee).toBe(winners[0])
    for (const reason of reasons) {
      expect(reason).toMatchObject({ kind: 'conflict', message: `#1 is ${winners[0]}'s already` })
    }
    expect((await env.ask('activity.list', { item: 1 })).entries).toMatchObject([
      { action: 'claimed', actor: winners[0] },
      { action: 'created' },
    ])
  })
})
