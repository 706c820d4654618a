/** The board that is shown, and how it keeps up with what others do. */

import { batch, type Signal, signal } from '@preact/signals'
import { type Stage, stages } from '../../domain/stage.ts'
import { ask, Refused } from '../api.ts'
import { listen, type News } from '../events.ts'
import { follow } from '../following.ts'
import { toastRefusal } from '../said.tsx'
import { type Card, type Column, emptyColumns, extended, type Incident, refreshed } from './columns.ts'
import { type Filter, isSearchable, wanted } from './filter.ts'

/** One a stage, so that a change draws its column alone. */
export const columns: Record<Stage, Signal<Column>> = Object.fromEntries(
  emptyColumns().map((column) => [column.stage, signal(column)]),
) as Record<Stage, Signal<Column>>

export const incidents = signal<{ items: Incident[]; count: number }>({ items: [], count: 0 })
export const loading = signal<'first' | 'no' | 'failed'>('first')
/** Why it could not be loaded. */
export const failure = signal<Refused | undefined>(undefined)

let filter: Filter = {}
let begun = 0
let asked: AbortController | undefined

export const allColumns = (): Column[] => stages.map((stage) => columns[stage].value)

export function show(list: readonly Column[]): void {
  batch(() => {
    for (const column of list)
      if (columns[column.stage].value !== column) columns[column.stage].value = column
  })
}

const topSize = 20
const pageSize = 100

let early: string | undefined

/** Asks for the board before anything is drawn: the answer is on its way meanwhile. */
export function loadEarly(by: Filter): void {
  if (by.text !== undefined && !isSearchable(by.text)) return
  early = JSON.stringify(by)
  void load(by)
}

/** Whether `loadEarly` has asked for it; once. */
export function isBegun(by: Filter): boolean {
  const was = early
  early = undefined
  return was === JSON.stringify(by)
}

/** Another filter, or the first look. */
export async function load(by: Filter): Promise<void> {
  filter = by
  asked?.abort()
  asked = new AbortController()
  const mine = ++begun
  try {
    const board = await ask('board.show', { ...wanted(by), cards: true, limit: topSize }, asked.signal)
    if (mine !== begun) return
    batch(() => {
      show(
        board.columns.map(({ stage, count, items, nextCursor }) => ({
          stage,
          count,
          items,
          next: nextCursor,
        })),
      )
      incidents.value = { items: board.incidents, count: board.incidentCount }
      loading.value = 'no'
      failure.value = undefined
    })
    listen(board.activityId)
  } catch (error) {
    if (mine !== begun || (error instanceof DOMException && error.name === 'AbortError')) return
    failure.value =
      error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })
    if (loading.value === 'first') loading.value = 'failed'
    listen()
  }
}

const fetching = new Set<Stage>()

/** The next page of a column, once at a time. */
export async function more(stage: Stage): Promise<void> {
  const { next } = columns[stage].value
  if (next === null || fetching.has(stage)) return
  fetching.add(stage)
  const mine = begun
  try {
    const page = await ask('item.list', {
      ...wanted(filter),
      ...{ stage, board: true, cards: true, cursor: next, limit: pageSize, sort: 'priority' },
    })
    const now = columns[stage].value
    if (mine === begun && now.next === next) columns[stage].value = extended(now, page)
  } catch (error) {
    toastRefusal(error)
  } finally {
    fetching.delete(stage)
  }
}

/** What changed since the last look; everything, when it is not known. */
let changed = new Set<number>()
let all = false

/** Of more cards only those at the tops are asked for anew, and the rest let go. */
const changedMax = 200

function heeds(news: News): boolean {
  if (news.kind === 'reset') all = true
  else if (news.kind === 'health') noteHealth(news.itemIds)
  else for (const { itemId } of news.entries) if (itemId !== null) changed.add(itemId)
  if (changed.size > changedMax) all = true
  return all || changed.size > 0
}

/** Only of cards that are shown. */
function noteHealth(ids: number[] | null): void {
  const some = ids === null ? undefined : new Set(ids)
  for (const { id } of columns.live.value.items) if (some === undefined || some.has(id)) changed.add(id)
}

async function refresh(): Promise<void> {
  const ids = [...changed]
  const whole = all
  changed = new Set()
  all = false
  try {
    await (whole ? load(filter) : update(ids))
  } catch (error) {
    // With the next news it is asked for again.
    all = true
    throw error
  }
}

/** The beginnings of the columns, and the cards beyond them that changed. */
async function update(ids: number[]): Promise<void> {
  const mine = begun
  const deep = Object.values(columns).some(({ value }) => value.items.length > topSize)
  const cards = { ...wanted(filter), cards: true, ids, limit: changedMax, sort: 'priority' } as const
  const [board, changedCards] = await Promise.all([
    ask('board.show', { ...wanted(filter), cards: true, limit: topSize }),
    deep ? ask('item.list', cards) : undefined,
  ])
  if (mine !== begun) return
  const fresh = new Map<number, Card>((changedCards?.items ?? []).map((card) => [card.id, card]))
  batch(() => {
    show(
      board.columns.map(({ stage, count, items, nextCursor }) =>
        refreshed(columns[stage].value, {
          top: { stage, count, items, next: nextCursor },
          changed: new Set(ids),
          cards: fresh,
        }),
      ),
    )
    incidents.value = { items: board.incidents, count: board.incidentCount }
  })
}

export const startBoard = (): (() => void) => follow(heeds, refresh, { listens: false })
