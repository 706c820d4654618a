import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('acceptance criteria on $engine', ({ freshDatabase }) => {
  const fresh = async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'x', criteria: ['one', 'two', 'three'] })
    return env
  }
  const judge = (
    env: Awaited<ReturnType<typeof fresh>>,
    number: number,
    verdict: string,
    evidence?: string,
  ) => env.ask('criterion.judge', { id: 1, number, verdict, ...(evidence ? { evidence } : {}) } as never)

  test('a verdict goes to the one that is meant, with its evidence, at a new version', async () => {
    const env = await fresh()
    const judged = await judge(env, 2, 'passed', '12 files')
    expect(judged.criteria).toEqual([
      { text: 'one', verdict: 'open', evidence: null },
      { text: 'two', verdict: 'passed', evidence: '12 files' },
      { text: 'three', verdict: 'open', evidence: null },
    ])
    expect(judged.version).toBe(2)
    const { entries } = await env.ask('activity.list', { item: 1, limit: 1 })
    expect(entries[0]).toMatchObject({
      action: 'judged',
      note: '12 files',
      detail: { criterion: 'two', from: 'open', to: 'passed' },
    })
  })

  test('the same verdict keeps its evidence, another one drops it', async () => {
    const env = await fresh()
    await judge(env, 1, 'passed', 'seen')
    expect((await judge(env, 1, 'passed')).criteria[0]?.evidence).toBe('seen')
    expect((await judge(env, 1, 'failed')).criteria[0]).toMatchObject({ verdict: 'failed', evidence: null })
  })

  test.each([
    [0, 'passed', 'invalid'],
    [4, 'passed', 'not-found'],
    [1, 'perhaps', 'invalid'],
  ])('number %i as %s is refused', async (number, verdict, kind) => {
    const env = await fresh()
    await expect(judge(env, number, verdict)).rejects.toMatchObject({ kind })
    expect((await env.ask('item.show', { id: 1 })).version).toBe(1)
  })

  test('three judged at once by three are all there', async () => {
    const env = await fresh()
    await Promise.all([1, 2, 3].map((number) => judge(env, number, 'passed', `by ${number}`)))
    const { criteria, version } = await env.ask('item.show', { id: 1 })
    expect(criteria.map((each) => each.evidence)).toEqual(['by 1', 'by 2', 'by 3'])
    expect(version).toBe(4)
  })
})
