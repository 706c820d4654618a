/** A request's body: JSON, an object, in UTF-8; nothing in it is repaired in silence. */

import type { FastifyInstance } from 'fastify'
import { TrackerError } from '../../errors.ts'
import { Refusal } from './refusal.ts'

/** Bytes. */
export const bodyMax = 2 * 1024 * 1024

/** Objects within objects: more than any field holds, less than a stack does. */
const depthMax = 100

const utf8 = new TextDecoder('utf-8', { fatal: true })

export function readJsonBodies(app: FastifyInstance): void {
  // Refuses `__proto__` and `constructor.prototype`.
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: bodyMax },
    (request, bytes, done) => {
      if (bytes.length === 0) return done(null, undefined)
      requirePlain(request.headers['content-encoding'])
      requireUtf8(request.headers['content-type'])
      parse(request, decoded(bytes as Buffer), (error, value) => {
        if (error) return done(malformed(error.message))
        try {
          done(null, requireObject(value))
        } catch (refused) {
          done(refused as Error)
        }
      })
    },
  )
}

const malformed = (why: string): TrackerError =>
  new TrackerError('invalid', `the body is not valid JSON: ${why.slice(0, 200)}`)

function requirePlain(encoding = 'identity'): void {
  if (encoding === 'identity') return
  throw new Refusal(415, 'invalid', 'a body is sent as it is, without Content-Encoding')
}

function requireUtf8(contentType = ''): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  throw new Refusal(415, 'invalid', 'JSON is sent in UTF-8')
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('it is not UTF-8')
  }
}

function requireObject(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new TrackerError('invalid', 'the body must be a JSON object', { hint: 'such as {"title":"…"}' })
  }
  requireShallow(value)
  return value as Record<string, unknown>
}

/** Level by level, so that no depth is too much for the look itself. */
function requireShallow(root: object): void {
  let level: object[] = [root]
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > depthMax)
      throw new TrackerError('invalid', `the body is nested deeper than ${depthMax} levels`)
    level = level.flatMap((each) => Object.values(each).filter(isObject))
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * Bodies of any type as text: what is no UTF-8 and NUL become a replacement character. Only the beginning is kept, and
 * nothing is refused for its length: whoever reports that a job failed must not fail on what the job printed.
 */
export function readTextBodies(app: FastifyInstance, maxBytes: number): void {
  app.removeAllContentTypeParsers()
  // What is no type at all would be refused.
  app.addHook('onRequest', (request, _reply, done) => {
    delete request.headers['content-type']
    done()
  })
  app.addContentTypeParser('*', (_request, payload, done) => {
    const kept: Buffer[] = []
    let bytes = 0
    payload.on('data', (chunk: Buffer) => {
      if (bytes < maxBytes) kept.push(chunk.subarray(0, maxBytes - bytes))
      bytes += chunk.length
    })
    payload.on('error', done)
    payload.on('end', () => {
      const text = new TextDecoder().decode(Buffer.concat(kept)).replaceAll('\0', '\ufffd')
      // A character may have been cut in half.
      done(null, text === '' ? undefined : bytes > maxBytes ? text.replace(/\ufffd$/, '') : text)
    })
  })
}
