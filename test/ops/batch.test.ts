import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

const lines = (...operations: object[]): string => operations.map((each) => JSON.stringify(each)).join('\n')
const create = (title: string, more: object = {}) => ({ op: 'item.create', input: { title, ...more } })

describe.each(engines)('a batch on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const titles = async (env: TestEnvironment) =>
    (await env.ask('item.list', { all: true, sort: 'id' })).items.map(({ title }) => title)

  test('runs its lines in order, by the names of operations or of commands, and says what each gave', async () => {
    const env = await fresh()
    const operations = lines(
      create('one'),
      { op: 'create', input: { title: 'two' } },
      { op: 'move', input: { id: 2, to: 'qa', note: 'n' } },
      { op: 'dep add', input: { id: 2, on: 1 } },
    )
    expect(await env.ask('batch.run', { operations: `\n${operations}\n\n` })).toMatchObject({
      done: 4,
      failed: 0,
      results: [
        { line: 2, op: 'item.create', ok: true, id: 1, version: 1 },
        { line: 3, op: 'item.create', ok: true, id: 2 },
        { line: 4, op: 'item.move', ok: true, id: 2, version: 2 },
        { line: 5, op: 'dependency.add', ok: true },
      ],
    })
    expect(await env.ask('item.show', { id: 2 })).toMatchObject({ stage: 'qa', waitingFor: [1] })
    expect((await env.ask('item.search', { words: 'two' })).items).toHaveLength(1)
  })

  test('a later line names the id that an earlier one gave', async () => {
    const env = await fresh()
    const operations = [
      { ...create('epic', { type: 'epic' }), as: 'epic' },
      { ...create('part $epic', { parent: '$epic' }), as: 'part' },
      { op: 'note', input: { id: '$part', text: '$epic' } },
      { op: 'item.update', input: { id: '$epic', title: '$epic', addLabels: ['$part'] } },
    ]
    const { results } = await env.ask('batch.run', { operations })
    const [epic, part] = results.map(({ id }) => id!)
    const shown = await env.ask('item.show', { id: part! })
    expect(shown).toMatchObject({ parentId: epic, title: 'part $epic', notes: [{ note: '$epic' }] })
    expect(await env.ask('item.show', { id: epic! })).toMatchObject({ title: '$epic', labels: ['$part'] })
  })

  test('a name that stands for no id yet is refused where an id is wanted, by its line and field', async () => {
    const env = await fresh()
    const asked = (line: object) =>
      env.ask('batch.run', { operations: [{ ...create('one'), as: 'later' }, line] })
    await expect(asked({ op: 'note', input: { id: '$latr', text: 'n' } })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'line 2: id: "$latr" stands for no id: no line above has that name; did you mean "later"?',
    })
    await expect(asked(create('two', { parent: '$constructor' }))).rejects.toMatchObject({
      message: 'line 2: parent: "$constructor" stands for no id: no line above has that name',
    })
    expect(await titles(env)).toEqual([])
  })

  test('a name is given once; where its line failed it stands for nothing', async () => {
    const env = await fresh()
    const one = { ...create('one'), as: 'n' }
    await expect(env.ask('batch.run', { operations: [one, one] })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'line 2: "as": a line above has the name "n"',
    })
    const operations = [
      one,
      { ...create(''), as: 'n' },
      { op: 'item.move', input: { id: '$n', to: 'qa' } },
      { ...create('', {}), as: 'm' },
      { op: 'item.move', input: { id: '$m', to: 'qa' } },
    ]
    const { results } = await env.ask('batch.run', { operations, continue: true })
    expect(results.map(({ ok }) => ok)).toEqual([true, false, false, false, false])
    expect(results[2]?.error?.message).toBe('id: "$n" stands for no id: its line failed, or gave no id')
    expect(results[4]?.error?.message).toBe('id: "$m" stands for no id: its line failed, or gave no id')
    expect(await env.ask('item.list', { all: true })).toMatchObject({ items: [{ stage: 'idea' }] })
  })

  test('a line reads what the lines above it wrote: items, words, and words that changed', async () => {
    const env = await fresh()
    const find = (words: string) => ({ op: 'item.search', input: { words } })
    const operations = [
      { ...create('walrus'), as: 'n' },
      find('walrus'),
      { op: 'item.update', input: { id: '$n', title: 'heron' } },
      { op: 'note', input: { id: '$n', text: 'otter' } },
      { op: 'search.rebuild', input: {} },
      { ...create('stork'), as: 'm' },
      { op: 'item.delete', input: { id: '$m', yes: true } },
    ]
    await env.ask('batch.run', { operations })
    const found = async (words: string) => (await env.ask('item.search', { words })).items.length
    expect(await Promise.all(['heron', 'otter', 'walrus', 'stork'].map(found))).toEqual([1, 1, 0, 0])
    expect((await env.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
  })

  test('a byte order mark at the start is passed over', async () => {
    const env = await fresh()
    expect(await env.ask('batch.run', { operations: `\ufeff${lines(create('one'))}` })).toMatchObject({
      done: 1,
    })
  })

  test('all of it or nothing: one line that fails takes the others back, and is named', async () => {
    const env = await fresh()
    const operations = lines(create('one'), { op: 'item.move', input: { id: 9, to: 'qa' } }, create('two'))
    await expect(env.ask('batch.run', { operations })).rejects.toMatchObject({
      kind: 'not-found',
      message: 'line 2: there is no item #9',
    })
    expect(await titles(env)).toEqual([])
    expect((await env.ask('activity.list', {})).entries).toEqual([])
  })

  test('with continue each line stands for itself, and what failed is reported', async () => {
    const env = await fresh()
    const operations = [
      lines(create('one')),
      '{"op":',
      lines({ op: 'item.move', input: { id: 1, to: 'nowhere' } }, { op: 'nope' }, create(''), create('two')),
    ].join('\n')
    const answer = await env.ask('batch.run', { operations, continue: true })
    expect(answer).toMatchObject({ done: 2, failed: 4 })
    expect(answer.results.map(({ line, ok, error }) => [line, ok, error?.code ?? null])).toEqual([
      [1, true, null],
      [2, false, 'invalid'],
      [3, false, 'invalid'],
      [4, false, 'invalid'],
      [5, false, 'invalid'],
      [6, true, null],
    ])
    expect(answer.results[1]?.error?.message).toMatch(/^not JSON/)
    expect(await titles(env)).toEqual(['one', 'two'])
  })

  test('a line that failed half-way leaves nothing of itself', async () => {
    const env = await fresh()
    // The parent is there, the project is not: the item would be half-made.
    await env.ask('item.create', { title: 'one' })
    const operations = [
      { op: 'item.update', input: { id: 1, title: 'changed', project: 'none such' } },
      { op: 'item.note', input: { id: 1, text: 'n' } },
    ]
    expect(await env.ask('batch.run', { operations, continue: true })).toMatchObject({ done: 1, failed: 1 })
    expect(await env.ask('item.show', { id: 1 })).toMatchObject({ title: 'one', version: 1 })
  })

  test.each<[string, unknown, RegExp]>([
    [
      'no such operation',
      { op: 'item.creat', input: {} },
      /no operation "item.creat".*did you mean "item.create"/,
    ],
    ['a batch in a batch', { op: 'batch.run', input: { operations: [] } }, /can't be part of a batch/],
    ['a check', { op: 'check.run', input: { id: 1 } }, /can't be part of a batch/],
    ['a backup', { op: 'backup', input: { file: 'x' } }, /can't be part of a batch/],
    ['no object', ['item.create'], /a line is/],
    ['an unknown field of the line', { op: 'item.create', inputs: {} }, /a line is/],
    ['a wrong input', create('x', { priority: 9 }), /priority must be one of 1, 2, 3, 4/],
  ])('%s is refused', async (_, line, message) => {
    const env = await fresh()
    const asked = env.ask('batch.run', { operations: [create('kept out'), line] })
    await expect(asked).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(message) })
    expect(await titles(env)).toEqual([])
  })

  test('nobody does by a batch what they may not do', async () => {
    const env = (await fresh()).as('agent:a', {
      permissions: new Set(['item:read', 'item:write'] as const),
    })
    const healthCheck = { type: 'command', command: 'true', frequency: 'daily' }
    await env.ask('item.create', { title: 'x', healthCheck })
    for (const line of [
      { op: 'check.approve', input: { id: 1 } },
      { op: 'item.move', input: { id: 1, to: 'qa' } },
    ]) {
      const asked = env.ask('batch.run', { operations: [line] })
      await expect(asked).rejects.toMatchObject({ kind: 'not-permitted' })
    }
  })

  test('warnings name their line; a dry run stores nothing', async () => {
    const env = (await fresh()).as('human:max', { dryRun: true })
    const operations = [create('one'), { op: 'move', input: { id: 1, to: 'live' } }]
    const answer = await env.answer('batch.run', { operations })
    expect(answer.data.done).toBe(2)
    expect(answer.warnings[0]).toMatch(/^line 2: /)
    expect(await titles(env)).toEqual([])
  })

  test('over the network it reaches nothing that the network does not', async () => {
    const env = (await fresh()).as('agent:far', { trust: 'remote' })
    for (const op of ['metrics.show', 'heartbeat.ping', 'check.approve'])
      await expect(env.ask('batch.run', { operations: [{ op, input: {} }] })).rejects.toMatchObject({
        kind: 'not-permitted',
      })
  })
})
