import { describe, expect, test } from 'vitest'
import { boardShow } from '../../src/ops/board-show.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('demo on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())

  test('fills every stage, with checks that may run and something blocked', async () => {
    const env = await fresh()
    const { items, failingId, watched } = await env.ask('demo.load', {})
    const board = await env.ask('board.show', {})
    expect(board.columns.every((column) => column.count > 0)).toBe(true)
    expect(board.columns.reduce((sum, column) => sum + column.count, 0)).toBe(items)
    expect(watched).toContain(failingId)
    for (const id of watched) {
      const item = await env.ask('item.show', { id })
      expect(item).toMatchObject({ stage: 'live', health: { approved: true, enabled: true } })
      expect(Date.parse(item.health!.nextRunAt!)).toBeLessThanOrEqual(env.nowMs())
    }
    const shown = board.columns.flatMap((column) => column.items)
    expect(shown.some((item) => item.blocked)).toBe(true)
    expect(shown.some((item) => item.waitingFor.length > 0)).toBe(true)
    expect(shown.every((item) => item.skipped.length === 0)).toBe(true)
    const text = await boardShow.toText(board, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text).toContain('🟢 LIVE (2)')
    expect((await env.ask('doctor', {})).healthy).toBe(true)
  })

  test('over the network its commands are approved, too: they are the product’s own', async () => {
    const env = (await fresh()).as('human:max', { trust: 'remote' })
    const { data, warnings } = await env.answer('demo.load', {})
    expect((await env.ask('item.show', { id: data.failingId })).health?.approved).toBe(true)
    expect(warnings).toEqual([])
  })

  test('twice is refused, and loads nothing', async () => {
    const env = await fresh()
    const { items } = await env.ask('demo.load', {})
    await expect(env.ask('demo.load', {})).rejects.toMatchObject({ kind: 'conflict' })
    expect((await env.ask('item.list', { all: true })).items).toHaveLength(items)
  })

  test('remove takes it away and nothing else: what was added to it stays', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'Mine' })
    const { id: mine } = await env.ask('item.create', { title: 'mine', project: 'Mine' })
    const { failingId, items } = await env.ask('demo.load', {})
    const { id: added } = await env.ask('item.create', { title: 'added', parent: failingId })
    const { id: guest } = await env.ask('item.create', { title: 'guest', parent: failingId, project: 'Mine' })
    expect(await env.ask('demo.remove', {})).toEqual({ items })
    expect((await env.ask('item.list', { all: true })).items.map((item) => item.id)).toEqual([
      mine,
      added,
      guest,
    ])
    expect(await env.ask('item.show', { id: guest })).toMatchObject({ parentId: null })
    expect((await env.ask('project.list', {})).items.map((each) => each.name)).toEqual(['Mine'])
    expect((await env.ask('doctor', {})).healthy).toBe(true)
    await expect(env.ask('demo.remove', {})).rejects.toMatchObject({ kind: 'not-found' })
    expect((await env.ask('demo.load', {})).items).toBe(items)
  })

  test('a project of that name that somebody made is not the sample', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'Throughline demo' })
    await env.ask('item.create', { title: 'mine', project: 'Throughline demo' })
    await expect(env.ask('demo.load', {})).rejects.toMatchObject({ kind: 'conflict' })
    await expect(env.ask('demo.remove', {})).rejects.toMatchObject({ kind: 'not-found' })
    expect((await env.ask('item.list', {})).items).toHaveLength(1)
  })

  test('init says what is there, and changes nothing', async () => {
    const env = await fresh()
    expect(await env.ask('database.init', {})).toEqual({ items: 0 })
    await env.ask('item.create', { title: 'x' })
    expect(await env.ask('database.init', {})).toEqual({ items: 1 })
    expect((await env.ask('activity.list', {})).entries).toHaveLength(1)
  })
})
