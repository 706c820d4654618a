/** Places that one goes to: in the rail, in the palette, and by `g` with the first letter of the name. */

import type { IconName } from './ui/icon.tsx'

export interface Way {
  href: string
  name: string
  icon: IconName
  here: RegExp
}

export const ways: Way[] = [
  { href: '/', name: 'Board', icon: 'board', here: /^\/(board|items\/.*)?$/ },
  { href: '/live', name: 'Live', icon: 'pulse', here: /^\/live(\/\d+)?$/ },
  { href: '/incidents', name: 'Incidents', icon: 'flame', here: /^\/incidents$/ },
  { href: '/dashboard', name: 'Dashboard', icon: 'gauge', here: /^\/(dashboard|list)$/ },
]

/** What is a page and no place of the rail. */
export const byWays: Pick<Way, 'href' | 'name' | 'icon'>[] = [
  { href: '/list', name: 'List of items', icon: 'list' },
  { href: '/search', name: 'Search', icon: 'search' },
]

export const wayOf = (letter: string): Way | undefined =>
  ways.find(({ name }) => name[0]!.toLowerCase() === letter)

export const iconOf = (href: string): IconName =>
  [...ways, ...byWays].find((each) => each.href === href)?.icon ?? 'right'
