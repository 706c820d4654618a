/** The incidents that are shown: pages of them, kept up with what happens. */

import { batch, signal } from '@preact/signals'
import { ask, type Out, type Refused } from '../api.ts'
import type { News } from '../events.ts'
import { follow, refusalOf } from '../following.ts'
import { toastRefusal } from '../said.tsx'

export type IncidentRow = Out<'incident.list'>['items'][number]

export interface IncidentFilter {
  /** Resolved ones too. */
  all: boolean
  project?: string
}

export const items = signal<readonly IncidentRow[]>([])
export const next = signal<string | null>(null)
export const failure = signal<Refused | undefined>(undefined)
export const loading = signal<'first' | 'no'>('first')

const firstSize = 50
const most = 1_000

let filter: IncidentFilter = { all: false }
let begun = 0

export function incidentFilterOf(query: URLSearchParams): IncidentFilter {
  const project = query.get('project')?.trim()
  return { all: query.get('show') === 'all', ...(project ? { project } : {}) }
}

const pageOf = (limit: number, cursor?: string): Promise<Out<'incident.list'>> =>
  ask('incident.list', {
    limit,
    ...(filter.all ? {} : { open: true }),
    ...(filter.project === undefined ? {} : { project: filter.project }),
    ...(cursor === undefined ? {} : { cursor }),
  })

export async function loadIncidents(by: IncidentFilter): Promise<void> {
  filter = by
  await look(firstSize)
}

async function look(count: number): Promise<void> {
  const mine = ++begun
  try {
    const page = await pageOf(Math.min(count, most))
    if (mine !== begun) return
    batch(() => {
      items.value = page.items
      next.value = page.nextCursor
      failure.value = undefined
      loading.value = 'no'
    })
  } catch (error) {
    if (mine !== begun) return
    failure.value = refusalOf(error)
    loading.value = 'no'
  }
}

export async function moreIncidents(): Promise<void> {
  const cursor = next.value
  if (cursor === null) return
  const mine = begun
  try {
    const page = await pageOf(firstSize, cursor)
    if (mine !== begun || next.value !== cursor) return
    const here = new Set(items.value.map(({ id }) => id))
    batch(() => {
      items.value = [...items.value, ...page.items.filter(({ id }) => !here.has(id))]
      next.value = page.nextCursor
    })
  } catch (error) {
    toastRefusal(error)
  }
}

/** Runs alone change no incident: what they open and resolve stands in the log. */
const heeds = (news: News): boolean => news.kind !== 'health'

export const startIncidents = (): (() => void) =>
  follow(heeds, () => look(Math.max(firstSize, items.value.length)))

/** Right after a deed of one's own: the page does not wait for the news of it. */
export const lookAgain = (): Promise<void> => look(Math.max(firstSize, items.value.length))
