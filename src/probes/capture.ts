/** Keeps the first bytes of a stream up to a cap, and forgets the rest. */

import { Buffer } from 'node:buffer'
import { TextDecoder } from 'node:util'

const FIRST_SIZE = 4096

export interface Capture {
  add(chunk: Uint8Array): void
  /** More came than was kept. */
  readonly truncated: boolean
  /** @param charset  a label of the Encoding Standard; UTF-8 where it is unknown */
  text(charset?: string): string
}

export function createCapture(capBytes: number): Capture {
  // one growing buffer: a program that writes byte by byte must not cost an object a byte
  let buffer = Buffer.allocUnsafe(0)
  let used = 0
  let truncated = false
  return {
    add(chunk) {
      const kept = chunk.subarray(0, capBytes - used)
      if (kept.length < chunk.length) truncated = true
      if (used + kept.length > buffer.length) buffer = grow(buffer, used + kept.length, capBytes)
      buffer.set(kept, used)
      used += kept.length
    },
    get truncated() {
      return truncated
    },
    text: (charset) => decode(buffer.subarray(0, used), truncated, charset),
  }
}

function grow(buffer: Buffer, neededBytes: number, capBytes: number): Buffer<ArrayBuffer> {
  const size = Math.min(capBytes, Math.max(neededBytes, buffer.length * 2, FIRST_SIZE))
  const grown = Buffer.allocUnsafeSlow(size)
  grown.set(buffer)
  return grown
}

/** A character cut at the cap is left out; NUL, which no database of ours takes, becomes U+FFFD. */
function decode(bytes: Uint8Array, cut: boolean, charset = 'utf-8'): string {
  // most checks print nothing, and a decoder is not for free
  if (bytes.length === 0) return ''
  return decoder(charset).decode(bytes, { stream: cut }).replaceAll('\0', '\uFFFD')
}

function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
