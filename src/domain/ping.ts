/** What a job reports of itself. Pure, and apart from the schedules: every command knows these words. */

import type { CheckResult } from './observation.ts'

/** What a target reports: that it ended well, began, or failed; or the exit status it ended with, 0–255. */
export type Ping = 'success' | 'start' | 'fail' | number

/** @returns undefined for what is no `start`, `success`, `fail` or exit status */
export function readPing(word: string): Ping | undefined {
  if (word === 'success' || word === 'start' || word === 'fail') return word
  const status = /^\d{1,3}$/.test(word) ? Number(word) : 256
  return status <= 255 ? status : undefined
}

/** What a report says of the target; undefined: a start says nothing yet. */
export function pingResult(ping: Ping): CheckResult | undefined {
  if (ping === 'start') return undefined
  return ping === 'success' || ping === 0 ? 'up' : 'down'
}
