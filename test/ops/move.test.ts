import { describe, expect, test } from 'vitest'
import { paths, types } from '../../src/domain/stage.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute, type TestEnvironment } from '../helpers/environment.ts'

const check = { type: 'http', url: 'http://127.0.0.1:1/', frequency: 'hourly' }

describe.each(engines)('move on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, more = {}) =>
    (await env.ask('item.create', { title: 'x', ...more })).id

  test.each(types)('%s walks its path without a warning, each step in the log', async (type) => {
    const env = await fresh()
    const id = await create(env, { type })
    for (const to of paths[type].slice(1)) {
      const { data, warnings } = await env.answer('item.move', { id, to, note: `on to ${to}` })
      expect(data).toMatchObject({ stage: to, moved: true })
      expect(warnings).toEqual([])
    }
    const { entries } = await env.ask('activity.list', { item: id })
    const moves = entries.filter((entry) => entry.action === 'moved').toReversed()
    expect(moves.map(({ detail, note }) => [detail?.from, detail?.to, note])).toEqual(
      paths[type].slice(1).map((to, n) => [paths[type][n], to, `on to ${to}`]),
    )
    expect(moves.every((entry) => entry.actor === 'human:max')).toBe(true)
  })

  test('a skip works, warns, and stays visible until the stage is entered', async () => {
    const env = await fresh()
    const id = await create(env)
    const { data, warnings } = await env.answer('item.move', { id, to: 'qa' })
    expect(data).toMatchObject({ from: 'idea', stage: 'qa', skipped: ['spec', 'spec-review', 'building'] })
    expect(warnings).toEqual(['#1 skipped spec, spec-review, building; it stays on record'])
    expect((await env.ask('item.show', { id })).skipped).toEqual(['spec', 'spec-review', 'building'])
    expect((await env.ask('item.list', {})).items[0]?.skipped).toEqual(['spec', 'spec-review', 'building'])
    const { entries } = await env.ask('activity.list', { item: id, limit: 1 })
    expect(entries[0]?.detail).toMatchObject({ skipped: ['spec', 'spec-review', 'building'] })
    const back = await env.answer('item.move', { id, to: 'spec-review' })
    expect(back.warnings).toEqual([])
    expect((await env.ask('item.show', { id })).skipped).toEqual(['spec'])
  })

  test('entering live from anywhere but done warns', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.move', { id, to: 'final-review' })
    const { warnings } = await env.answer('item.move', { id, to: 'live' })
    expect(warnings).toEqual(['#1 skipped done; it stays on record', '#1 went live without being done'])
    await env.ask('item.move', { id, to: 'done' })
    expect((await env.answer('item.move', { id, to: 'live' })).warnings).toEqual([])
  })

  test('the times of the first start, of done and of live', async () => {
    const env = await fresh()
    const id = await create(env)
    const at: Record<string, string> = {}
    for (const to of ['building', 'idea', 'building', 'done', 'live'] as const) {
      env.tick(hour)
      await env.ask('item.move', { id, to })
      at[to] ??= env.now()
    }
    expect(await env.ask('item.show', { id })).toMatchObject({
      startedAt: at.building,
      doneAt: at.done,
      liveAt: at.live,
      updatedAt: at.live,
    })
    await env.ask('item.move', { id, to: 'qa' })
    expect(await env.ask('item.show', { id })).toMatchObject({
      startedAt: at.building,
      doneAt: null,
      liveAt: null,
    })
  })

  test('to where it is already is no change, but its note is kept', async () => {
    const env = await fresh()
    const id = await create(env)
    env.tick(hour)
    const { data, warnings } = await env.answer('item.move', { id, to: 'idea', note: 'still thinking' })
    expect(data).toMatchObject({ moved: false, version: 1, stage: 'idea', from: 'idea' })
    expect(warnings).toEqual([])
    expect((await env.ask('item.show', { id })).notes).toMatchObject([{ note: 'still thinking' }])
    expect((await env.ask('item.search', { words: 'thinking' })).items).toHaveLength(1)
    await env.ask('item.move', { id, to: 'idea' })
    expect((await env.ask('activity.list', { item: id })).entries.map((entry) => entry.action)).toEqual([
      'noted',
      'created',
    ])
  })

  test('an incident takes open and resolved, and says them', async () => {
    const env = await fresh()
    const id = await create(env, { type: 'incident' })
    const { data, warnings } = await env.answer('item.move', { id, to: 'resolved' })
    expect(data).toMatchObject({ stage: 'done', skipped: ['building', 'qa'] })
    expect(warnings).toEqual(['#1 skipped building, qa; it stays on record'])
    expect(await env.ask('item.move', { id, to: 'open' })).toMatchObject({ stage: 'idea', skipped: [] })
  })

  test.each([
    ['task', 'spec', 'spec is not on the path of a task', 'stages of #1 (task): idea, building, qa, done'],
    [
      'incident',
      'live',
      'live is not on the path of an incident',
      'stages of #1 (incident): open, building, qa, resolved',
    ],
    ['feature', 'buildng', 'unknown stage "buildng"; did you mean building?', 'stages of #1 (feature): idea'],
  ] as const)('%s to %s is refused and changes nothing', async (type, to, message, hint) => {
    const env = await fresh()
    const id = await create(env, { type })
    await expect(env.ask('item.move', { id, to, note: 'lost' })).rejects.toMatchObject({
      kind: 'invalid',
      message,
      hint: expect.stringContaining(hint),
    })
    expect(await env.ask('item.show', { id })).toMatchObject({ stage: 'idea', version: 1, notes: [] })
  })

  test('a flag and unfinished dependencies are warned of on the way forward', async () => {
    const env = await fresh()
    const id = await create(env)
    const on = await create(env)
    await env.ask('dependency.add', { id, on })
    await env.ask('item.block', { id, reason: 'no login' })
    const forward = await env.answer('item.move', { id, to: 'spec' })
    expect(forward.warnings).toEqual(['#1 is still flagged as blocked: no login', '#1 still waits for #2'])
    expect((await env.answer('item.move', { id, to: 'idea' })).warnings).toEqual([])
    await env.ask('item.move', { id: on, to: 'done' })
    expect((await env.answer('item.move', { id, to: 'spec' })).warnings).toEqual([
      '#1 is still flagged as blocked: no login',
    ])
  })

  test('entering live schedules the check at once, leaving live takes it off', async () => {
    const env = await fresh()
    const id = await create(env, { healthCheck: check })
    await env.ask('item.move', { id, to: 'done' })
    expect((await env.ask('item.show', { id })).health?.nextRunAt).toBeNull()
    env.tick(day)
    await env.ask('item.move', { id, to: 'live' })
    expect((await env.ask('item.show', { id })).health).toMatchObject({
      nextRunAt: env.now(),
      state: 'unknown',
    })
    await env.ask('item.move', { id, to: 'qa' })
    expect((await env.ask('item.show', { id })).health?.nextRunAt).toBeNull()
  })

  test('a check that is switched off is not scheduled; one that waits to be called is late at its deadline', async () => {
    const env = await fresh()
    const off = await create(env, { healthCheck: { ...check, enabled: false } })
    expect((await env.ask('item.move', { id: off, to: 'live' })).health?.nextRunAt).toBeNull()
    const heartbeat = await create(env, { healthCheck: { type: 'heartbeat', frequency: '5m' } })
    const { health } = await env.ask('item.move', { id: heartbeat, to: 'live' })
    expect(health?.nextRunAt).toBe(new Date(env.nowMs() + 10 * minute).toISOString())
  })

  test('with ifMatch a move is refused when somebody was faster, and works when not', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.update', { id, title: 'y' })
    await expect(env.ask('item.move', { id, to: 'spec', ifMatch: 1 })).rejects.toMatchObject({
      kind: 'conflict',
      message: '#1 is at version 2, not 1: somebody changed it',
    })
    expect(await env.ask('item.move', { id, to: 'spec', ifMatch: 2 })).toMatchObject({ version: 3 })
  })

  test('a missing item is not found, a deleted one is said to be', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.delete', { id, yes: true })
    await expect(env.ask('item.move', { id, to: 'spec' })).rejects.toMatchObject({
      kind: 'not-found',
      message: 'there is no item #1 (it was deleted)',
      hint: 'its history is kept: pipeline log --item 1',
    })
    await expect(env.ask('item.move', { id: 99, to: 'spec' })).rejects.toMatchObject({
      message: 'there is no item #99',
    })
  })
})
