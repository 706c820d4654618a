/** Routes that change something: with the version that If-Match asks for, and once where a key is given. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { TrackerError } from '../../errors.ts'
import { fieldsOf } from '../../ops/input.ts'
import { type Answer, type AnyOperation, call, type Environment } from '../../ops/operation.ts'
import { isVersioned, versionWanted, writeTag } from './conditional.ts'
import { base, bodyOf, environment, type FaceOptions, inputOf } from './face.ts'
import { type Keys, withKey } from './idempotency.ts'
import { Refusal } from './refusal.ts'
import { json, send } from './reply.ts'

export interface Writing {
  op: AnyOperation
  status: number
  /** Where what it makes can be read: `/items`, say. */
  readAt: string | undefined
}

export function writer({ op, status, readAt }: Writing, options: FaceOptions, keys: Keys) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { replayed, ...answer } = await changed(op, request, options, keys)
    const headers: Record<string, string> = {}
    const tag = writeTag(answer.data)
    if (tag) headers.etag = tag
    if (replayed) headers['idempotency-replayed'] = 'true'
    if (status === 201 && readAt !== undefined && isVersioned(answer.data))
      headers.location = `${base}${readAt}/${answer.data.id}`
    return send(reply, { status, type: json, body: bodyOf(answer), headers })
  }
}

async function changed(
  op: AnyOperation,
  request: FastifyRequest,
  options: FaceOptions,
  keys: Keys,
): Promise<Answer<unknown>> {
  const env = environment(request, options)
  const ifMatch = request.headers['if-match']
  const given = inputOf(op, request)
  const raw = ifMatch === undefined ? given : withVersion(op, given, ifMatch)
  const run = (more: Partial<Environment>) => call(op, raw, { ...env, ...more })
  try {
    return await withKey(request, { op, raw, actor: env.actor }, keys, run)
  } catch (error) {
    throw ifMatch !== undefined && isAbout(error, 'ifMatch')
      ? new Refusal(412, error.kind, error.message, { hint: error.hint })
      : error
  }
}

function withVersion(
  op: AnyOperation,
  raw: Record<string, unknown>,
  header: string,
): Record<string, unknown> {
  if (!('ifMatch' in fieldsOf(op))) {
    throw new TrackerError('invalid', `${op.name} does not depend on a version`, {
      hint: 'leave the header If-Match out',
    })
  }
  const ifMatch = versionWanted(header)
  if (ifMatch === undefined) return raw
  if (raw.ifMatch !== undefined && raw.ifMatch !== ifMatch) {
    throw new TrackerError('invalid', 'If-Match and ifMatch ask for two versions')
  }
  return { ...raw, ifMatch }
}

/** The item has moved on from the version asked for; any other conflict stands also at that version. */
const isAbout = (error: unknown, name: string): error is TrackerError =>
  error instanceof TrackerError &&
  error.kind === 'conflict' &&
  error.failures.some(({ field }) => field === name)
