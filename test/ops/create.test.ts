import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { paths, type Stage, stages } from '../../src/domain/stage.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

const seedCheck = {
  type: 'command',
  command: 'node tools/invoice-extractor.js --help',
  expect: 'exit_code:0',
  frequency: 'daily',
}

describe.each(engines)('create on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())

  test('a title is enough: a feature in idea at priority 2, at version 1, now', async () => {
    const env = await fresh()
    const { data, warnings } = await env.answer('item.create', { title: '  Invoice extractor ' })
    expect(data).toMatchObject({
      id: 1,
      title: 'Invoice extractor',
      type: 'feature',
      typeChosen: 'default',
      stage: 'idea',
      priority: 2,
      parentId: null,
      project: null,
      labels: [],
      criteria: [],
      severity: null,
      health: null,
      healthCheck: null,
      version: 1,
      createdAt: env.now(),
      updatedAt: env.now(),
      startedAt: null,
    })
    expect(warnings).toEqual([])
    const { entries } = await env.ask('activity.list', { item: 1 })
    expect(entries).toMatchObject([{ action: 'created', actor: 'human:max', at: env.now() }])
  })

  test('everything at once comes back as it was given', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'Invoices' })
    const given = {
      title: `'; DROP TABLE pipeline; -- $(rm -rf /) \`id\` %s`,
      type: 'bug' as const,
      priority: 1 as const,
      description: '𝕏 “quoted”\n\ttab\u001b[31m',
      spec: '# Spec\n\n```sh\nls\n```',
      assignee: 'agent:builder-1',
      branch: 'fix/timeout',
      healthCheck: seedCheck,
    }
    const made = await env.ask('item.create', {
      ...given,
      project: 'iNVOICES',
      labels: ['zeta', 'alpha', 'zeta'],
      criteria: ['plain', { text: 'judged', verdict: 'passed', evidence: 'seen' }, { text: 'open' }],
    })
    const expected = {
      ...given,
      project: 'Invoices',
      labels: ['alpha', 'zeta'],
      typeChosen: undefined,
      criteria: [
        { text: 'plain', verdict: 'open', evidence: null },
        { text: 'judged', verdict: 'passed', evidence: 'seen' },
        { text: 'open', verdict: 'open', evidence: null },
      ],
    }
    expect({ ...made, typeChosen: undefined }).toMatchObject(expected)
    expect({ ...(await env.ask('item.show', { id: made.id })), typeChosen: undefined }).toMatchObject(
      expected,
    )
  })

  test('under a live parent it is an incident, under any other a task, unless a type is given', async () => {
    const env = await fresh()
    const { id: parent } = await env.ask('item.create', { title: 'Parent' })
    for (const stage of stages) {
      await env.ask('item.move', { id: parent, to: stage })
      const made = await env.ask('item.create', { title: 'x', parent })
      expect(made).toMatchObject({ type: stage === 'live' ? 'incident' : 'task', typeChosen: 'from-parent' })
      expect(made.severity).toBe(stage === 'live' ? 'major' : null)
    }
    const given = await env.ask('item.create', { title: 'x', parent, type: 'enhancement' })
    expect(given).toMatchObject({ type: 'enhancement', typeChosen: 'given' })
  })

  test('an incident has the severity that was given, nothing else has one', async () => {
    const env = await fresh()
    expect(
      await env.ask('item.create', { title: 'x', type: 'incident', severity: 'critical' }),
    ).toMatchObject({
      severity: 'critical',
    })
    await expect(env.ask('item.create', { title: 'x', severity: 'critical' })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('only incidents have a severity'),
    })
  })

  test('the project comes from the parent, unless one is given', async () => {
    const env = await fresh()
    for (const name of ['A', 'B']) await env.ask('project.create', { name })
    const { id: parent } = await env.ask('item.create', { title: 'x', project: 'A' })
    expect(await env.ask('item.create', { title: 'x', parent })).toMatchObject({ project: 'A' })
    expect(await env.ask('item.create', { title: 'x', parent, project: 'B' })).toMatchObject({ project: 'B' })
  })

  test('a missing parent or project is not found, with the way on, and nothing is stored', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'Invoices' })
    await expect(env.ask('item.create', { title: 'x', parent: 99 })).rejects.toMatchObject({
      kind: 'not-found',
      message: 'there is no parent #99',
    })
    await expect(env.ask('item.create', { title: 'x', project: 'Invoice' })).rejects.toMatchObject({
      kind: 'not-found',
      hint: 'did you mean "Invoices"?',
    })
    await expect(env.ask('item.create', { title: 'x', project: "it's $new" })).rejects.toMatchObject({
      hint: `make it: pipeline project create 'it'\\''s $new'`,
    })
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
    expect((await env.ask('activity.list', {})).entries.map((entry) => entry.action)).toEqual([
      'project-created',
    ])
  })

  test('an invalid health check is refused field by field, and nothing is stored', async () => {
    const env = await fresh()
    const healthCheck = { ...seedCheck, frequncy: 'daily', expect: 'exit_cod:0' }
    await expect(env.ask('item.create', { title: 'x', healthCheck })).rejects.toMatchObject({
      kind: 'invalid',
      failures: expect.arrayContaining([expect.objectContaining({ field: 'healthCheck.frequncy' })]),
    })
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
    const rows = await env.database.read((q) => q.all(sql`SELECT * FROM pipeline_checks`))
    expect(rows).toEqual([])
  })

  test('a pattern that can not be run is refused with all else that is wrong; one that can is taken silently', async () => {
    const env = await fresh()
    const expected = ['exit_code:0', 'stdout matches /^ok$/m']
    const refused = { ...seedCheck, frequency: 'dayly', expect: [...expected, 'stdout matches /a(?=b)/'] }
    await expect(env.ask('item.create', { title: 'x', healthCheck: refused })).rejects.toMatchObject({
      kind: 'invalid',
      failures: [
        {
          field: 'healthCheck.expect[2]',
          message: expect.stringMatching(/^look-around in a pattern at 18;/),
        },
        { field: 'healthCheck.frequency' },
      ],
    })
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
    const healthCheck = { ...seedCheck, expect: expected }
    const { data, warnings } = await env.answer('item.create', { title: 'x', healthCheck })
    expect([data.healthCheck, warnings]).toEqual([healthCheck, []])
    await expect(env.ask('item.update', { id: data.id, healthCheck: refused })).rejects.toMatchObject({
      kind: 'invalid',
    })
  })

  test('a check is not scheduled before its item is live', async () => {
    const env = await fresh()
    const made = await env.ask('item.create', { title: 'x', healthCheck: seedCheck })
    expect(made.health).toMatchObject({ state: 'unknown', nextRunAt: null, approved: true, enabled: true })
  })

  test('a command that came over the network waits for approval, an http check does not', async () => {
    const env = (await fresh()).as('human:max', { trust: 'remote' })
    const command = await env.answer('item.create', { title: 'x', healthCheck: seedCheck })
    expect(command.data.health).toMatchObject({ approved: false })
    expect(command.warnings.join()).toContain('pipeline check approve 1')
    const http = { type: 'http', url: 'http://127.0.0.1:1/', frequency: '5m' }
    expect((await env.ask('item.create', { title: 'x', healthCheck: http })).health?.approved).toBe(true)
  })

  test('answers what a read would', async () => {
    const env = await fresh()
    await env.ask('project.create', { name: 'P' })
    const { typeChosen: _, ...created } = await env.ask('item.create', {
      title: 'x',
      labels: ['b', 'a', 'b'],
      criteria: ['one', { text: 'two', verdict: 'passed', evidence: 'e' }],
      project: 'p',
      healthCheck: seedCheck,
      spec: 's',
    })
    const shown = await env.ask('item.show', { id: created.id })
    expect(Object.keys(created).filter((key) => !(key in shown))).toEqual([])
    expect(shown).toMatchObject(created)
  })

  test('a title has as many characters as a person counts', async () => {
    const env = await fresh()
    const title = '🔨'.repeat(500)
    expect((await env.ask('item.create', { title })).title).toBe(title)
  })

  test.each<[string, object, string]>([
    ['no title', {}, 'title is missing'],
    ['an empty title', { title: ' \n ' }, 'title must not be empty'],
    ['a title of 501 emoji', { title: '🔨'.repeat(501) }, 'title must be at most 500 characters; got 501'],
    ['a title of 501', { title: 'x'.repeat(501) }, 'title must be at most 500 characters; got 501'],
    [
      'a field that objects have of themselves',
      { title: 'x', healthCheck: JSON.parse('{"__proto__":{"type":"http"}}') },
      'unknown field "__proto__"',
    ],
    ['NUL', { title: 'a\0b' }, 'title must not contain NUL'],
    ['NUL deep inside', { title: 'x', criteria: [{ text: 'a\0' }] }, 'criteria.0.text must not contain NUL'],
    ['an unknown field', { title: 'x', prioritty: 1 }, 'unknown field "prioritty"; did you mean priority?'],
    ['a misspelt type', { title: 'x', type: 'taks' }, 'did you mean task?'],
    ['priority 5', { title: 'x', priority: 5 }, 'priority must be one of 1, 2, 3, 4; got 5'],
    ['priority 1.5', { title: 'x', priority: 1.5 }, 'priority must be one of'],
    ['a parent that is no number', { title: 'x', parent: '1' }, 'parent must be'],
    ['parent 0', { title: 'x', parent: 0 }, 'parent must be at least 1'],
    ['51 labels', { title: 'x', labels: Array.from({ length: 51 }, (_, n) => `l${n}`) }, 'labels must be'],
    ['an empty criterion', { title: 'x', criteria: [''] }, 'criteria.0'],
    ['a health check that is a list', { title: 'x', healthCheck: [] }, 'healthCheck must be'],
    ['what is no object', [], ''],
  ])('%s is refused', async (_, input, message) => {
    const env = await fresh()
    await expect(env.ask('item.create', input as never)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(message),
    })
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
  })

  test('what is nested without end is refused, not crashed on', async () => {
    const env = await fresh()
    const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`)
    await expect(env.ask('item.create', { title: 'x', healthCheck: deep })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'healthCheck is nested too deeply',
    })
  })

  test('a dry run answers, and stores nothing', async () => {
    const env = await fresh()
    const dry = env.as('human:max', { dryRun: true })
    expect(await dry.ask('item.create', { title: 'x' })).toMatchObject({ title: 'x', type: 'feature' })
    expect((await env.ask('item.list', {})).items).toEqual([])
    expect((await env.ask('activity.list', {})).entries).toEqual([])
  })

  test('without the permission it is refused', async () => {
    const env = (await fresh()).as('agent:x', { permissions: new Set(['item:read'] as const) })
    await expect(env.ask('item.create', { title: 'x' })).rejects.toMatchObject({ kind: 'not-permitted' })
    expect((await env.ask('item.list', {})).items).toEqual([])
  })
})

test('every type begins in idea', () => {
  const firsts = new Set<Stage>(Object.values(paths).map((path) => path[0]!))
  expect([...firsts]).toEqual(['idea'])
})
