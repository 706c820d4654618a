import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('projects on $engine', ({ freshDatabase, freshUrl }) => {
  test('are listed by name with what is open, done and live; incidents do not count', async () => {
    const env = environmentOf(await freshDatabase())
    for (const name of ['beta', 'Älpha', 'Alpha', 'alpha-2']) await env.ask('project.create', { name })
    const stages = ['idea', 'qa', 'done', 'live', 'live'] as const
    for (const to of stages) {
      const { id } = await env.ask('item.create', { title: 'x', project: 'beta' })
      await env.ask('item.move', { id, to })
    }
    await env.ask('item.create', { title: 'x', project: 'beta', type: 'incident' })
    const { items } = await env.ask('project.list', {})
    expect(items.map((each) => each.name)).toEqual(['Alpha', 'alpha-2', 'beta', 'Älpha'])
    expect(items[2]).toMatchObject({ open: 2, done: 1, live: 2 })
  })

  test('a name is taken whatever its capitals and however its accents are written', async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('project.create', { name: 'Café', description: 'd' })
    for (const name of ['Café', 'CAFÉ', 'cafe\u0301']) {
      await expect(env.ask('project.create', { name })).rejects.toMatchObject({
        kind: 'conflict',
        message: 'there is a project "Café" already',
      })
    }
    expect((await env.ask('project.list', {})).items).toMatchObject([{ name: 'Café', description: 'd' }])
  })

  test('of ten who make it at once one does, and the others are told in the same words', async () => {
    const url = await freshUrl()
    const databases = await Promise.all([openTest(url), openTest(url)])
    const ended = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        environmentOf(databases[n % 2]!).ask('project.create', { name: 'P' }),
      ),
    )
    const reasons = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason.message] : []))
    expect(reasons).toEqual(Array.from({ length: 9 }, () => 'there is a project "P" already'))
  })
})
