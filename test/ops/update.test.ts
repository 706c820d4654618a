import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf, minute, type TestEnvironment } from '../helpers/environment.ts'

describe.each(engines)('update on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const create = async (env: TestEnvironment, more = {}) =>
    (await env.ask('item.create', { title: 'x', ...more })).id

  test('changes what is named and nothing else, raises the version, and tells the log', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    const id = await create(env, { description: 'old', labels: ['a'] })
    const before = await env.ask('item.show', { id })
    env.tick(minute)
    const after = await env.ask('item.update', { id, title: 'new', priority: 1, project: 'P', spec: 'S' })
    expect(after.changed).toEqual(['title', 'priority', 'spec', 'projectId'])
    const { changed: _, ...item } = after
    const shown = await env.ask('item.show', { id })
    expect(shown).toMatchObject(item)
    expect(shown).toMatchObject({
      ...before,
      title: 'new',
      priority: 1,
      project: 'P',
      spec: 'S',
      version: 2,
      updatedAt: env.now(),
    })
    const { entries } = await env.ask('activity.list', { item: id, limit: 1 })
    expect(entries[0]).toMatchObject({
      action: 'updated',
      detail: {
        title: 'new',
        changed: { title: { from: 'x', to: 'new' }, priority: { from: 2, to: 1 }, spec: 'changed' },
      },
    })
  })

  test('what is so already is no change: no version, no entry', async () => {
    const env = await fresh()
    const id = await create(env, { labels: ['a'], description: 'd', assignee: 'max' })
    env.tick(minute)
    const same = {
      title: 'x',
      labels: ['a'],
      description: 'd',
      assignee: 'max',
      parent: null,
      priority: 2 as const,
    }
    expect(await env.ask('item.update', { id, ...same })).toMatchObject({ changed: [], version: 1 })
    await expect(env.ask('item.update', { id })).rejects.toMatchObject({ kind: 'invalid' })
    expect((await env.ask('activity.list', { item: id })).entries).toHaveLength(1)
  })

  test('null and empty text clear', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    const parent = await create(env)
    const id = await create(env, {
      parent,
      project: 'P',
      description: 'd',
      spec: 's',
      assignee: 'a',
      branch: 'b',
    })
    const cleared = { parent: null, project: null, description: '', spec: null, assignee: null, branch: null }
    expect(await env.ask('item.update', { id, ...cleared })).toMatchObject({
      parentId: null,
      project: null,
      description: null,
      spec: null,
      assignee: null,
      branch: null,
    })
  })

  describe('type', () => {
    test('off the path of the new type it is refused, with a way out that works', async () => {
      const env = await fresh()
      const id = await create(env)
      await env.ask('item.move', { id, to: 'final-review' })
      const change = () => env.ask('item.update', { id, type: 'task', title: 'never' })
      await expect(change()).rejects.toMatchObject({
        kind: 'invalid',
        message: '#1 is in final-review, which is not on the path of task (idea → building → qa → done)',
        hint: 'move it first: pipeline move 1 qa; or choose a type with that stage: feature, enhancement, epic',
      })
      expect(await env.ask('item.show', { id })).toMatchObject({ title: 'x', type: 'feature' })
      await env.ask('item.move', { id, to: 'qa' })
      expect(await change()).toMatchObject({ type: 'task', title: 'never', skipped: ['building'] })
      expect((await env.ask('item.show', { id })).skipped).toEqual(['building'])
    })

    test('to incident it gets a severity, from incident it loses it', async () => {
      const env = await fresh()
      const id = await create(env)
      expect(await env.ask('item.update', { id, type: 'incident' })).toMatchObject({ severity: 'major' })
      expect(await env.ask('item.update', { id, severity: 'minor' })).toMatchObject({ severity: 'minor' })
      expect(await env.ask('item.update', { id, type: 'bug' })).toMatchObject({ severity: null })
      await expect(env.ask('item.update', { id, severity: 'minor' })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })
  })

  describe('parent', () => {
    test('a missing one is not found, itself and what is below it are refused', async () => {
      const env = await fresh()
      const top = await create(env)
      const middle = await create(env, { parent: top })
      const leaf = await create(env, { parent: middle })
      await expect(env.ask('item.update', { id: top, parent: 99 })).rejects.toMatchObject({
        kind: 'not-found',
        message: 'there is no parent #99',
      })
      await expect(env.ask('item.update', { id: top, parent: top })).rejects.toMatchObject({
        kind: 'invalid',
        message: "#1 can't be its own parent",
      })
      for (const below of [middle, leaf]) {
        await expect(env.ask('item.update', { id: top, parent: below })).rejects.toMatchObject({
          kind: 'invalid',
          message: expect.stringContaining('close a cycle'),
          hint: `free one of them first: pipeline update ${below} --parent none`,
        })
      }
      expect(await env.ask('item.update', { id: leaf, parent: top })).toMatchObject({ parentId: top })
    })
  })

  describe('lists', () => {
    test('labels are replaced, added and taken away, each once and in order', async () => {
      const env = await fresh()
      const id = await create(env, { labels: ['b', 'a'] })
      const labels = async (change: object) => (await env.ask('item.update', { id, ...change })).labels
      expect(await labels({ addLabels: ['c', 'a'] })).toEqual(['a', 'b', 'c'])
      expect(await labels({ removeLabels: ['b', 'nothing'] })).toEqual(['a', 'c'])
      expect(await labels({ labels: ['z'], addLabels: ['y'], removeLabels: ['z'] })).toEqual(['y'])
      expect(await labels({ labels: [] })).toEqual([])
    })

    test('criteria are replaced and added', async () => {
      const env = await fresh()
      const id = await create(env, { criteria: ['one'] })
      const texts = async (change: object) =>
        (await env.ask('item.update', { id, ...change })).criteria.map((each) => each.text)
      expect(await texts({ addCriteria: ['two'] })).toEqual(['one', 'two'])
      expect(await texts({ criteria: ['three'], addCriteria: [{ text: 'four' }] })).toEqual(['three', 'four'])
      expect(await texts({ criteria: [] })).toEqual([])
    })

    test('adding never gets past the bounds', async () => {
      const env = await fresh()
      const id = await create(env, { labels: Array.from({ length: 50 }, (_, n) => `l${n}`) })
      await expect(env.ask('item.update', { id, addLabels: ['more'] })).rejects.toMatchObject({
        kind: 'invalid',
        message: 'an item has at most 50 labels; these would be 51',
      })
      const many = Array.from({ length: 150 }, (_, n) => `c${n}`)
      await env.ask('item.update', { id, addCriteria: many })
      await expect(env.ask('item.update', { id, addCriteria: many })).rejects.toMatchObject({
        kind: 'invalid',
      })
      const item = await env.ask('item.show', { id })
      expect([item.labels.length, item.criteria.length]).toEqual([50, 150])
    })
  })

  describe('health check', () => {
    const http = { type: 'http', url: 'http://127.0.0.1:1/', frequency: 'hourly' }

    test('an invalid one changes nothing', async () => {
      const env = await fresh()
      const id = await create(env, { healthCheck: http })
      const wrong = { ...http, frequency: 'now and then' }
      await expect(env.ask('item.update', { id, title: 'y', healthCheck: wrong })).rejects.toMatchObject({
        kind: 'invalid',
        failures: [expect.objectContaining({ field: 'healthCheck.frequency' })],
      })
      expect(await env.ask('item.show', { id })).toMatchObject({ title: 'x', healthCheck: http, version: 1 })
    })

    test('on a live item a new one is due at once, and none takes the schedule away', async () => {
      const env = await fresh()
      const id = await create(env)
      await env.ask('item.move', { id, to: 'live' })
      env.tick(minute)
      expect((await env.ask('item.update', { id, healthCheck: http })).health?.nextRunAt).toBe(env.now())
      expect(await env.ask('item.update', { id, healthCheck: null })).toMatchObject({
        health: null,
        healthCheck: null,
      })
    })

    test('an edit of something else leaves the schedule alone', async () => {
      const env = await fresh()
      const id = await create(env, { healthCheck: http })
      await env.ask('item.move', { id, to: 'live' })
      const due = env.now()
      env.tick(minute)
      expect((await env.ask('item.update', { id, title: 'y' })).health?.nextRunAt).toBe(due)
    })

    test('a command changed over the network needs a new approval, the old one comes back approved', async () => {
      const env = await fresh()
      const remote = env.as('agent:far', { trust: 'remote' })
      const command = (word: string) => ({ type: 'command', command: word, frequency: 'daily' })
      const id = await create(env, { healthCheck: command('true') })
      const changed = await remote.answer('item.update', { id, healthCheck: command('false') })
      expect(changed.data.health?.approved).toBe(false)
      expect(changed.warnings.join()).toContain(`pipeline check approve ${id}`)
      const back = await remote.answer('item.update', { id, healthCheck: command('true') })
      expect(back.data.health?.approved).toBe(true)
      expect(back.warnings).toEqual([])
    })
  })

  test('with ifMatch it is refused when somebody was faster', async () => {
    const env = await fresh()
    const id = await create(env)
    await env.ask('item.update', { id, title: 'y', ifMatch: 1 })
    await expect(env.ask('item.update', { id, title: 'z', ifMatch: 1 })).rejects.toMatchObject({
      kind: 'conflict',
      hint: 'read it again: pipeline show 1',
    })
    expect((await env.ask('item.show', { id })).title).toBe('y')
  })

  test('a new title, description and spec are found, the old ones no longer', async () => {
    const env = await fresh()
    const id = await create(env, { title: 'walrus', description: 'ocean', spec: 'ice' })
    const found = async (words: string) => (await env.ask('item.search', { words })).items.length
    expect([await found('walrus'), await found('ocean'), await found('ice')]).toEqual([1, 1, 1])
    await env.ask('item.update', { id, title: 'heron', description: 'river', spec: null })
    expect([await found('walrus'), await found('ocean'), await found('ice')]).toEqual([0, 0, 0])
    expect([await found('heron'), await found('river')]).toEqual([1, 1])
  })
})
