import { describe, expect, test } from 'vitest'
import { stages } from '../../src/domain/stage.ts'
import { columns } from '../../src/domain/text.ts'
import { boardShow } from '../../src/ops/board-show.ts'
import { bare } from '../../src/ops/item-line.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, minute, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('board on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, to: string, more = {}) => {
    const { id } = await env.ask('item.create', { title: 'x', ...more })
    await env.ask('item.move', { id, to })
    return id
  }
  const column = async (env: TestEnvironment, stage: string, filter = {}) => {
    const board = await env.ask('board.show', filter)
    const { count, items } = board.columns.find((each) => each.stage === stage)!
    return { count, ids: items.map((item) => item.id) }
  }

  test('has all eight stages in order, empty ones too', async () => {
    const board = await (await fresh()).ask('board.show', {})
    expect(board.columns.map((each) => each.stage)).toEqual(stages)
    expect(board.columns.every((each) => each.count === 0 && each.items.length === 0)).toBe(true)
    expect([board.incidents, board.incidentCount]).toEqual([[], 0])
  })

  test('open stages go by priority and age, done and live newest first', async () => {
    const env = await fresh()
    for (const priority of [2, 1, 2] as const) {
      env.tick(minute)
      await create(env, 'qa', { priority })
    }
    expect(await column(env, 'qa')).toEqual({ count: 3, ids: [2, 1, 3] })
    for (const stage of ['done', 'live'] as const) {
      for (const id of [3, 1, 2]) {
        env.tick(minute)
        await env.ask('item.move', { id, to: stage })
      }
      expect(await column(env, stage)).toEqual({ count: 3, ids: [2, 1, 3] })
    }
  })

  test('shows twenty a stage and counts them all', async () => {
    const env = await fresh()
    for (let n = 0; n < 23; n++) await create(env, 'spec')
    const { count, ids } = await column(env, 'spec')
    expect([count, ids.length]).toEqual([23, 20])
    const board = await env.ask('board.show', {})
    const text = await boardShow.toText(board, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text).toContain('📋 SPEC (23)')
    expect(text).toContain('… and 3 more: pipeline list --stage spec')
  })

  test('open incidents stand in a block of their own with their parent, and in no column; resolved ones are done', async () => {
    const env = await fresh()
    const parent = await create(env, 'live', { title: 'Extractor' })
    const minor = await create(env, 'building', { parent, severity: 'minor' })
    const critical = await create(env, 'open', { type: 'incident', severity: 'critical' })
    await create(env, 'resolved', { parent })
    const board = await env.ask('board.show', {})
    expect(board.incidents.map(({ id, parentTitle }) => [id, parentTitle])).toEqual([
      [critical, null],
      [minor, 'Extractor'],
    ])
    expect(board.incidentCount).toBe(2)
    expect(board.columns.map((each) => each.count)).toEqual([0, 0, 0, 0, 0, 0, 1, 1])
    const text = await boardShow.toText(board, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text.indexOf('🚨 INCIDENTS (2)')).toBe(0)
    expect(text).toContain(`↳ of #${parent} Extractor`)
    expect(text).toContain('🟢 LIVE (1)')
  })

  test('counts more incidents than it shows', async () => {
    const env = await fresh()
    for (let n = 0; n < 22; n++) await env.ask('item.create', { title: 'x', type: 'incident' })
    const board = await env.ask('board.show', {})
    expect([board.incidents.length, board.incidentCount]).toEqual([20, 22])
  })

  test('is filtered by type and project', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    await create(env, 'qa', { project: 'P' })
    await create(env, 'qa', { type: 'bug' })
    await create(env, 'qa', { type: 'incident', project: 'P' })
    expect(await column(env, 'qa', { project: 'p' })).toEqual({ count: 1, ids: [1] })
    expect(await column(env, 'qa', { type: 'bug' })).toEqual({ count: 1, ids: [2] })
    // Open incidents stand in their block and in no column, whatever is asked for.
    expect(await column(env, 'qa', { type: 'incident' })).toEqual({ count: 0, ids: [] })
    expect((await env.ask('board.show', { type: 'incident' })).incidentCount).toBe(1)
    await env.ask('item.move', { id: 3, to: 'resolved' })
    expect(await column(env, 'done', { type: 'incident' })).toEqual({ count: 1, ids: [3] })
    await env.ask('item.move', { id: 3, to: 'qa' })
    expect((await env.ask('board.show', { project: 'P' })).incidents.map((each) => each.id)).toEqual([3])
    await expect(env.ask('board.show', { project: 'Q' })).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('a live item shows its health', async () => {
    const env = await fresh()
    const check = { type: 'http', url: 'http://127.0.0.1:1/', frequency: 'hourly' }
    await create(env, 'live', { healthCheck: check })
    const board = await env.ask('board.show', {})
    expect(board.columns[7]?.items[0]?.health).toMatchObject({ state: 'unknown', nextRunAt: env.now() })
  })

  test('is never wider than the terminal, whatever the items hold', async () => {
    const env = await fresh()
    const long = '東京タワー 🚀 '.repeat(30)
    const check = { type: 'command', command: 'true', frequency: 'daily' }
    const remote = env.as('agent:x', { trust: 'remote' })
    for (const type of ['enhancement', 'incident'] as const) {
      const { id } = await remote.ask('item.create', {
        title: long,
        type,
        assignee: `agent:${'x'.repeat(80)}`,
        healthCheck: check,
      })
      for (let n = 0; n < 6; n++) {
        const { id: on } = await env.ask('item.create', { title: `line\nbreak ${n}` })
        await env.ask('dependency.add', { id, on })
      }
      await env.ask('item.block', { id, reason: long })
      if (type === 'enhancement') await env.ask('item.move', { id, to: 'live' })
    }
    const board = await env.ask('board.show', {})
    for (const width of [80, 60, 120]) {
      for (const color of [true, false]) {
        const lines = (await boardShow.toText(board, createStyle({ color, width, now: env.now() }))).split(
          '\n',
        )
        for (const line of lines) expect(columns(bare(line))).toBeLessThanOrEqual(width)
        expect(lines).toHaveLength(24)
      }
    }
  })
})
