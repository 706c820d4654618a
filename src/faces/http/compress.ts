/** Answers made shorter for the wire. */

import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { type Encoding, encodingFor } from './accept.ts'

/** Bytes: what is shorter fits in one packet anyway. */
export const compressMin = 1_024

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** Off the event loop. As much as is cheap: 200 kB of JSON take some milliseconds. */
export const compressed = (body: Buffer | string, encoding: Encoding): Promise<Buffer> =>
  encoding === 'br'
    ? brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
    : zip(body, { level: 6 })

/** Of all that leaves through Fastify: answers to writes, documents, problems. */
export function compressReplies(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < compressMin) return payload
    reply.header('vary', 'accept-encoding')
    const encoding = encodingFor(request.headers['accept-encoding'])
    if (!encoding) return payload
    reply.header('content-encoding', encoding)
    return compressed(payload, encoding)
  })
}
