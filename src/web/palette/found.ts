/** Items for what is typed, asked of the server; where nothing is typed, those that were opened lately. */

import { useEffect, useState } from 'preact/hooks'
import { ask, Refused } from '../api.ts'
import { isSearchable } from '../board/filter.ts'
import { type FoundItem, idOf } from './options.ts'
import { inView, recentIds } from './recent.ts'

/** People who type are not asked for at every letter. */
const typedMs = 120
const most = 8

interface Found {
  items: FoundItem[]
  /** What they were found for; older than what is typed while the server is asked. */
  query: string
  refused?: Refused
}

/** What was found stays while the next is looked for. */
export function useFound(typed: string): Found {
  const query = typed.trim()
  const [found, show] = useState<Found>({ items: [], query: '' })
  useEffect(() => {
    const asked = new AbortController()
    const look = () =>
      void lookFor(query, asked.signal).then(
        (items) => {
          if (!asked.signal.aborted) show({ items, query })
        },
        (error) => {
          if (!asked.signal.aborted && error instanceof Refused) show({ items: [], query, refused: error })
        },
      )
    const timer = setTimeout(look, query === '' || idOf(query) !== undefined ? 0 : typedMs)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [query])
  return found
}

async function lookFor(query: string, signal: AbortSignal): Promise<FoundItem[]> {
  if (query === '')
    return inOrder(
      recentIds().filter((id) => id !== inView()),
      signal,
    )
  const id = idOf(query)
  const [jump, { items }] = await Promise.all([
    id === undefined ? [] : inOrder([id], signal),
    isSearchable(query) ? ask('item.search', { words: query.slice(0, 500), limit: most }, signal) : none,
  ])
  return [...jump, ...items.filter((item) => item.id !== id)]
}

const none: { items: FoundItem[] } = { items: [] }

/** Those that there still are. */
async function inOrder(ids: number[], signal: AbortSignal): Promise<FoundItem[]> {
  if (ids.length === 0) return []
  const { items } = await ask('item.list', { ids, limit: 100 }, signal)
  return ids.flatMap((id) => items.find((item) => item.id === id) ?? [])
}
