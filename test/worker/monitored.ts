/** A worker whose probe answers what the test says, on a clock that the test moves. */

import type { CheckPlan } from '../../src/domain/health-check.ts'
import type { Observation } from '../../src/domain/observation.ts'
import type { CheckedItem } from '../../src/ops/operation.ts'
import type { Database } from '../../src/store/database.ts'
import type { ProbeDoor } from '../../src/worker/run-check.ts'
import { createWorker, type Worker, type WorkerOptions } from '../../src/worker/worker.ts'
import { environmentOf, type TestEnvironment } from '../helpers/environment.ts'

export const up: Observation = { durationMs: 12, status: 200, body: 'ok' }
export const down: Observation = { durationMs: 34, status: 503, body: 'out of order' }
export const unknown: Observation = {
  durationMs: 0,
  fault: { code: 'EMFILE', message: 'too many open files', of: 'runner' },
}

/**
 * One failed run is down, one good run is up; one attempt a run. The minute is that of the start of a test, so that
 * each hour on the clock brings one run.
 */
export const hourly = { type: 'http', url: 'http://127.0.0.1:1/', frequency: 'cron:46 * * * *', retries: 0 }

export interface Target {
  /** What the next attempts see. */
  answer: Observation | ((plan: CheckPlan) => Observation | Promise<Observation>)
  probed: CheckPlan[]
  pauses: number[]
}

export interface Monitored {
  env: TestEnvironment
  target: Target
  worker: Worker
  /** Another process on the same database, clock and target. */
  another(options: Partial<WorkerOptions> & { signal?: AbortSignal }): Worker
  /** A live item with a check that is due now. */
  live(check?: Record<string, unknown>, more?: Record<string, unknown>): Promise<number>
  /** One pass; the answers by item. */
  due(): ReturnType<Worker['checkDue']>
  /** Moves the clock and makes one pass with that answer. */
  after(ms: number, answer: Target['answer']): ReturnType<Worker['checkDue']>
  actions(id: number): Promise<string[]>
  /** What is due is leased and begun; each resolves when it is recorded. */
  begin(worker: Worker): Promise<Promise<CheckedItem>[]>
}

export function monitored(database: Database, given?: TestEnvironment): Monitored {
  const env = given ?? environmentOf(database)
  const target: Target = { answer: up, probed: [], pauses: [] }
  const doorOf = (signal?: AbortSignal): ProbeDoor => ({
    probe: async (plan) => {
      target.probed.push(plan)
      return typeof target.answer === 'function' ? target.answer(plan) : target.answer
    },
    context: { root: '/', env: {}, elapsedMs: env.nowMs, now: env.now, ...(signal ? { signal } : {}) },
    pause: async (ms) => {
      target.pauses.push(ms)
      env.tick(ms)
    },
  })
  const another: Monitored['another'] = ({ signal, ...options }) =>
    createWorker({ database, now: env.now, door: doorOf(signal), owner: 'other', ...options })
  const worker = another({ owner: 'worker-1' })
  env.worker = worker
  const due = () => worker.checkDue({ dryRun: false })
  return {
    env,
    target,
    worker,
    another,
    due,
    async live(check = hourly, more = {}) {
      const { id } = await env.ask('item.create', { title: 'Extractor', healthCheck: check, ...more })
      await env.ask('item.move', { id, to: 'live' })
      return id
    },
    after(ms, answer) {
      env.tick(ms)
      target.answer = answer
      return due()
    },
    async begin(by) {
      const { runs } = await by.turn({ ended: [], lease: { limit: 1000, dueByMs: env.nowMs() } })
      return runs.map(async (run) => {
        const ended = await by.execute(run)
        return (await by.turn({ ended: [ended], lease: null })).checked[0]!
      })
    },
    actions: async (id) =>
      (await env.ask('activity.list', { item: id })).entries.map((entry) => entry.action).toReversed(),
  }
}

/** What became of incidents in a pass, by item. */
export const changes = async (runs: ReturnType<Worker['checkDue']>) =>
  Object.fromEntries((await runs).map((run) => [run.itemId, run.incident?.change ?? null]))

/** What is below an item, the oldest first. */
export const incidents = async ({ env }: Monitored, id: number) =>
  (await env.ask('item.list', { parent: id, sort: 'id' })).items

export const stageOf = async ({ env }: Monitored, id: number) => (await env.ask('item.show', { id })).stage
