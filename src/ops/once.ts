/** A change with a key: done once, answered as often as it is asked for within a day. */

import { type Instant, toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from '../store/database.ts'
import { claimKey, findKey, keepAnswer, pruneKeys } from '../store/idempotency.ts'
import type { Answer, Once } from './operation.ts'

const keptMs = 24 * 60 * 60 * 1000

/** Characters: of a longer answer it is known only that it was given. */
const answerMax = 64 * 1024

/** Old keys that one change takes away: more than it makes. */
const pruned = 20

/**
 * In the transaction of the change: the key is stored with it or not at all. Where the same key is under way in
 * another process this waits for its end.
 * @throws TrackerError `conflict` when the key came with another request, or its answer was too long to be kept
 */
export async function runOnce(
  q: Queries,
  { key, fingerprint }: Once,
  now: Instant,
  work: () => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const nowMs = toMs(now)
  if (!(await claimKey(q, key, fingerprint, nowMs, nowMs - keptMs))) return answerAgain(q, key, fingerprint)
  const { data, warnings } = await work()
  const answer = JSON.stringify({ data, warnings })
  if (answer.length <= answerMax) await keepAnswer(q, key, answer)
  await pruneKeys(q, nowMs - keptMs, pruned)
  return { data, warnings }
}

async function answerAgain(q: Queries, key: string, fingerprint: string): Promise<Answer<unknown>> {
  const found = await findKey(q, key)
  if (found?.fingerprint !== fingerprint) {
    const message = 'this key was used for another request'
    throw new TrackerError('conflict', message, {
      hint: 'take a new key for each change',
      failures: [{ field: 'idempotencyKey', message }],
    })
  }
  if (found.answer === null) {
    throw new TrackerError('conflict', 'this was done already, and its answer was too long to be kept', {
      hint: 'read what was changed',
    })
  }
  return { ...(JSON.parse(found.answer) as Answer<unknown>), replayed: true }
}
