import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { toInstant } from '../../src/domain/instant.ts'
import type { LeasedRun } from '../../src/ops/lease-runs.ts'
import type { CheckedItem } from '../../src/ops/operation.ts'
import { type LoopOptions, runLoop } from '../../src/worker/loop.ts'
import type { Ended, Turn, TurnRequest } from '../../src/worker/worker.ts'
import { engines } from '../helpers/engines.ts'
import { day, minute, second } from '../helpers/environment.ts'
import { down, hourly, type Monitored, monitored, up } from './monitored.ts'

const often = { ...hourly, frequency: '20s', retryInterval: '1s', timeout: '1s' }

/** Lets what is under way go on, as a real pause does. */
const breathe = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await new Promise((done) => setImmediate(done))
}

interface Watch {
  ran: CheckedItem[]
  requests: TurnRequest[]
}

/** The loop on the clock of a test, for so long; `meanwhile` is called in each pause. */
async function watched(
  m: Monitored,
  forMs: number,
  meanwhile: (pauses: number) => Promise<void> | void = () => {},
  options: Partial<LoopOptions> = {},
): Promise<Watch> {
  const stop = new AbortController()
  const watch: Watch = { ran: [], requests: [] }
  const endMs = m.env.nowMs() + forMs
  let pauses = 0
  await runLoop({
    worker: {
      ...m.worker,
      turn: (request) => {
        watch.requests.push(request)
        return m.worker.turn(request)
      },
    },
    now: m.env.now,
    signal: stop.signal,
    async pause(ms, signal) {
      await breathe()
      if (!signal?.aborted) m.env.tick(ms)
      await meanwhile(++pauses)
      if (m.env.nowMs() >= endMs) stop.abort()
    },
    onRun: (run) => void watch.ran.push(run),
    onError: (error) => {
      throw error
    },
    ...options,
  })
  return watch
}

const startsOf = async ({ env }: Monitored, id: number): Promise<number[]> =>
  (await env.ask('item.show', { id })).runs.map((run) => Date.parse(run.at)).toReversed()

describe.each(engines)('the loop on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())

  test('runs what falls due for as long as it is not stopped, each at its instant', async () => {
    const m = await fresh()
    const id = await m.live({ ...often, jitter: 0 })
    const startMs = m.env.nowMs()
    const { ran } = await watched(m, minute + 15 * second)
    expect(ran.every((run) => run.stored && run.result === 'up')).toBe(true)
    const [first, second_, ...rest] = await startsOf(m, id)
    expect(first).toBe(startMs)
    expect(rest.length).toBeGreaterThanOrEqual(2)
    for (const [index, at] of [second_!, ...rest].entries()) expect(at - second_!).toBe(index * 20 * second)
  })

  test('a hundred checks cost a few commits: results are stored together', async () => {
    const m = await fresh()
    for (let n = 0; n < 100; n++) await m.live(often)
    const { ran, requests } = await watched(m, minute)
    expect(ran.length).toBeGreaterThan(250)
    expect(requests.length).toBeLessThan(40)
  }, 60_000)

  test('what is down is stored at once, and does not wait for others', async () => {
    const m = await fresh()
    await m.live({ ...often, failureThreshold: 1 })
    m.target.answer = down
    const startMs = m.env.nowMs()
    let openedMs: number | undefined
    await watched(m, 10 * second, undefined, {
      onRun: ({ incident }) => {
        if (incident) openedMs = m.env.nowMs()
      },
    })
    expect(openedMs! - startMs).toBeLessThan(second)
  })

  test('a check that went live while it slept is begun within a second', async () => {
    const m = await fresh()
    let liveMs = 0
    let id = 0
    await watched(m, 5 * second, async (pauses) => {
      if (pauses > 1) return
      id = await m.live(often)
      liveMs = m.env.nowMs()
    })
    const [first] = await startsOf(m, id)
    expect(first! - liveMs).toBeLessThanOrEqual(second)
  })

  test('no more at once than it has places for', async () => {
    const m = await fresh()
    for (let n = 0; n < 12; n++) await m.live(often)
    let underWay = 0
    let most = 0
    const open: (() => void)[] = []
    m.target.answer = () =>
      new Promise((resolve) => {
        most = Math.max(most, ++underWay)
        open.push(() => {
          underWay--
          resolve(up)
        })
      })
    const { ran } = await watched(m, 40 * second, () => open.shift()?.(), {
      worker: m.another({ owner: 'few', concurrency: 3 }),
    })
    expect(most).toBe(3)
    expect(new Set(ran.map((run) => run.itemId)).size).toBe(12)
    for (const each of open) each()
  }, 30_000)

  test('stopped, it waits for what is under way, drops it, and gives it back', async () => {
    const m = await fresh()
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
    const m = await fresh()
    await m.live()
    const stop = new AbortController()
    stop.abort()
    await runLoop({ worker: m.worker, now: m.env.now, signal: stop.signal, pause: async () => undefined })
    expect(m.target.probed).toEqual([])
  })

  describe('first runs after a start or a wake are spread', () => {
    const count = 60

    /** How many runs begin in each second of what follows. */
    async function seconds(m: Monitored, forMs: number): Promise<number[]> {
      const startMs = m.env.nowMs()
      const begun = new Map<number, number>()
      m.target.answer = () => {
        const at = Math.floor((m.env.nowMs() - startMs) / second)
        begun.set(at, (begun.get(at) ?? 0) + 1)
        return up
      }
      await watched(m, forMs)
      return Array.from({ length: forMs / second }, (_, at) => begun.get(at) ?? 0)
    }

    test('all within one interval, and the busiest second has at most twice the mean and the five at once', async () => {
      const m = await fresh()
      for (let n = 0; n < count; n++) await m.live(often)
      const begun = await seconds(m, 22 * second)
      expect(begun.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(count)
      expect(Math.max(...begun)).toBeLessThanOrEqual((2 * count) / 20 + 5)
    }, 60_000)

    test.each(['skip', 'run_once'] as const)(
      'missedRun %s holds for a handful of checks, too',
      async (missedRun) => {
        const m = await fresh()
        await m.live({ ...often, frequency: 'cron:46 * * * *', missedRun })
        await m.due()
        m.env.tick(day + minute)
        const wake = { limit: 100, dueByMs: m.env.nowMs(), wake: true }
        const { runs } = await m.worker.turn({ ended: [], lease: wake })
        expect(runs).toHaveLength(missedRun === 'skip' ? 0 : 1)
      },
    )

    test('after a sleep of a minute too, and the time slept is written as unknown', async () => {
      const m = await fresh()
      for (let n = 0; n < count; n++) await m.live(often)
      const startMs = m.env.nowMs()
      let wokeMs = 0
      const begun = new Map<number, number>()
      m.target.answer = () => {
        const at = Math.floor((m.env.nowMs() - wokeMs) / second)
        if (wokeMs > 0) begun.set(at, (begun.get(at) ?? 0) + 1)
        return up
      }
      await watched(m, 145 * second, () => {
        if (wokeMs > 0 || m.env.nowMs() < startMs + minute) return
        m.env.tick(minute)
        wokeMs = m.env.nowMs()
      })
      expect(begun.size).toBeGreaterThan(15)
      expect(Math.max(...begun.values())).toBeLessThanOrEqual((2 * count) / 20 + 5)
      const states = await m.env.database.read((q) =>
        q.all<{ state: string; at: number }>(
          sql`SELECT state, at_ms AS at FROM pipeline_states WHERE item_id = 1 ORDER BY at_ms`,
        ),
      )
      expect(states.map((each) => each.state)).toEqual(['up', 'unknown', 'up'])
      expect(states[2]!.at - states[1]!.at).toBeGreaterThan(20 * second)
    }, 60_000)
  })
})

