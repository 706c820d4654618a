/** Items that this reader looked at last, the latest first: their ids, kept by the browser. */

import { effect } from '@preact/signals'
import { keep, kept } from '../keep.ts'
import { place } from '../router.ts'
import { idsOf, isId, withLatest } from './latest.ts'

/** The item that the page shows. */
export function inView(): number | undefined {
  const id = Number(/^\/items\/(\d+)/.exec(place.value.path)?.[1])
  return isId(id) ? id : undefined
}

export const recentIds = (): number[] => idsOf(kept<unknown>('recent', []))

export function rememberVisits(): void {
  effect(() => {
    const id = inView()
    if (id !== undefined) keep('recent', withLatest(recentIds(), id))
  })
}
