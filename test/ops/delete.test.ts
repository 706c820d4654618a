import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf, minute, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('delete on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, more = {}) =>
    (await env.ask('item.create', { title: 'x', ...more })).id

  test('without --yes it is refused, says what would stay, and deletes nothing', async () => {
    const env = await fresh()
    const id = await create(env)
    await create(env, { parent: id })
    await expect(env.ask('item.delete', { id })).rejects.toMatchObject({
      kind: 'invalid',
      hint: expect.stringContaining('its 1 child would stay'),
    })
    expect((await env.ask('item.show', { id })).childCount).toBe(1)
  })

  test('frees its children, at a new version, and tells them and the answer', async () => {
    const env = await fresh()
    const id = await create(env, { title: 'Parent' })
    const children = [await create(env, { parent: id }), await create(env, { parent: id })]
    const grandchild = await create(env, { parent: children[0] })
    env.tick(minute)
    expect(await env.ask('item.delete', { id, yes: true })).toMatchObject({
      id,
      title: 'Parent',
      freed: children,
    })
    for (const child of children) {
      expect(await env.ask('item.show', { id: child })).toMatchObject({
        parentId: null,
        version: 2,
        updatedAt: env.now(),
      })
      const { entries } = await env.ask('activity.list', { item: child, limit: 1 })
      expect(entries).toMatchObject([{ action: 'parent-deleted', detail: { parentId: id, title: 'Parent' } }])
    }
    expect((await env.ask('item.show', { id: grandchild })).parentId).toBe(children[0])
  })

  test('tells those who waited for it that they no longer do', async () => {
    const env = await fresh()
    const on = await create(env, { title: 'Blocker' })
    const id = await create(env)
    await env.ask('dependency.add', { id, on })
    await env.ask('item.delete', { id: on, yes: true })
    expect(await env.ask('item.show', { id })).toMatchObject({ dependencies: [], waitingFor: [] })
    const { entries } = await env.ask('activity.list', { item: id, limit: 1 })
    expect(entries).toMatchObject([
      { action: 'dependency-removed', detail: { on, onTitle: 'Blocker', deleted: true } },
    ])
  })

  test('what happened to it stays readable, whatever one asks for', async () => {
    const env = await fresh()
    const id = await create(env, { title: 'Gone' })
    await env.ask('item.note', { id, text: 'remember' })
    const { entriesKept } = await env.ask('item.delete', { id, yes: true })
    const { entries } = await env.ask('activity.list', { item: id })
    expect(entries.map((entry) => entry.action)).toEqual(['deleted', 'noted', 'created'])
    expect(entriesKept).toBe(3)
    expect(entries[0]?.detail).toMatchObject({ title: 'Gone', type: 'feature', stage: 'idea' })
    expect((await env.ask('activity.list', { item: id, actor: 'agent:nobody' })).entries).toEqual([])
  })

  test('it is found, shown, listed and counted no more', async () => {
    const env = await fresh()
    const id = await create(env, { title: 'walrus', labels: ['l'], criteria: ['c'] })
    await env.ask('item.note', { id, text: 'heron' })
    await env.ask('item.delete', { id, yes: true })
    await expect(env.ask('item.show', { id })).rejects.toMatchObject({ kind: 'not-found' })
    for (const words of ['walrus', 'heron']) {
      expect((await env.ask('item.search', { words })).items).toEqual([])
    }
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
    expect((await env.ask('item.list', { label: 'l' })).items).toEqual([])
    expect((await env.ask('board.show', {})).columns.every((column) => column.count === 0)).toBe(true)
    expect((await env.ask('doctor', {})).healthy).toBe(true)
  })

  test('its id is not given again', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.delete', { id, yes: true })
    expect(await create(env)).toBe(id + 1)
  })

  test('with ifMatch it is refused when somebody changed it since', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.assign', { id, assignee: 'max' })
    await expect(env.ask('item.delete', { id, yes: true, ifMatch: 1 })).rejects.toMatchObject({
      kind: 'conflict',
    })
    expect(await env.ask('item.delete', { id, yes: true, ifMatch: 2 })).toMatchObject({ id })
    await expect(env.ask('item.delete', { id, yes: true })).rejects.toMatchObject({ kind: 'not-found' })
  })
})
