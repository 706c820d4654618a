/** Where the reader is: the address, and how links change it without loading the page anew. */

import { signal } from '@preact/signals'

export interface Place {
  path: string
  query: URLSearchParams
}

const placeOf = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) })

export const place = signal<Place>(placeOf())

/** Asked before the reader leaves; false keeps them. */
type Guard = () => boolean
const guards = new Set<Guard>()

export function guardLeaving(guard: Guard): () => void {
  guards.add(guard)
  return () => guards.delete(guard)
}

export function go(to: string, { replace = false } = {}): void {
  const from = location.pathname
  const target = new URL(to, location.href)
  if (target.pathname !== from && [...guards].some((stays) => !stays())) return
  history[replace ? 'replaceState' : 'pushState'](null, '', target)
  place.value = placeOf()
  if (target.pathname !== from) scrollTo(0, 0)
}

/** Sets or clears words of the query. */
export function setQuery(words: Record<string, string | undefined>): void {
  const query = new URLSearchParams(location.search)
  for (const [name, word] of Object.entries(words)) {
    if (word === undefined || word === '') query.delete(name)
    else query.set(name, word)
  }
  const text = query.toString()
  go(`${location.pathname}${text === '' ? '' : `?${text}`}`, { replace: true })
}

export function startRouter(): void {
  addEventListener('popstate', () => (place.value = placeOf()))
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest?.('a[href]')
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return
    if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return
    event.preventDefault()
    go(link.href)
  })
}
