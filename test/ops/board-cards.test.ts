/** The board as a page asks for it: narrowed, its columns paged, each card with its time in stage. */

import sql, { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { type Stage, stages } from '../../src/domain/stage.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, minute, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('the board of a page on $engine', ({ engine, freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, to: string, more = {}) => {
    env.tick(minute)
    const { id } = await env.ask('item.create', { title: 'x', ...more })
    if (to !== 'idea') await env.ask('item.move', { id, to })
    return id
  }
  const insert = (env: TestEnvironment, columns: string, values: string) =>
    env.database.write((q) => q.run(raw(`INSERT INTO pipeline (${columns}) VALUES (${values})`)))
  const column = async (env: TestEnvironment, stage: Stage, input = {}) =>
    (await env.ask('board.show', input)).columns[stages.indexOf(stage)]!

  /** A column to its end, as a page reads it: the board, then the list. */
  async function whole(env: TestEnvironment, stage: Stage, limit: number, filter = {}): Promise<number[]> {
    const { items, nextCursor } = await column(env, stage, { ...filter, limit })
    const found = items.map((item) => item.id)
    for (let cursor = nextCursor; cursor !== null && found.length < 100; ) {
      const page = await env.ask('item.list', { ...filter, stage, board: true, cursor, limit })
      found.push(...page.items.map((item) => item.id))
      cursor = page.nextCursor
    }
    return found
  }

  const cards = async (env: TestEnvironment, stage: Stage) =>
    (await column(env, stage, { cards: true })).items.map(({ id, stageSince, children }) => ({
      id,
      stageSince,
      children,
    }))

  test('every filter narrows columns, counts and incidents alike', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    const live = await create(env, 'live', { title: 'Extractor' })
    await create(env, 'qa', {
      title: 'Ärger mit Rechnung',
      assignee: 'human:max',
      labels: ['a'],
      project: 'P',
    })
    await create(env, 'qa', { title: 'Other', assignee: 'agent:b', labels: ['a', 'b'] })
    await create(env, 'qa', { title: 'Nobody’s' })
    const incident = {
      type: 'incident',
      title: 'Rechnung fehlt',
      parent: live,
      assignee: 'max',
      labels: ['b'],
    }
    await create(env, 'idea', incident)
    const shown = async (filter: object) => {
      const { columns, incidents, incidentCount } = await env.ask('board.show', filter)
      expect(columns[4]!.count).toBe(columns[4]!.items.length)
      expect(incidentCount).toBe(incidents.length)
      return [columns[4]!.items.map((item) => item.id), incidents.map((item) => item.id)]
    }
    expect(await shown({})).toEqual([[2, 3, 4], [5]])
    expect(await shown({ assignee: 'max' })).toEqual([[2], [5]])
    expect(await shown({ assignee: 'human:max' })).toEqual([[2], []])
    expect(await shown({ assignee: null })).toEqual([[4], []])
    expect(await shown({ label: 'b' })).toEqual([[3], [5]])
    expect(await shown({ text: 'RECHN' })).toEqual([[2], [5]])
    expect(await shown({ text: 'arger rechnung' })).toEqual([[2], []])
    expect(await shown({ project: 'p', label: 'a' })).toEqual([[2], []])
    expect(await shown({ type: 'feature', text: 'other' })).toEqual([[3], []])
    const { filter } = await env.ask('board.show', { assignee: null, label: 'a', text: 'x' })
    expect(filter).toEqual({ type: null, project: null, assignee: null, label: 'a', text: 'x' })
  })

  test.each([
    [{ text: '—' }, 'text'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 101 }, 'limit'],
    [{ label: '' }, 'label'],
  ])('%j is refused', async (input, field) => {
    const refusal = { kind: 'invalid', failures: [{ field }] }
    await expect((await fresh()).ask('board.show', input)).rejects.toMatchObject(refusal)
  })

  test('a column goes on in the list, in the board’s order, each item once', async () => {
    const env = await fresh()
    const expected: Record<string, number[]> = { building: [], done: [], live: [] }
    for (let n = 0; n < 7; n++) {
      for (const stage of ['building', 'done', 'live'] as const) {
        const priority = ((n % 3) + 1) as 1
        const id = await create(env, stage, { priority })
        expected[stage]!.push(id)
        // Two alike, so that only the id tells them apart.
        if (n === 3) expected[stage]!.push((await env.ask('item.create', { title: 'twin', priority })).id)
        if (n === 3) await env.ask('item.move', { id: id + 1, to: stage })
      }
    }
    await create(env, 'building', { type: 'incident' })
    const byUrgency = (await env.ask('board.show', {})).columns[3]!.items.map((item) => item.id)
    expect(byUrgency.toSorted((a, b) => a - b)).toEqual(expected.building)
    for (const limit of [1, 2, 3, 7, 8, 9]) {
      expect(await whole(env, 'building', limit)).toEqual(byUrgency)
      expect(await whole(env, 'done', limit)).toEqual(expected.done!.toReversed())
      expect(await whole(env, 'live', limit)).toEqual(expected.live!.toReversed())
      expect(await whole(env, 'live', limit, { type: 'bug' })).toEqual([])
    }
    const list = await env.ask('item.list', { stage: 'live', board: true, limit: 2 })
    expect((await column(env, 'live', { limit: 2 })).nextCursor).toBe(list.nextCursor)
  })

  test('filters hold on every page of a column', async () => {
    const env = await fresh()
    for (let n = 0; n < 9; n++)
      await create(env, n % 2 ? 'live' : 'qa', {
        title: n % 3 ? 'blue' : 'red',
        labels: ['l'],
        assignee: 'max',
      })
    const filter = { text: 'blue', label: 'l', assignee: 'max', type: 'feature' } as const
    expect(await whole(env, 'qa', 1, filter)).toEqual([3, 5, 9])
    expect(await whole(env, 'live', 1, filter)).toEqual([8, 6, 2])
  })

  test('rows of the owner’s own are passed once each, whatever their times are', async () => {
    const env = await fresh()
    const times =
      engine === 'sqlite'
        ? [`'2026-02-05 07:00:00'`, `'soon'`, `''`, 'NULL', 'NULL', `'@'`]
        : [
            `'2026-02-05 07:00:00.123456+00'`,
            `'2026-02-05 07:00:00.1234561+00'`,
            `'infinity'`,
            `'-infinity'`,
            ...['NULL', 'NULL', `'0044-03-15 BC'`],
          ]
    for (const time of times) {
      const created = time === 'NULL' ? `'2026-02-05T07:00:00Z'` : time
      await insert(env, 'title, stage, live_at, created_at', `'odd', 'live', ${time}, ${created}`)
      await insert(env, 'title, stage, created_at', `'odd', 'nonsense', ${created}`)
      await create(env, 'live')
      await create(env, 'idea')
    }
    for (const stage of ['live', 'idea'] as const) {
      const all = (await column(env, stage, { limit: 100 })).items.map((item) => item.id)
      expect(all).toHaveLength(2 * times.length)
      for (const limit of [1, 3]) expect(await whole(env, stage, limit)).toEqual(all)
    }
  })

  test.each([
    [{ board: true }, 'stage'],
    [{ board: true, stage: 'qa', sort: 'id' }, 'sort'],
    [{ board: true, stage: 'qa', cursor: 'eA' }, 'cursor'],
    [{ ids: [0] }, 'ids.0'],
  ] as const)('%j is refused', async (input, field) => {
    const refusal = { kind: 'invalid', failures: [{ field }] }
    await expect((await fresh()).ask('item.list', input as never)).rejects.toMatchObject(refusal)
  })

  test('the cursor of one column is none of another, nor of the list', async () => {
    const env = await fresh()
    for (let n = 0; n < 2; n++) for (const stage of ['qa', 'done']) await create(env, stage)
    const { nextCursor } = await column(env, 'qa', { limit: 1 })
    const cursor = nextCursor!
    for (const input of [
      { stage: 'done', board: true, cursor },
      { stage: 'qa', cursor },
    ] as const)
      await expect(env.ask('item.list', input)).rejects.toMatchObject({ failures: [{ field: 'cursor' }] })
  })

  test('ids lists those that there are, finished ones too', async () => {
    const env = await fresh()
    await create(env, 'live')
    await create(env, 'idea')
    await create(env, 'idea')
    const listed = async (ids: number[]) =>
      (await env.ask('item.list', { ids })).items.map((item) => item.id).sort()
    expect(await listed([3, 1, 99, 3])).toEqual([1, 3])
    expect(await listed([])).toEqual([])
  })

  test('without cards nothing is counted, and no entry is named', async () => {
    const env = await fresh()
    await create(env, 'qa')
    const board = await env.ask('board.show', {})
    expect(Object.keys(board)).not.toContain('activityId')
    expect(Object.keys(board.columns[4]!.items[0]!)).not.toContain('stageSince')
    expect(Object.keys(board.columns[4]!.items[0]!)).not.toContain('children')
  })

  test('a card says since when it is in its stage, and how far its children are', async () => {
    const env = await fresh()
    const parent = await create(env, 'building')
    const since = env.now()
    for (const to of ['idea', 'done', 'qa']) await create(env, to, { parent })
    await create(env, 'idea', { parent, type: 'incident' })
    await env.ask('item.note', { id: parent, text: 'n' })
    await env.ask('item.update', { id: parent, title: 'y' })
    const children = { total: 3, done: 1 }
    expect(await cards(env, 'building')).toEqual([{ id: parent, stageSince: since, children }])
    env.tick(minute)
    await env.ask('item.move', { id: parent, to: 'spec' })
    await env.ask('item.move', { id: parent, to: 'building' })
    expect(await cards(env, 'building')).toEqual([{ id: parent, stageSince: env.now(), children }])
    const { items } = await env.ask('item.list', { ids: [parent], cards: true })
    expect(items[0]).toMatchObject({ stageSince: env.now(), children })
  })

  test('what happens to the incident of a live item does not move the item', async () => {
    const env = await fresh()
    const live = await create(env, 'live')
    const since = env.now()
    env.tick(minute)
    const { id } = await env.ask('incident.open', { id: live, title: '"to":"live"' })
    const opened = env.now()
    const incident = async () => (await env.ask('board.show', { cards: true })).incidents[0]
    expect(await incident()).toMatchObject({ id, stageSince: opened })
    env.tick(minute)
    await env.ask('item.move', { id, to: 'building' })
    expect(await incident()).toMatchObject({ id, stageSince: env.now() })
    env.tick(minute)
    await env.ask('incident.resolve', { id, note: 'n' })
    expect(await cards(env, 'done')).toMatchObject([{ id, stageSince: env.now() }])
    expect(await cards(env, 'live')).toMatchObject([{ id: live, stageSince: since, children: { total: 0 } }])
    await env.ask('item.move', { id: live, to: 'building' })
    const back = env.now()
    env.tick(minute)
    await env.ask('item.move', { id, to: 'open' })
    await env.ask('incident.resolve', { id, note: 'n' })
    expect(await cards(env, 'building')).toMatchObject([{ id: live, stageSince: back }])
  })

  test('what the owner’s own SQL moved or made is in its stage since nobody knows when', async () => {
    const env = await fresh()
    const id = await create(env, 'qa', { title: '"to":"spec"' })
    await env.database.write((q) => q.run(sql`UPDATE pipeline SET stage = 'spec' WHERE id = ${id}`))
    await insert(env, 'title, stage', `'odd', 'spec'`)
    await insert(env, 'title, stage, live_at', `'odd', 'live', '2026-02-05T07:00:00Z'`)
    expect((await cards(env, 'spec')).map((card) => card.stageSince)).toEqual([null, null])
    expect(await cards(env, 'live')).toMatchObject([{ stageSince: '2026-02-05T07:00:00.000Z' }])
  })

  test('names the last entry of the log that it knows of', async () => {
    const env = await fresh()
    const last = async () => (await env.ask('board.show', { cards: true })).activityId
    expect(await last()).toBe(0)
    await create(env, 'idea')
    const [entry] = (await env.ask('activity.list', {})).entries
    expect(await last()).toBe(entry!.id)
  })

  if (engine === 'sqlite') {
    test('the time in stage is looked up among the entries of its item, and a column goes on from where it was', async () => {
      const env = await fresh()
      const plans: string[] = []
      await env.database.read(async (q) => {
        const all: typeof q.all = async (statement) => {
          const plan = await q.all<{ detail: string }>(sql`EXPLAIN QUERY PLAN ${statement}`)
          plans.push(plan.map((row) => row.detail).join('\n'))
          return q.all(statement)
        }
        const watched = {
          engine: q.engine,
          all,
          get: q.get.bind(q),
          run: q.run.bind(q),
          insert: q.insert.bind(q),
        }
        const { stageSince } = await import('../../src/store/stays.ts')
        const { columnPage } = await import('../../src/store/board.ts')
        await stageSince(watched, [1])
        await columnPage(watched, 'live', {}, { after: ['@2026', 1], limit: 5 })
        await columnPage(watched, 'qa', {}, { after: [1, '2026', 1], limit: 5 })
      })
      expect(plans[0]).toContain('idx_pipeline_activity_item (item_id=?)')
      expect(plans[1]).toMatch(/idx_pipeline_newest \(stage=\? AND <expr>[<>]/)
      expect(plans.join('\n')).not.toContain('USE TEMP B-TREE')
      expect(plans.at(-1)).toContain('idx_pipeline_board (stage=? AND')
    })
  }
})
