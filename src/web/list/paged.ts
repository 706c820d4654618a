/** A list that grows by pages, and keeps up with what others do. */

import { useEffect, useState } from 'preact/hooks'
import { type Asked, useAsked } from '../following.ts'

export const pageSize = 100
/** The server gives no more at once. */
const askedMax = 1_000

interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Paged<T> extends Asked<Page<T>> {
  /** undefined: there is no more. */
  more: (() => void) | undefined
}

/**
 * What is shown is asked for as a whole, so that it is one moment's; beyond what the server gives at once, page by page.
 * @param key  by value what is listed
 */
export function usePaged<T>(
  key: string,
  load: (page: { limit: number; cursor?: string }, signal: AbortSignal) => Promise<Page<T>>,
): Paged<T> {
  const [wanted, want] = useState(pageSize)
  useEffect(() => want(pageSize), [key])
  const followed = useAsked<Page<T> & { of: string }>(`${wanted} ${key}`, async (signal) => {
    let page = await load({ limit: Math.min(wanted, askedMax) }, signal)
    while (page.nextCursor !== null && page.items.length < wanted) {
      const limit = Math.min(wanted - page.items.length, askedMax)
      const next = await load({ limit, cursor: page.nextCursor }, signal)
      page = { items: [...page.items, ...next.items], nextCursor: next.nextCursor }
    }
    return { ...page, of: key }
  })
  const { value, ...rest } = followed
  const isOld = value?.of !== key
  // What is for another list is shown until its own is there, but not in place of it.
  const shown = value && !(isOld && rest.refused) ? value : undefined
  const hasMore = !isOld && value?.nextCursor !== null
  return { ...rest, value: shown, isOld, more: hasMore ? () => want(wanted * 2) : undefined }
}
