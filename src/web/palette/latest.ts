/** The last few of what was looked at. Pure. */

const most = 8

export const isId = (id: unknown): id is number => Number.isSafeInteger(id) && (id as number) > 0

/** Out of what a browser kept, whatever that is by now. */
export const idsOf = (kept: unknown): number[] =>
  Array.isArray(kept) ? kept.filter(isId).slice(0, most) : []

/** The latest first, each once. */
export const withLatest = (ids: readonly number[], id: number): number[] =>
  [id, ...ids.filter((each) => each !== id)].slice(0, most)
