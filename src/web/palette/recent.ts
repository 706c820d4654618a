/** Items that this reader looked at last, the latest first: their ids, kept by the browser. */

import { effect } from '@preact/signals'
import { keep, kept } from '../keep.ts'
import { place } from '../router.ts'

const most = 8

const isId = (id: unknown): id is number => Number.isSafeInteger(id) && (id as number) > 0

/** The item that the page shows. */
export function inView(): number | undefined {
  const id = Number(/^\/items\/(\d+)/.exec(place.value.path)?.[1])
  return isId(id) ? id : undefined
}

export function recentIds(): number[] {
  const ids = kept<unknown>('recent', [])
  return Array.isArray(ids) ? ids.filter(isId).slice(0, most) : []
}

export const withLatest = (ids: readonly number[], id: number): number[] =>
  [id, ...ids.filter((each) => each !== id)].slice(0, most)

export function rememberVisits(): void {
  effect(() => {
    const id = inView()
    if (id !== undefined) keep('recent', withLatest(recentIds(), id))
  })
}
