import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { environmentOf, minute } from '../helpers/environment.ts'
import { down, hourly, monitored, up } from './monitored.ts'

describe.each(engines)('leases on $engine', ({ freshDatabase, freshUrl }) => {
  const fresh = async () => monitored(await freshDatabase())
  const health = async ({ env }: Awaited<ReturnType<typeof fresh>>, id: number) =>
    (await env.ask('item.show', { id })).health!

  test('of two that ask at once, one runs what is due', async () => {
    const url = await freshUrl()
    const one = monitored(await openTest(url))
    for (let n = 0; n < 5; n++) await one.live()
    const other = monitored(await openTest(url), environmentOf(await openTest(url)))
    const [a, b] = await Promise.all([one.due(), other.due()])
    expect(a.length + b.length).toBe(5)
    expect(one.target.probed.length + other.target.probed.length).toBe(5)
  })

  test('a check that another one holds is left alone, also by check ID, until the lease ends', async () => {
    const m = await fresh()
    const id = await m.live()
    const never = new Promise<never>(() => {})
    m.target.answer = () => never
    await m.begin(m.another({ owner: 'hung' }))
    m.target.answer = up
    expect(await m.due()).toEqual([])
    await expect(m.env.ask('check.run', { id })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('is being run by another worker'),
    })
    expect(await m.worker.nextDueMs()).toBeUndefined()
    m.env.tick(30 * minute)
    expect(await m.due()).toHaveLength(1)
  })

  test('one pass that is told to stop gives back what it runs, and ends', async () => {
    const m = await fresh()
    const id = await m.live()
    const stop = new AbortController()
    const worker = m.another({ owner: 'stopped', signal: stop.signal })
    m.target.answer = () => {
      stop.abort()
      return { ...up, timedOut: true }
    }
    expect(await worker.checkDue({ dryRun: false })).toMatchObject([{ itemId: id, stored: false }])
    expect(m.target.probed).toHaveLength(1)
    m.target.answer = up
    expect(await m.due()).toMatchObject([{ itemId: id, result: 'up' }])
  })

  test('a result that comes after the lease was lost is dropped', async () => {
    const m = await fresh()
    const id = await m.live()
    let answer = (_: typeof down): void => {}
    m.target.answer = () => new Promise((resolve) => (answer = resolve))
    const [late] = await m.begin(m.another({ owner: 'slow' }))
    await expect.poll(() => m.target.probed.length).toBe(1)
    await m.after(30 * minute, up)
    m.target.answer = down
    answer(down)
    expect(await late).toMatchObject({ result: 'down', stored: false, state: null, incident: null })
    const item = await m.env.ask('item.show', { id })
    expect(item.health?.state).toBe('up')
    expect(item.runs).toHaveLength(1)
    expect(item.children).toEqual([])
  })

  test('a result that comes late, but while nobody else has asked, counts', async () => {
    const m = await fresh()
    await m.live()
    m.target.answer = () => {
      m.env.tick(30 * minute)
      return up
    }
    expect(await m.due()).toMatchObject([{ stored: true }])
  })

  test('a result of a check that was edited, or of an item that left live meanwhile, is dropped', async () => {
    const m = await fresh()
    const edited = await m.live()
    const left = await m.live()
    const deleted = await m.live()
    m.target.answer = async () => {
      await m.env.ask('item.update', { id: edited, healthCheck: { ...hourly, method: 'HEAD' } })
      await m.env.ask('item.move', { id: left, to: 'qa' })
      await m.env.ask('item.delete', { id: deleted, yes: true }).catch(() => undefined)
      return down
    }
    const runs = await m.begin(m.another({ owner: 'one' }))
    for (const run of await Promise.all(runs)) expect(run).toMatchObject({ stored: false, incident: null })
    expect((await m.env.ask('item.list', { type: 'incident' })).items).toEqual([])
    expect(await health(m, left)).toMatchObject({ state: 'unknown', nextRunAt: null })
    expect(await health(m, edited)).toMatchObject({ state: 'unknown', nextRunAt: m.env.now() })
  })

  test('what is given back is due at once, and its result no longer counts', async () => {
    const m = await fresh()
    await m.live()
    let answer = (_: typeof down): void => {}
    m.target.answer = () => new Promise((resolve) => (answer = resolve))
    const slow = m.another({ owner: 'slow' })
    const [run] = await m.begin(slow)
    await expect.poll(() => m.target.probed.length).toBe(1)
    await slow.giveBack()
    answer(down)
    expect(await run).toMatchObject({ stored: false })
    m.target.answer = up
    expect(await m.due()).toMatchObject([{ result: 'up', stored: true }])
  })

  test('only the label that is asked for is leased', async () => {
    const m = await fresh()
    await m.live({ ...hourly, runner: 'eu-west' })
    expect(await m.due()).toEqual([])
    expect(await m.worker.nextDueMs()).toBeUndefined()
    const away = m.another({ owner: 'away', runner: 'eu-west' })
    expect(await away.nextDueMs()).toBe(m.env.nowMs())
    expect(await away.checkDue({ dryRun: false })).toHaveLength(1)
  })
})
