import fc from 'fast-check'
import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { columns } from '../../src/domain/text.ts'
import { bare } from '../../src/ops/item-line.ts'
import { itemShow } from '../../src/ops/item-show.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, hour, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('show on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, more = {}) =>
    (await env.ask('item.create', { title: 'x', ...more })).id

  test('children are shown without being asked for, the subtree and its progress when they are', async () => {
    const env = await fresh()
    const top = await create(env, { type: 'epic' })
    const done = await create(env, { parent: top })
    const open = await create(env, { parent: top })
    const below = [await create(env, { parent: open }), await create(env, { parent: open })]
    await create(env, { parent: open, type: 'incident' })
    for (const id of [done, below[0]!]) await env.ask('item.move', { id, to: 'done' })
    const short = await env.ask('item.show', { id: top })
    expect(short.children.map((child) => [child.id, child.children])).toEqual([
      [done, null],
      [open, null],
    ])
    expect(short).toMatchObject({ childCount: 2, parentTitle: null })
    expect(short.progress).toBeUndefined()
    const deep = await env.ask('item.show', { id: top, children: true })
    expect(deep.progress).toEqual({ finished: 2, total: 4 })
    expect(deep.children[1]).toMatchObject({ id: open, progress: { finished: 1, total: 2 } })
    expect(deep.children[1]!.children!.map((child) => child.id)).toEqual([...below, below[1]! + 1])
    expect((await env.ask('item.show', { id: open })).parentTitle).toBe('x')
  })

  test('of a subtree that is too large to show all of it is counted', async () => {
    const env = await fresh()
    const top = await create(env)
    await env.database.write((q) =>
      q.run(sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
        INSERT INTO pipeline (title, parent_id) SELECT 'wide', 1 FROM n`),
    )
    await env.database.write((q) =>
      q.run(sql`INSERT INTO pipeline (title, parent_id, stage) VALUES ('deep', 2, 'done')`),
    )
    const deep = await env.ask('item.show', { id: top, children: true })
    expect(deep).toMatchObject({ childCount: 1100, progress: { finished: 1, total: 1101 } })
    expect(deep.children).toHaveLength(1000)
    expect(deep.children[0]).toMatchObject({
      id: 2,
      childCount: 1,
      progress: { finished: 1, total: 1 },
      children: [],
    })
    const text = await itemShow.toText(deep, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text).toContain('… and 1 more: pipeline show 2 --children')
    expect(text).toContain('… and 100 more: pipeline list --parent 1')
  })

  test('a chain of any depth is followed, and a circle ends', async () => {
    const env = await fresh()
    const top = await create(env)
    await env.database.write((q) =>
      q.run(sql`WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO pipeline (id, title, parent_id) SELECT i, 'chain', i - 1 FROM n`),
    )
    expect((await env.ask('item.show', { id: top, children: true })).progress).toEqual({
      finished: 0,
      total: 299,
    })
    await env.database.write((q) => q.run(sql`UPDATE pipeline SET parent_id = 300 WHERE id = 200`))
    const circle = await env.ask('item.show', { id: 200, children: true })
    expect(circle.progress).toEqual({ finished: 0, total: 100 })
  })

  test('shows fifty children and counts them all', async () => {
    const env = await fresh()
    const top = await create(env)
    for (let n = 0; n < 53; n++) await create(env, { parent: top })
    const item = await env.ask('item.show', { id: top })
    expect([item.children.length, item.childCount]).toEqual([50, 53])
    const text = await itemShow.toText(item, createStyle({ color: false, width: 80, now: env.now() }))
    expect(text).toContain('Children (53)')
    expect(text).toContain('… and 3 more: pipeline list --parent 1')
  })

  test('history is everything that happened, newest first', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.move', { id, to: 'spec' })
    await env.ask('item.note', { id, text: 'hello' })
    const { history } = await env.ask('item.show', { id, history: true })
    expect(history?.map((entry) => entry.action)).toEqual(['noted', 'moved', 'created'])
    expect((await env.ask('item.show', { id })).history).toBeUndefined()
  })

  test('no line is wider than the terminal, in colour or without', async () => {
    const env = await fresh()
    const id = await create(env, {
      title: `${'東京 '.repeat(60)}${'x'.repeat(100)}`,
      description: `\tindented ${'y'.repeat(200)} 🚀\nsecond`,
      criteria: ['w'.repeat(300), { text: 'ok', verdict: 'passed', evidence: 'z'.repeat(300) }],
      labels: ['l'.repeat(100), 'm'.repeat(100)],
      assignee: 'a'.repeat(100),
      healthCheck: { type: 'http', url: `http://127.0.0.1/${'p'.repeat(200)}`, frequency: 'hourly' },
    })
    await env.ask('item.block', { id, reason: 'r'.repeat(500) })
    await env.ask('item.note', { id, text: 'n'.repeat(300) })
    let parent = id
    for (let depth = 0; depth < 20; depth++) parent = await create(env, { parent, title: '深 '.repeat(80) })
    env.tick(hour)
    for (const children of [true, false]) {
      const item = await env.ask('item.show', { id, children })
      for (const color of [true, false]) {
        const text = await itemShow.toText(item, createStyle({ color, width: 80, now: env.now() }))
        for (const line of text.split('\n')) expect(columns(bare(line))).toBeLessThanOrEqual(80)
        // What opens a colour on a line closes it there.
        for (const line of text.split('\n')) expect((line.match(/\u001b\[\d+m/g) ?? []).length % 2).toBe(0)
      }
    }
  })
})

test('random titles, marks and assignees never make a line of the list wider than the terminal', async () => {
  const { itemLine } = await import('../../src/ops/item-line.ts')
  const item = fc.record({
    id: fc.integer({ min: 1, max: 1e9 }),
    title: fc.string({ unit: 'grapheme', maxLength: 200 }),
    type: fc.constantFrom('feature', 'incident', 'enhancement'),
    stage: fc.constantFrom('idea', 'final-review', 'live'),
    priority: fc.constantFrom(1, 4),
    assignee: fc.option(fc.string({ unit: 'grapheme', maxLength: 100 })),
    waitingFor: fc.array(fc.integer({ min: 1, max: 1e9 }), { maxLength: 9 }),
    blocked: fc.option(fc.constant({ reason: 'r', since: '2026-01-01T00:00:00.000Z' })),
    severity: fc.constantFrom('critical', null),
    skipped: fc.constantFrom([], ['spec', 'qa']),
    health: fc.constant(null),
    updatedAt: fc.constant('2025-01-01T00:00:00.000Z'),
  })
  const style = createStyle({ color: true, width: 80, now: '2026-02-05T00:00:00.000Z' })
  fc.assert(
    fc.property(item, (each) => {
      expect(columns(bare(itemLine(each as never, style)))).toBeLessThanOrEqual(80)
    }),
    { numRuns: 500 },
  )
})
