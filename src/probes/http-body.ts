/** What is kept of the body of an answer, decoded. */

import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { type Capture, createCapture } from './capture.ts'

const DECODERS: Record<string, () => Transform> = {
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
  'x-gzip': createGunzip,
}

export interface BodyReader {
  readonly capture: Capture
  /** @returns  false when `drained` will be called: until then no more should come */
  add(chunk: Uint8Array): boolean
  /** @param then  called with an error where the coding is broken */
  end(then: (error?: Error) => void): void
}

/**
 * @param encoding  the header content-encoding; one that is not known is left as it is
 * @param drained   more may come
 */
export function readBody(encoding: string | undefined, capBytes: number, drained: () => void): BodyReader {
  const capture = createCapture(capBytes)
  const decoder = encoding === undefined ? undefined : DECODERS[encoding.trim().toLowerCase()]?.()
  return decoder ? decoding(decoder, capture, drained) : plain(capture)
}

const plain = (capture: Capture): BodyReader => ({
  capture,
  add(chunk) {
    capture.add(chunk)
    return true
  },
  end: (then) => then(),
})

function decoding(decoder: Transform, capture: Capture, drained: () => void): BodyReader {
  let failure: Error | undefined
  let onEnd: (error?: Error) => void = () => {}
  const done = (error?: Error) => {
    failure ??= error
    decoder.destroy()
    drained()
    onEnd(error)
  }
  decoder.on('data', (chunk: Uint8Array) => {
    capture.add(chunk)
    // enough is known: what follows of a small file may be a thousand times as large
    if (capture.truncated) done()
  })
  decoder.on('drain', drained)
  decoder.once('error', done)
  decoder.once('end', done)
  return {
    capture,
    add: (chunk) => decoder.destroyed || decoder.write(chunk),
    end(then) {
      onEnd = then
      if (decoder.destroyed) then(failure)
      else decoder.end()
    },
  }
}
