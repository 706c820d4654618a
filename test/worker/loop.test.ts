import { describe, expect, test } from 'vitest'
import { toInstant } from '../../src/domain/instant.ts'
import type { CheckedItem } from '../../src/ops/operation.ts'
import { runLoop } from '../../src/worker/loop.ts'
import type { Worker } from '../../src/worker/worker.ts'
import { engines } from '../helpers/engines.ts'
import { minute, second } from '../helpers/environment.ts'
import { hourly, monitored, up } from './monitored.ts'

const often = { ...hourly, frequency: '5s', retryInterval: '1s', timeout: '1s' }

describe.each(engines)('the loop on $engine', ({ freshDatabase }) => {
  test('runs what falls due for as long as it is not stopped, and wakes in time', async () => {
    const m = monitored(await freshDatabase())
    await m.live(often)
    const stop = new AbortController()
    const ran: CheckedItem[] = []
    const startMs = m.env.nowMs()
    const at: number[] = []
    await runLoop({
      worker: m.worker,
      now: m.env.now,
      signal: stop.signal,
      async pause(ms) {
        expect(ms).toBeGreaterThan(0)
        expect(ms).toBeLessThanOrEqual(second)
        m.env.tick(ms)
        // As long as a run is under way the next is not due: let it be recorded.
        while (ran.length < m.target.probed.length) await new Promise((done) => setImmediate(done))
        if (m.env.nowMs() - startMs > minute) stop.abort()
      },
      onRun(run) {
        ran.push(run)
        at.push(m.env.nowMs() - startMs)
      },
    })
    expect(ran).toHaveLength(13)
    expect(ran.every((run) => run.stored && run.result === 'up')).toBe(true)
  })

  test('stopped, it waits for what is under way, drops it, and gives it back', async () => {
    const m = monitored(await freshDatabase())
    const id = await m.live()
    const stop = new AbortController()
    const worker = m.another({ owner: 'loop', signal: stop.signal })
    m.target.answer = () =>
      new Promise((resolve) =>
        stop.signal.addEventListener('abort', () => resolve({ ...up, timedOut: true })),
      )
    const ran: CheckedItem[] = []
    await runLoop({
      worker,
      now: m.env.now,
      signal: stop.signal,
      async pause() {
        while (m.target.probed.length === 0) await new Promise((done) => setImmediate(done))
        stop.abort()
      },
      onRun: (run) => void ran.push(run),
    })
    expect(ran).toMatchObject([{ itemId: id, stored: false }])
    expect((await m.env.ask('item.show', { id })).runs).toEqual([])
    m.target.answer = up
    expect(await m.due()).toMatchObject([{ itemId: id, result: 'up', stored: true }])
  })

  test('stopped before it began, it runs nothing', async () => {
    const m = monitored(await freshDatabase())
    await m.live()
    const stop = new AbortController()
    stop.abort()
    await runLoop({ worker: m.worker, now: m.env.now, signal: stop.signal, pause: async () => undefined })
    expect(m.target.probed).toEqual([])
  })
})

test('passes that fail come ever more rarely; the first that works is told', async () => {
  const stop = new AbortController()
  let passes = 0
  const worker = {
    start: async () => [],
    async nextDueMs() {
      if (++passes <= 6) throw new Error('no database')
      return undefined
    },
    giveBack: async () => undefined,
  } as unknown as Worker
  const waits: number[] = []
  let recovered = 0
  await runLoop({
    worker,
    now: () => toInstant(0),
    async pause(ms) {
      waits.push(ms)
      if (recovered > 0 && waits.length === 8) stop.abort()
    },
    signal: stop.signal,
    onRecovered: () => void recovered++,
  })
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 1000, 1000])
  expect(recovered).toBe(1)
})

test('a pass, a run or a report that fails is told, and the loop goes on', async () => {
  const stop = new AbortController()
  const errors: unknown[] = []
  let passes = 0
  const run = (message: string) => Promise.reject(new Error(message))
  const worker: Worker = {
    async start() {
      passes++
      if (passes === 1) throw new Error('no database')
      if (passes === 2) return [run('not stored'), Promise.resolve({} as CheckedItem)]
      stop.abort()
      return []
    },
    nextDueMs: async () => 0,
    giveBack: () => run('not given back'),
    checkDue: async () => [],
    checkItem: () => run('unused'),
  }
  await runLoop({
    worker,
    now: () => toInstant(0),
    pause: async () => undefined,
    signal: stop.signal,
    onRun() {
      throw new Error('no ear')
    },
    onError: (error) => void errors.push((error as Error).message),
  })
  expect(passes).toBe(3)
  expect(errors.sort()).toEqual(['no database', 'no ear', 'not given back', 'not stored'])
})
