/** What a face hands to `call`, for tests: a clock that stands still until it is moved, and a short way to ask. */

import { toInstant, toMs } from '../../src/domain/instant.ts'
import { type OperationName, type Operations, operations } from '../../src/ops/index.ts'
import { type Answer, call, type Environment, type InputOf, type OutputOf } from '../../src/ops/operation.ts'
import type { Database } from '../../src/store/database.ts'

export interface TestEnvironment extends Environment {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Moves the clock forward, or back. */
  tick(ms: number): void
  /** One operation's answer. */
  ask<N extends OperationName>(name: N, input: InputOf<Operations[N]>): Promise<OutputOf<Operations[N]>>
  /** The same with the warnings. */
  answer<N extends OperationName>(
    name: N,
    input: InputOf<Operations[N]>,
  ): Promise<Answer<OutputOf<Operations[N]>>>
  /** The same clock and database for somebody else. */
  as(actor: string, more?: Partial<Environment>): TestEnvironment
}

export interface EnvironmentOptions extends Partial<Environment> {
  startAt?: string
}

/** When the clock of a test begins. */
export const startOfTest = '2026-02-05T07:46:15.000Z'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** A person at the machine, allowed everything. */
export function environmentOf(database: Database, options: EnvironmentOptions = {}): TestEnvironment {
  const { startAt = startOfTest, ...rest } = options
  const clock = { ms: toMs(startAt) }
  let tokens = 0
  const newToken = async () => `token-${++tokens}`
  return at(clock, { database, actor: 'human:max', trust: 'local', permissions: 'all', newToken, ...rest })
}

function at(clock: { ms: number }, given: Omit<Environment, 'now'>): TestEnvironment {
  const env: TestEnvironment = {
    now: () => toInstant(clock.ms),
    ...given,
    nowMs: () => clock.ms,
    tick: (ms) => {
      clock.ms += ms
    },
    // Each answer is also held to the schema that documents it.
    async answer(name, input) {
      const { data, warnings } = await call(operations[name], input, env)
      return { data: operations[name].output().parse(data) as never, warnings }
    },
    ask: async (name, input) => (await env.answer(name, input)).data,
    as: (actor, more = {}) => at(clock, { ...given, actor, ...more }),
  }
  return env
}
