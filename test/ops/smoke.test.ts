import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'
describe.each(engines)('smoke $engine', ({ freshDatabase }) => {
  test('all', async () => {
    const env = environmentOf(await freshDatabase())
    const a = await env.ask('item.create', { title: 'Hello wörld', labels: ['x'], criteria: ['a', { text: 'b', verdict: 'passed' }] })
    console.log(a)
    await env.ask('item.note', { id: a.id, text: 'note about zebras' })
    console.log(await env.answer('item.move', { id: a.id, to: 'qa', note: 'hm' }))
    console.log(await env.ask('item.search', { words: 'zeb' }), await env.ask('doctor', {}))
    await env.ask('demo.load', {})
    console.log((await env.ask('board.show', {})).columns.map((c) => [c.stage, c.count, c.items.map(i=>i.title)]))
    console.log(await env.ask('demo.remove', {}))
    console.log(await env.ask('item.delete', {id: a.id, yes: true}))
    expect(1).toBe(1)
  })
})
