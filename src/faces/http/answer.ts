/** Answers that may be given more than once: as they are, or shorter, or as the word that they are known. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Encoding, encodingFor } from './accept.ts'
import { compressed, compressMin } from './compress.ts'
import { isKnown, tagFor } from './conditional.ts'

type Headers = Record<string, string>

export interface KeptAnswer {
  tag: string
  body: Buffer | string
  /** Of the body. */
  bytes: number
  /** Flat, as `writeHead` takes them: the fastest way there is. */
  headers: string[]
  /** Of all its forms. */
  common: Headers
  type: string
  /** By its encoding; undefined for what is never made shorter. */
  shorter: Shorter | undefined
}

interface Form {
  body: Buffer
  headers: string[]
}

type Shorter = { [E in Encoding]?: Form | Promise<Form> }

/** Bytes. */
const shortMax = 8 * 1024

export interface Content {
  tag: string
  type: string
  body: Buffer | string
  /** Those that also stand on the word that it is known. */
  headers: Headers
  /** False for what is compressed already, a font say. */
  compressible?: boolean
  /** Compressed before. */
  ready?: { [E in Encoding]?: Buffer }
}

export function keptAnswer({
  tag,
  type,
  body,
  headers,
  compressible = true,
  ready = {},
}: Content): KeptAnswer {
  const bytes = Buffer.byteLength(body)
  const vary = [headers.vary, 'accept-encoding'].filter(Boolean).join(', ')
  const common = compressible ? { ...headers, vary } : headers
  const answer: KeptAnswer = {
    tag,
    // Node joins a text with its head: one buffer less to write. A long one is cheaper as bytes.
    body: typeof body === 'string' && bytes > shortMax ? Buffer.from(body) : body,
    bytes,
    headers: flat({ ...common, 'content-type': type, etag: tag, 'content-length': String(bytes) }),
    common,
    type,
    shorter: compressible && bytes >= compressMin ? {} : undefined,
  }
  for (const encoding of ['br', 'gzip'] as const) {
    const made = ready[encoding]
    if (made && answer.shorter) answer.shorter[encoding] = formOf(answer, encoding, made)
  }
  return answer
}

const flat = (headers: Headers): string[] => Object.entries(headers).flat()

const formOf = ({ common, type, tag }: KeptAnswer, encoding: Encoding, body: Buffer): Form => ({
  body,
  headers: flat({
    ...common,
    'content-type': type,
    'content-encoding': encoding,
    etag: tagFor(tag, encoding),
    'content-length': String(body.length),
  }),
})

/**
 * Straight to the socket: Fastify's own way costs a third of the requests a second, and so does handing it anything.
 * @param onMade told of bytes that are kept with the answer from now on
 */
export function deliver(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: KeptAnswer,
  onMade?: (bytes: number) => void,
): void | Promise<void> {
  const { headers } = request
  const encoding = answer.shorter && encodingFor(headers['accept-encoding'])
  reply.hijack()
  if (isKnown(headers['if-none-match'], answer.tag)) {
    const etag = encoding ? tagFor(answer.tag, encoding) : answer.tag
    reply.raw.writeHead(304, { ...answer.common, etag }).end()
    return
  }
  if (!encoding) {
    reply.raw.writeHead(200, answer.headers).end(answer.body)
    return
  }
  const form = shorterForm(answer, encoding, onMade)
  const give = ({ headers: own, body }: Form): void => void reply.raw.writeHead(200, own).end(body)
  return form instanceof Promise ? form.then(give) : give(form)
}

function shorterForm(
  answer: KeptAnswer,
  encoding: Encoding,
  onMade?: (bytes: number) => void,
): Form | Promise<Form> {
  const shorter = answer.shorter!
  // Those who ask meanwhile wait for the same.
  shorter[encoding] ??= compressed(answer.body, encoding).then((body) => {
    onMade?.(body.length)
    const form = formOf(answer, encoding, body)
    shorter[encoding] = form
    return form
  })
  return shorter[encoding]
}
