/** One run on a clock that the target moves: what a worker that stood still may say of it. */

import { expect, test } from 'vitest'
import { parseExpectation } from '../../src/domain/expectation.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { runCheck } from '../../src/worker/run-check.ts'
import { second } from '../helpers/environment.ts'
import { contextOf, planOf } from '../probes/plan.ts'
import { down, up } from './monitored.ts'

const plan = planOf({
  type: 'http',
  timeoutMs: 20 * second,
  retries: 1,
  retryIntervalMs: 10 * second,
  expect: [parseExpectation('status in 200..299')],
})

/** Each attempt, and each pause after it, takes so long. */
function run(attempts: [tookMs: number, seen: Observation][], pausedMs = plan.retryIntervalMs) {
  let nowMs = 0
  return runCheck(plan, {
    probe: async () => {
      const [tookMs, seen] = attempts.shift()!
      nowMs += tookMs
      return seen
    },
    context: contextOf({ elapsedMs: () => nowMs }),
    pause: async () => {
      nowMs += pausedMs
    },
  })
}

test('an attempt that is over a few seconds after its time was probed', async () => {
  const seen = { durationMs: 25 * second, timedOut: true }
  const outcome = await run([
    [25 * second, seen],
    [25 * second, seen],
  ])
  expect(outcome).toMatchObject({ verdict: { result: 'down' }, observation: seen, attempts: 2 })
  expect(outcome.stoodStill).toBeUndefined()
})

test.each([
  ['down', { durationMs: 26 * second, timedOut: true }],
  ['up', { ...up, durationMs: 26 * second }],
])('one that is over much later says nothing, and its time is not kept, were it %s', async (_, seen) => {
  expect(await run([[25 * second + 1, seen]])).toEqual({
    verdict: { result: 'unknown', summary: 'not run: the worker stood still during the check' },
    observation: { durationMs: 0, fault: expect.objectContaining({ of: 'runner' }) },
    attempts: 1,
    stoodStill: true,
  })
})

test('nor does a run that stood still between two attempts', async () => {
  const attempts: [number, Observation][] = [
    [34, down],
    [12, up],
  ]
  expect(await run([...attempts], 15 * second)).toMatchObject({ verdict: { result: 'up' }, attempts: 2 })
  expect(await run([...attempts], 15 * second + 1)).toMatchObject({
    verdict: { result: 'unknown' },
    attempts: 1,
    stoodStill: true,
  })
})
