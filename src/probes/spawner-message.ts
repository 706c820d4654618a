/** What a worker and its spawner tell each other: plain values, that JSON carries as they are. */

import type { ProgramEnd, ProgramRequest } from './program.ts'

/** `run` and `stop` are numbers of runs, given by the worker. */
export type ToSpawner =
  | ({ run: number } & Pick<ProgramRequest, 'argv' | 'cwd' | 'env' | 'timeoutMs'>)
  | { stop: number }

/** The first message says that it listens; before that it has run nothing. */
export type FromSpawner =
  | { ready: true }
  | { started: number; pid: number }
  | { ended: number; end: ProgramEnd }

/**
 * Sends what is said in one turn of the event loop as one message, a list: each wakes the other process up.
 * @param send  is handed a list that is not empty
 */
export function gather<T>(send: (messages: T[]) => void): (message: T) => void {
  let waiting: T[] = []
  const flush = (): void => {
    const messages = waiting
    waiting = []
    send(messages)
  }
  return (message) => {
    if (waiting.push(message) === 1) setImmediate(flush)
  }
}
