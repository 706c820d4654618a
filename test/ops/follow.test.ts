/** What is new in the log since a place in it. */

import { describe, expect, test } from 'vitest'
import { advance, type LogCursor } from '../../src/domain/log-cursor.ts'
import { activityFollow } from '../../src/ops/activity-follow.ts'
import { call } from '../../src/ops/operation.ts'
import { appendEntry } from '../../src/store/activity.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, startOfTest } from '../helpers/environment.ts'

const entry = (action: string) => ({ at: startOfTest, itemId: 7, actor: 'human:max', source: null, action })

describe.each(engines)('following the log on $engine', ({ freshDatabase }) => {
  const fresh = async (count: number) => {
    const env = environmentOf(await freshDatabase())
    await env.database.write(async (q) => {
      for (let n = 1; n <= count; n += 1) await appendEntry(q, entry(`n${n}`))
    })
    const follow = async (after: LogCursor | null, joining: LogCursor[] = [], limit = 100) => {
      const { data } = await call(activityFollow, { after, limit, joining, joiningLimit: 3 }, env)
      return activityFollow.output().parse(data)
    }
    return { env, follow }
  }
  const ids = (entries: { id: number }[]) => entries.map(({ id }) => id)

  test('what is above the place and in its gaps comes, the lowest id first, so many at the most', async () => {
    const { follow } = await fresh(10)
    const place = advance({ last: 0, gaps: [] }, [1, 3, 6, 8], 0)
    expect(ids((await follow(place)).entries)).toEqual([2, 4, 5, 7, 9, 10])
    const cut = await follow(place, [{ last: 9, gaps: [] }], 2)
    expect(cut).toMatchObject({ ids: [2, 4], joining: null })
  })

  test('without a place it begins now, and says which ids are there', async () => {
    const { follow } = await fresh(5)
    expect(await follow(null)).toMatchObject({ entries: [], ids: [1, 2, 3, 4, 5], start: 0 })
    expect(await (await fresh(0)).follow(null)).toMatchObject({ entries: [], ids: [], start: 0 })
  })

  test('others are told from their own places, up to their limit', async () => {
    const { follow } = await fresh(6)
    const { joining } = await follow({ last: 6, gaps: [] }, [
      { last: 5, gaps: [] },
      { last: 6, gaps: [] },
      { last: 0, gaps: [] },
    ])
    expect(joining!.map(ids)).toEqual([[6], [], [1, 2, 3]])
  })

  test('an entry is as the log tells it', async () => {
    const { env, follow } = await fresh(0)
    await env.ask('item.create', { title: 'one' })
    await env.ask('item.note', { id: 1, text: 'a note', type: 'decision' })
    const { entries } = await env.ask('activity.list', {})
    expect((await follow({ last: 0, gaps: [] })).entries).toEqual(entries.toReversed())
  })
})
