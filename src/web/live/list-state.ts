/** The live list that is shown, and how it keeps up with what happens. */

import { batch, signal } from '@preact/signals'
import { askFully, type Refused } from '../api.ts'
import type { News } from '../events.ts'
import { follow, refusalOf } from '../following.ts'
import { toastRefusal } from '../said.tsx'
import { extendedRows, type HealthAnswer, type LiveRow, refreshedRows } from './rows.ts'

export type LiveHead = Omit<HealthAnswer, 'items' | 'nextCursor' | 'firstDay' | 'onlyDown'> & {
  /** What the server warns of: nobody is watching. */
  warnings: string[]
}

export const rows = signal<readonly LiveRow[]>([])
export const head = signal<LiveHead | undefined>(undefined)
export const firstDay = signal('')
/** Where the rest begins. */
export const next = signal<string | null>(null)
export const failure = signal<Refused | undefined>(undefined)
export const loading = signal<'first' | 'no'>('first')

/** Rows a page: the first ones stand soon, the others come while one scrolls. */
const firstSize = 60
const pageSize = 100
const most = 1_000

let project: string | undefined
let begun = 0

async function pageOf(limit: number, cursor?: string) {
  const { data, warnings } = await askFully('health.list', {
    ...{ days: true, limit },
    ...(project === undefined ? {} : { project }),
    ...(cursor === undefined ? {} : { cursor }),
  })
  const { items, nextCursor, firstDay: day = '', onlyDown: _, ...rest } = data
  return { items: items.map(withoutHours), nextCursor, day, head: { ...rest, warnings } }
}

const withoutHours = ({ hours: _, ...row }: HealthAnswer['items'][number]): LiveRow => row

/** Another project, or the first look. */
export async function loadLive(wanted: string | undefined): Promise<void> {
  if (project !== wanted) rows.value = []
  project = wanted
  await look(firstSize)
}

/** As much as is shown, anew. */
async function look(count: number): Promise<void> {
  const mine = ++begun
  try {
    const first = await pageOf(Math.min(count, most))
    let { items, nextCursor } = first
    while (nextCursor !== null && items.length < count) {
      const more = await pageOf(Math.min(count - items.length, most), nextCursor)
      items = extendedRows(items, more.items)
      nextCursor = more.nextCursor
    }
    if (mine !== begun) return
    batch(() => {
      rows.value = refreshedRows(rows.value, items, firstDay.value === first.day)
      head.value = first.head
      firstDay.value = first.day
      next.value = nextCursor
      failure.value = undefined
      loading.value = 'no'
    })
  } catch (error) {
    if (mine !== begun) return
    failure.value = refusalOf(error)
    loading.value = 'no'
  }
}

let isFetching = false

/** The next page, once at a time. */
export async function moreRows(): Promise<void> {
  const cursor = next.value
  if (cursor === null || isFetching) return
  isFetching = true
  const mine = begun
  try {
    const page = await pageOf(pageSize, cursor)
    if (mine !== begun || next.value !== cursor) return
    batch(() => {
      rows.value = extendedRows(rows.value, page.items)
      next.value = page.nextCursor
    })
  } catch (error) {
    toastRefusal(error)
  } finally {
    isFetching = false
  }
}

function heeds(news: News): boolean {
  if (news.kind === 'reset') return true
  if (news.kind === 'activity') return news.entries.some(({ action }) => action !== 'noted')
  const ran = news.itemIds
  return ran === null || rows.value.some(({ id }) => ran.includes(id))
}

export const startLive = (): (() => void) => follow(heeds, () => look(Math.max(firstSize, rows.value.length)))