/** A worker that is a few functions. */
const worker = (more: Partial<LoopOptions['worker']>): LoopOptions['worker'] => ({
  concurrency: 5,
  turn: async () => ({ checked: [], runs: [], nextDueMs: undefined }),
  execute: async (leased) => endedOf(leased),
  nextDueMs: async () => undefined,
  giveBack: async () => undefined,
  ...more,
})

const leased = (itemId: number): LeasedRun => ({
  itemId,
  title: 't',
  healthCheck: '{}',
  epoch: 1,
  approved: true,
  dueAtMs: 0,
  pingedMs: null,
  begunMs: null,
  leaseUntilMs: 60_000,
})

const endedOf = (run: LeasedRun): Ended => ({
  leased: run,
  stopped: false,
  report: {
    itemId: run.itemId,
    epoch: 1,
    result: 'down',
    summary: '',
    condition: '',
    evidence: '',
    perfdata: null,
    startedMs: 0,
    durationMs: 1,
    attempts: 1,
  },
})

test('turns that fail come ever more rarely; the first that works is told', async () => {
  const stop = new AbortController()
  let asked = 0
  const waits: number[] = []
  let recovered = 0
  let nowMs = 0
  await runLoop({
    worker: worker({
      async nextDueMs() {
        if (++asked <= 6) throw new Error('no database')
        return undefined
      },
    }),
    now: () => toInstant(nowMs),
    async pause(ms) {
      waits.push(ms)
      nowMs += ms
      if (recovered > 0 && waits.length === 8) stop.abort()
    },
    signal: stop.signal,
    onRecovered: () => void recovered++,
  })
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 1000, 1000])
  expect(recovered).toBe(1)
})

test('a turn, a run or a report that fails is told, and the loop goes on; one result costs no other', async () => {
  const stop = new AbortController()
  const errors: string[] = []
  let nowMs = 0
  let turns = 0
  await runLoop({
    worker: worker({
      async turn({ ended }): Promise<Turn> {
        turns++
        if (turns === 1) throw new Error('no database')
        if (turns === 2) return { checked: [], runs: [leased(1), leased(2), leased(3)], nextDueMs: undefined }
        if (ended.some((each) => each.report.itemId === 2)) throw new Error('not stored')
        return { checked: ended.map(() => ({}) as CheckedItem), runs: [], nextDueMs: undefined }
      },
      async execute(run) {
        if (run.itemId === 1) throw new Error('not run')
        return endedOf(run)
      },
      giveBack: () => Promise.reject(new Error('not given back')),
    }),
    now: () => toInstant(nowMs),
    async pause(ms) {
      await breathe()
      nowMs += ms
      if (nowMs > 10_000) stop.abort()
    },
    signal: stop.signal,
    onRun() {
      throw new Error('no ear')
    },
    onError: (error) => void errors.push((error as Error).message),
  })
  expect(errors).toEqual(['no database', 'not run', 'not stored', 'no ear', 'not given back'])
})
