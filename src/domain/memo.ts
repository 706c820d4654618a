/** Remembers answers that depend on their key alone: it saves work and changes nothing. */

export interface Memo<T> {
  get(key: string): T | undefined
  /** Returns `value`. The oldest key goes when there are too many. */
  set(key: string, value: T): T
}

/** @param limit  how many keys are kept */
export function memo<T>(limit: number): Memo<T> {
  const known = new Map<string, T>()
  return {
    get: (key) => known.get(key),
    set(key, value) {
      if (known.size >= limit && !known.has(key)) known.delete(known.keys().next().value!)
      known.set(key, value)
      return value
    },
  }
}
