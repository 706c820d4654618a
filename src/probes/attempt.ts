/** One attempt at something that ends by an event: its clock, its time limit and its end, whichever comes first. */

import type { CheckPlan } from '../domain/health-check.ts'
import type { Observation } from '../domain/observation.ts'
import { stopped, watchDeadline } from './deadline.ts'
import { errorText, notRun, runnerFault } from './faults.ts'
import type { ProbeContext } from './probe.ts'

type Seen = Omit<Observation, 'durationMs'>

/**
 * @param begin  starts the attempt, tells what was seen (the first time counts), and returns what lets go of it;
 *               that is called once, however the attempt ends
 */
export function attempt(
  { timeoutMs }: Pick<CheckPlan, 'timeoutMs'>,
  { elapsedMs, signal }: Pick<ProbeContext, 'elapsedMs' | 'signal'>,
  begin: (settle: (seen: Seen) => void) => () => void,
): Promise<Observation> {
  if (signal?.aborted) return Promise.resolve(notRun(stopped))
  return new Promise((resolve) => {
    const startedMs = elapsedMs()
    let over = false
    let letGo: (() => void) | undefined
    const settle = (seen: Seen) => {
      if (over) return
      over = true
      endWatch()
      resolve({ durationMs: elapsedMs() - startedMs, ...seen })
      letGo?.()
    }
    const endWatch = watchDeadline(timeoutMs, signal, (cut) =>
      settle(cut === 'timeout' ? { timedOut: true } : { fault: stopped }),
    )
    try {
      letGo = begin(settle)
      if (over) letGo()
    } catch (error) {
      settle({ fault: runnerFault('probe-failed', `the probe failed: ${errorText(error)}`) })
    }
  })
}
