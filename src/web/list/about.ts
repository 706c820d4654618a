/** Lists that a number opens: which numbers there are, and what the page says above them. Pure. */

import { dayName } from './day.ts'

/** By the word in the address; `week` where it is of one. */
const headings = {
  incidents: 'Incidents that nobody has acknowledged',
  failing: 'Live, and failing',
  reviews: 'Waiting for a review',
  blocked: 'Blocked',
  approvals: 'Checks that wait for approval',
  unwatched: 'Live, and not watched',
  finished: 'Finished',
  cycle: 'Started and finished',
  'open-incidents': 'Open incidents',
  opened: 'Incidents opened',
  uptime: 'Live, and not always up',
} as const

export type About = keyof typeof headings

/** What `item.list` takes, as the dashboard answers it. */
export interface ListInput {
  ids?: number[] | undefined
  stage?: string | undefined
  board?: boolean | undefined
  project?: string | undefined
}

interface More {
  about?: About
  /** How many there are, where the list holds the first of them only. */
  count?: number
  /** The Monday of a week, `2026-02-02`. */
  week?: string
}

/** Where the items behind a number are. */
export function listHref(
  { ids, stage, board, project }: ListInput,
  { about, count, week }: More = {},
): string {
  const query = new URLSearchParams()
  if (about) query.set('about', about)
  if (week) query.set('week', week)
  if (count !== undefined && ids && count > ids.length) query.set('of', String(count))
  if (stage) query.set('stage', stage)
  if (board) query.set('board', 'true')
  if (project) query.set('project', project)
  if (ids) query.set('ids', ids.join(','))
  return `/list?${query}`
}

/** The heading of a list; undefined where its address names none. */
export function headingOf(query: URLSearchParams): string | undefined {
  const about = query.get('about') ?? ''
  if (!Object.hasOwn(headings, about)) return undefined
  const week = query.get('week')
  const day = week === null ? undefined : dayName(week)
  return `${headings[about as About]}${day === undefined ? '' : ` in the week of ${day}`}`
}
