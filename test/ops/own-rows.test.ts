/** Rows that the owner's own SQL wrote straight into `pipeline`: they break no read, and can be mended. */

import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { activityList } from '../../src/ops/activity-list.ts'
import { boardShow } from '../../src/ops/board-show.ts'
import { itemList } from '../../src/ops/item-list.ts'
import { itemShow } from '../../src/ops/item-show.ts'
import { createStyle } from '../../src/ops/style.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('rows of the owner’s own on $engine', ({ engine, freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const insert = (env: TestEnvironment, columns: string, values: string) =>
    env.database.write((q) => q.run(raw(`INSERT INTO pipeline (${columns}) VALUES (${values})`)))

  /** Every read of every item, also as text. */
  async function readAll(env: TestEnvironment) {
    const style = createStyle({ color: true, width: 80, now: env.now() })
    const list = await env.ask('item.list', { all: true })
    await itemList.toText(list, style)
    await boardShow.toText(await env.ask('board.show', {}), style)
    await activityList.toText(await env.ask('activity.list', {}), style)
    await env.ask('project.list', {})
    await env.ask('item.search', { words: 'odd' })
    const shown = []
    for (const { id } of list.items) {
      const item = await env.ask('item.show', { id, children: true, history: true })
      await itemShow.toText(item, style)
      shown.push(item)
    }
    return shown
  }

  test('a title alone is an item', async () => {
    const env = await fresh()
    await insert(env, 'title', `'odd'`)
    expect(await readAll(env)).toMatchObject([
      { title: 'odd', type: 'feature', stage: 'idea', priority: 2, version: 1, skipped: [] },
    ])
    expect((await env.ask('item.show', { id: 1 })).createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/)
    expect(await env.ask('item.move', { id: 1, to: 'qa' })).toMatchObject({ stage: 'qa' })
  })

  test.each<[string, string, string, object]>([
    ['an unknown stage', 'stage', `'shipped'`, { stage: 'idea' }],
    ['an empty stage', 'stage', `''`, { stage: 'idea' }],
    ['an unknown type', 'type', `'story'`, { type: 'feature' }],
    ['a stage off the path', 'type, stage', `'task', 'spec'`, { type: 'task', stage: 'spec' }],
    ['a live incident', 'type, stage', `'incident', 'live'`, { type: 'incident', severity: null }],
    ['priority 0', 'priority', '0', { priority: 2 }],
    ['priority 99', 'priority', '99', { priority: 4 }],
    ['priority -5', 'priority', '-5', { priority: 1 }],
    ['an unknown severity', 'type, severity', `'incident', 'huge'`, { severity: null }],
    ['odd skipped', 'skipped', `'spec nonsense  qa'`, { skipped: ['spec', 'qa'] }],
    [
      'a check that is no JSON',
      'stage, health_check',
      `'live', 'oops'`,
      { healthCheck: { invalid: 'oops' } },
    ],
    ['a check that is null', 'stage, health_check', `'live', 'null'`, { healthCheck: { invalid: 'null' } }],
    ['a check that is a list', 'stage, health_check', `'live', '[1]'`, { healthCheck: { invalid: '[1]' } }],
    ['a check of an unknown type', 'health_check', `'{"type":"x"}'`, { healthCheck: { type: 'x' } }],
    [
      'a command with an open quote',
      'stage, health_check',
      `'live', '{"type":"command","command":"a ''b","frequency":"daily"}'`,
      { health: { approved: false } },
    ],
    [
      'a command that is a number',
      'stage, health_check',
      `'live', '{"type":"command","command":5,"env":7,"frequency":"daily"}'`,
      { health: { state: 'unknown' } },
    ],
    ['a flag without a reason', 'blocked_at', `'2026-02-05T07:46:15Z'`, { blocked: { reason: '' } }],
    ['done without a time', 'stage', `'done'`, { stage: 'done', doneAt: null }],
    ['control characters', 'description', `'\u001b[2J'`, { description: '\u001b[2J' }],
  ])('%s', async (_, columns, values, expected) => {
    const env = await fresh()
    await env.ask('item.create', { title: 'odd neighbour' })
    await insert(env, `title, ${columns}`, `'odd', ${values}`)
    const [, item] = (await readAll(env)).sort((a, b) => a.id - b.id)
    expect(item).toMatchObject({ id: 2, title: 'odd', ...expected })
    expect(await env.ask('item.note', { id: 2, text: 'odd' })).toMatchObject({ id: 2 })
    expect(await env.ask('item.update', { id: 2, title: 'even' })).toMatchObject({ title: 'even' })
    await env.ask('item.delete', { id: 2, yes: true })
  })

  test('times in other shapes are read, and paging passes them each once', async () => {
    const env = await fresh()
    const times =
      engine === 'sqlite'
        ? ['2026-02-05 07:00:00', '2026-02-05 09:00:00', '2026-02-05T08:00:00+01:00', 'soon', '']
        : [
            '2026-02-05 07:00:00.123456+00',
            '2026-02-05 07:00:00.1234561+00',
            'infinity',
            '-infinity',
            '0044-03-15 BC',
          ]
    for (const time of times) {
      await insert(
        env,
        'title, created_at, updated_at, priority',
        `'odd', '${time}', '${time}', ${times.indexOf(time) - 1}`,
      )
      await env.ask('item.create', { title: 'odd' })
    }
    await readAll(env)
    for (const sort of [
      'priority',
      '-priority',
      'created',
      '-created',
      'updated',
      '-updated',
      'id',
    ] as const) {
      const found: number[] = []
      let cursor: string | null | undefined
      do {
        const page = await env.ask('item.list', { sort, limit: 1, ...(cursor ? { cursor } : {}) })
        found.push(...page.items.map((item) => item.id))
        cursor = page.nextCursor
      } while (cursor && found.length < 20)
      expect([sort, [...found].sort((a, b) => a - b)]).toEqual([sort, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]])
    }
  })

  test('an unknown stage stands in the first column, which counts it; newest without a time stand last', async () => {
    const env = await fresh()
    await env.ask('item.create', { title: 'known' })
    await insert(env, 'title, stage', `'odd', 'shipped'`)
    await insert(env, 'title, stage', `'odd', 'live'`)
    await env.ask('item.move', { id: 1, to: 'live' })
    await insert(env, 'title, stage', `'odd', 'live'`)
    const { columns } = await env.ask('board.show', {})
    expect(columns[0]).toMatchObject({ count: 1, items: [{ id: 2 }] })
    expect(columns[7]?.items.map((item) => item.id)).toEqual([1, 4, 3])
    expect((await env.ask('item.list', { stage: 'idea' })).items.map((item) => item.id)).toEqual([2])
  })

  test('a circle of parents ends', async () => {
    const env = await fresh()
    for (const title of ['odd', 'odd', 'odd']) await env.ask('item.create', { title })
    for (const [id, parent] of [
      [1, 2],
      [2, 1],
      [3, 3],
    ]) {
      await env.database.write((q) =>
        q.run(sql`UPDATE pipeline SET parent_id = ${parent!} WHERE id = ${id!}`),
      )
    }
    const shown = await readAll(env)
    expect(shown.find((item) => item.id === 1)?.children.map((child) => child.id)).toEqual([2])
    const { id } = await env.ask('item.create', { title: 'new', parent: 1 })
    await expect(env.ask('item.update', { id: 1, parent: id })).rejects.toMatchObject({ kind: 'invalid' })
    expect(await env.ask('item.update', { id: 1, parent: null })).toMatchObject({ parentId: null })
    expect(await env.ask('item.update', { id: 3, parent: null })).toMatchObject({ parentId: null })
  })
})
