import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokens } from '../../src/domain/search.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

const ids = async (env: TestEnvironment, words: string, more = {}) =>
  (await env.ask('item.search', { words, ...more })).items.map((item) => item.id)

describe.each(engines)('search on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())

  test('finds in title, description, spec and notes, at the start of a word, all words together', async () => {
    const env = await fresh()
    await env.ask('item.create', { title: 'Rate limits', description: 'of the supplier', spec: '## Retry' })
    await env.ask('item.create', { title: 'Rate cards' })
    await env.ask('item.note', { id: 1, text: 'Exponential back-off' })
    await env.ask('item.block', { id: 2, reason: 'waits for procurement' })
    expect(await ids(env, 'rate')).toEqual([1, 2])
    expect(await ids(env, 'RATE lim supp retr expo back')).toEqual([1])
    expect(await ids(env, 'rate nothing')).toEqual([])
    expect(await ids(env, 'mits')).toEqual([])
    expect(await ids(env, 'procurement')).toEqual([2])
  })

  test('goes by priority, then id, and leaves out nothing that is done or live', async () => {
    const env = await fresh()
    for (const priority of [3, 1, 4, 1, 2] as const) await env.ask('item.create', { title: 'word', priority })
    await env.ask('item.move', { id: 4, to: 'live' })
    expect(await ids(env, 'word')).toEqual([2, 4, 5, 1, 3])
  })

  test('is paged by a cursor, which no other list takes', async () => {
    const env = await fresh()
    for (let n = 0; n < 7; n++) await env.ask('item.create', { title: 'word', priority: n % 2 ? 1 : 3 })
    const found: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await env.ask('item.search', { words: 'word', limit: 3, ...(cursor ? { cursor } : {}) })
      if (page.nextCursor) {
        await expect(env.ask('item.list', { cursor: page.nextCursor })).rejects.toMatchObject({
          kind: 'invalid',
        })
      }
      found.push(...page.items.map((item) => item.id))
      cursor = page.nextCursor
    } while (cursor)
    expect(found).toEqual([2, 4, 6, 1, 3, 5, 7])
  })

  test.each(['', '   ', '***', '"', '👩‍👩‍👧'])('%j holds nothing to search for', async (words) => {
    await expect((await fresh()).ask('item.search', { words })).rejects.toMatchObject({ kind: 'invalid' })
  })

  test.each([
    `'; DROP TABLE pipeline; --`,
    'AND',
    'OR NOT',
    'NEAR(a, b)',
    '"word" *',
    'word*',
    'tokens:word',
    'pipeline_search : word',
    '^word',
    'word + word',
    '-word',
    `word' | 'x`,
    `word' & !'y`,
    `':*`,
    '\\',
    '%word%',
    '{a b}: word',
  ])('%j is text, not an expression', async (words) => {
    const env = await fresh()
    await env.ask('item.create', { title: 'word and or not near a b' })
    await env.ask('item.create', { title: words })
    if (tokens(words).length === 0) return
    expect(await ids(env, words)).toContain(2)
    expect(await ids(env, 'word')).toContain(1)
  })
})

describe('both engines', () => {
  const words = fc.constantFrom(
    ...['café', 'CAFE', 'naïve', 'NAIV', 'straße', 'Σίσυφος', 'ΣΙΣ', 'Łódź', 'İzmir', 'ﬁlter', 'x²'],
    ...[
      '東京タワー',
      '京',
      'タワ',
      '서울',
      '서울특별시',
      'Привет',
      'при',
      'ภาษาไทย',
      'हिन्दी',
      'עברית',
      '𐐷𐐷',
      '🚀',
      '👍🏽',
    ],
    ...['AND', 'OR', 'NOT', 'NEAR(', '*', '"', "'", "';", 'DROP', '--', '%', '_', '\\', ':', '(', 'tokens:'],
    ...['a', 'ab', 'abc', 'abcd', 'foo-bar', 'v2', '007', '1e3', 'x'.repeat(70)],
  )
  const text = fc.array(words, { minLength: 1, maxLength: 5 }).map((list) => list.join(' '))
  const item = fc.record({
    title: text,
    description: text,
    note: text,
    priority: fc.constantFrom(1, 2, 3, 4),
  })

  test('find the same items in the same order, which are those that hold all the words', async () => {
    const environments = await Promise.all(
      engines.map(async (engine) => environmentOf(await engine.freshDatabase())),
    )
    const items = fc.sample(item, { numRuns: 60, seed: 7 })
    for (const { title, description, note, priority } of items) {
      for (const env of environments) {
        const made = await env.ask('item.create', { title, description, priority: priority as 1 })
        await env.ask('item.note', { id: made.id, text: note })
      }
    }
    const holds = (n: number, query: string): boolean => {
      const { title, description, note } = items[n]!
      const own = [...tokens(title), ...tokens(description), ...tokens(note)]
      return tokens(query).every((wanted) => own.some((word) => word.startsWith(wanted)))
    }
    const found = { some: 0, none: 0 }
    for (const query of fc.sample(fc.array(words, { minLength: 1, maxLength: 2 }), {
      numRuns: 120,
      seed: 8,
    })) {
      const asked = query.join(' ')
      if (tokens(asked).length === 0) continue
      const expected = items
        .map((each, n) => ({ id: n + 1, priority: each.priority }))
        .filter(({ id }) => holds(id - 1, asked))
        .sort((a, b) => a.priority - b.priority || a.id - b.id)
        .map(({ id }) => id)
      found[expected.length > 0 ? 'some' : 'none']++
      for (const env of environments)
        expect({ asked, ids: await ids(env, asked) }).toEqual({ asked, ids: expected })
    }
    expect(found.some).toBeGreaterThan(50)
  })
})
