/**
 * The header Idempotency-Key: a request that is sent again, since its answer was lost, is answered again and not done
 * again. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */

import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../domain/actor.ts'
import { TrackerError } from '../../errors.ts'
import type { Answer, AnyOperation, Environment } from '../../ops/operation.ts'
import { Refusal } from './refusal.ts'

/** Keys whose first request is under way in this server. */
export type Keys = Set<string>

interface Asked {
  op: AnyOperation
  raw: Record<string, unknown>
  actor: Actor
}

/**
 * @param run with what it has to know of the key, if there is one
 * @throws TrackerError `invalid` for a key that can't be kept, `conflict` while the first request is under way;
 *   a refusal with 422 when the key came with another request
 */
export async function withKey(
  { headers }: FastifyRequest,
  { op, raw, actor }: Asked,
  keys: Keys,
  run: (more: Partial<Environment>) => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const header = headers['idempotency-key']
  if (header === undefined) return run({})
  const key = digest(actor, readKey(String(header)))
  const fingerprint = digest(op.name, JSON.stringify(raw))
  if (keys.has(key)) {
    throw new TrackerError('conflict', 'the first request with this Idempotency-Key is still under way', {
      hint: 'send it again in a moment',
    })
  }
  keys.add(key)
  try {
    return await run({ once: { key, fingerprint } })
  } catch (error) {
    throw isReused(error) ? new Refusal(422, 'invalid', error.message, { hint: error.hint }) : error
  } finally {
    keys.delete(key)
  }
}

function readKey(header: string): string {
  // The draft has a quoted string; most clients send it bare.
  const key = header.trim().replace(/^"(.*)"$/, '$1')
  if (/^[!-~]{1,255}$/.test(key)) return key
  throw new TrackerError('invalid', 'Idempotency-Key must be 1–255 visible ASCII characters', {
    hint: 'such as a new UUID for each change',
  })
}

/** Parts can't run into each other. */
const digest = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

const isReused = (error: unknown): error is TrackerError =>
  error instanceof TrackerError && error.failures.some(({ field }) => field === 'idempotencyKey')
