/** A clock that is set back by a day, between one command and the next: what is stored later still counts as later. */

import { describe, expect, test } from 'vitest'
import { places, type Ran, sure } from '../helpers/cli.ts'
import { freshWebsite } from '../helpers/cli-website.ts'

const first = '2026-02-05T12:00:00.000Z'
const earlier = '2026-02-04T12:00:00.000Z'

describe.each(places)('a clock set back on $engine', ({ freshPlace }) => {
  async function twoClocks() {
    const place = await freshPlace()
    const at =
      (now: string) =>
      (...words: string[]): Promise<Ran> =>
        sure(place)(words, { env: { PIPELINE_NOW: now } })
    return { ahead: at(first), back: at(earlier), twoMinutesLater: at('2026-02-04T12:02:00.000Z') }
  }

  test('moves, notes and the log stay in the order in which they were made', async () => {
    const { ahead, back } = await twoClocks()
    await ahead('create', 'Old')
    await ahead('move', '1', 'spec')
    await ahead('note', '1', 'first')
    await ahead('block', '1', '--reason', 'for a day')
    await back('note', '1', 'second')
    await back('unblock', '1')
    await back('move', '1', 'spec-review')
    const item = (await back('show', '1', '--json')).json()
    expect(item).toMatchObject({ stage: 'spec-review', blocked: null, version: 5, updatedAt: earlier })
    expect(item.notes.map(({ note, at }: Record<string, string>) => [note, at])).toEqual([
      ['second', earlier],
      ['for a day', first],
      ['first', first],
    ])
    const { entries, nextCursor } = (await back('log', '--limit', '3', '--json')).json()
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(['moved', 'unblocked', 'noted'])
    const older = (await back('log', '--cursor', String(nextCursor), '--json')).json().entries
    expect(older.map(({ action }: { action: string }) => action)).toEqual([
      'blocked',
      'noted',
      'moved',
      'created',
    ])
    for (const { id } of older) expect(id).toBeLessThan(entries.at(-1).id)
  })

  test('lists and the board go by time, ages are never negative, and everything is sound', async () => {
    const { ahead, back } = await twoClocks()
    await ahead('create', 'Made first')
    await back('create', 'Made second, a day earlier')
    await back('create', 'Urgent', '--priority', '1')
    const { items } = (await back('list', '--json=id')).json()
    expect(items.map(({ id }: { id: number }) => id)).toEqual([3, 2, 1])
    const page = (await back('list', '--limit', '1', '--json')).json()
    const next = (await back('list', '--limit', '2', '--cursor', page.nextCursor, '--json=id')).json()
    expect(next.items).toEqual([{ id: 2 }, { id: 1 }])
    const board = await back('board')
    const lines = ['#3 ', '#2 ', '#1 '].map((id) => board.stdout.indexOf(id))
    expect(lines).toEqual(lines.toSorted((a, b) => a - b))
    for (const words of [['list'], ['show', '1'], ['board'], ['log']]) {
      const { stdout, stderr } = await back(...words)
      expect(stdout + stderr).not.toMatch(/ -\d|NaN|Invalid/)
    }
    expect((await back('doctor')).code).toBe(0)
  })

  test('no check falls silent, an incident of the later time is resolved, and the schedule goes on', async () => {
    const { ahead, back, twoMinutesLater } = await twoClocks()
    const site = await freshWebsite()
    const once = { retries: 0, failureThreshold: 1, successThreshold: 1 }
    const check = { type: 'http', url: site.url, frequency: '1m', ...once }
    await ahead('create', 'Watched', '--health-check', JSON.stringify(check))
    await ahead('move', '1', 'live')
    await site.stop()
    const [down] = (await ahead('check', '--due', '--json')).json().runs
    expect(down).toMatchObject({ result: 'down', incident: { id: 2, change: 'opened' } })
    await site.start()
    const [up] = (await back('check', '--due', '--json')).json().runs
    expect(up).toMatchObject({ result: 'up', incident: { id: 2, change: 'resolved' } })
    const incident = (await back('show', '2', '--json')).json()
    expect(incident).toMatchObject({ stage: 'done', createdAt: first, doneAt: earlier })
    const runs = (await back('show', '1', '--json=runs')).json().runs
    expect(runs.map(({ result }: { result: string }) => result)).toEqual(['down', 'up'])
    expect((await back('check', '--due', '--json')).json().runs).toEqual([])
    expect((await twoMinutesLater('check', '--due', '--json')).json().runs).toMatchObject([
      { itemId: 1, result: 'up' },
    ])
    expect((await twoMinutesLater('doctor')).code).toBe(0)
  })
})
