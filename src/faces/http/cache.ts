/** Answers to reads, kept as long as the content of the database is the same. Bounded in bytes. */

import type { KeptAnswer } from './answer.ts'

interface Entry {
  stamp: string
  answer: KeptAnswer
  bytes: number
}

const bytesMax = 16 * 1024 * 1024

/** An entry's own weight, roughly. */
const overhead = 1024

export class AnswerCache {
  readonly #bytesMax: number
  /** In order of use: the least recently used comes first. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(max = bytesMax) {
    this.#bytesMax = max
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @param stamp of the database now */
  get(url: string, stamp: string): KeptAnswer | undefined {
    const entry = this.#entries.get(url)
    if (entry?.stamp !== stamp) return undefined
    this.#entries.delete(url)
    this.#entries.set(url, entry)
    return entry.answer
  }

  /** @param stamp of the database before the answer was looked up: if it moved on meanwhile, this never matches */
  set(url: string, stamp: string, answer: KeptAnswer): void {
    this.#drop(url)
    const bytes = answer.bytes + url.length * 2 + overhead
    if (bytes > this.#bytesMax / 8) return
    this.#entries.set(url, { stamp, answer, bytes })
    this.#bytes += bytes
    this.#makeRoom()
  }

  /** More is kept with the answer than at first: a compressed form. */
  grow(url: string, answer: KeptAnswer, bytes: number): void {
    const entry = this.#entries.get(url)
    if (entry?.answer !== answer) return
    entry.bytes += bytes
    this.#bytes += bytes
    this.#makeRoom()
  }

  #makeRoom(): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) break
      this.#drop(oldest)
    }
  }

  #drop(url: string): void {
    const entry = this.#entries.get(url)
    if (!entry) return
    this.#entries.delete(url)
    this.#bytes -= entry.bytes
  }
}
