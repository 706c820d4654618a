/** Columns of the board as values: what the server says is laid over what is shown. Pure. */

import { finished, type ItemType, isOnPath, type Stage, stages } from '../../domain/stage.ts'
import type { Out } from '../api.ts'

export type Board = Out<'board.show'>
export type Card = Board['columns'][number]['items'][number]
export type Incident = Board['incidents'][number]

export interface Column {
  stage: Stage
  /** In the stage; `items` may be the first of them only. */
  count: number
  items: Card[]
  /** Where the rest begins. */
  next: string | null
}

export const emptyColumns = (): Column[] =>
  stages.map((stage) => ({ stage, count: 0, items: [], next: null }))

/** Whether a card may stand in a column at all. An incident that is open is no card of a column. */
export const mayStand = (type: ItemType, stage: Stage): boolean => isOnPath(type, stage)

/** The order of the server's columns: finished ones the newest first, the others by priority and age. */
export function compare(stage: Stage, a: Card, b: Card): number {
  if (!finished.includes(stage)) {
    return a.priority - b.priority || order(a.createdAt, b.createdAt) || a.id - b.id
  }
  return order(endOf(b), endOf(a)) || b.id - a.id
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const endOf = (card: Card): string => card.liveAt ?? card.doneAt ?? ''

export interface Fresh {
  /** The beginning of the column, as it is now. */
  top: Column
  /** Items that changed, wherever they stand now. */
  changed: ReadonlySet<number>
  /** Those of them that there still are and that the filter lets through. */
  cards: ReadonlyMap<number, Card>
}

/**
 * A column whose beginning was asked for anew: what was loaded beyond it stays, but for what changed. Cards that are
 * equal stay the same objects, so that nothing is drawn again for them.
 */
export function refreshed(old: Column, { top, changed, cards }: Fresh): Column {
  const known = new Map(old.items.map((card) => [card.id, card]))
  const begin = top.items.map((card) => sameOr(known.get(card.id), card))
  if (top.next === null || old.items.length <= begin.length) return { ...top, items: begin }
  const here = new Set(begin.map((card) => card.id))
  const edge = begin.at(-1)
  const isBehind = (card: Card) => edge === undefined || compare(old.stage, card, edge) > 0
  const rest = old.items.filter((card) => !here.has(card.id) && !changed.has(card.id) && isBehind(card))
  const last = rest.at(-1)
  for (const card of cards.values()) {
    if (card.stage !== old.stage || here.has(card.id) || !isBehind(card)) continue
    // Beyond what is loaded it comes with the next page.
    if (old.next === null || (last && compare(old.stage, card, last) < 0)) rest.push(card)
  }
  rest.sort((a, b) => compare(old.stage, a, b))
  return { stage: old.stage, count: top.count, items: [...begin, ...rest], next: old.next ?? null }
}

const sameOr = (old: Card | undefined, card: Card): Card =>
  old !== undefined && JSON.stringify(old) === JSON.stringify(card) ? old : card

/** The next page behind what is there. */
export function extended(column: Column, page: { items: Card[]; nextCursor: string | null }): Column {
  const here = new Set(column.items.map((card) => card.id))
  return {
    ...column,
    items: [...column.items, ...page.items.filter((card) => !here.has(card.id))],
    next: page.nextCursor,
  }
}

/** A card in another column, as it will be once the server has said so. */
export function withMoved(columns: readonly Column[], card: Card, to: Stage, at: string): Column[] {
  const moved: Card = { ...card, stage: to, stageSince: at, ...(to === 'live' ? { liveAt: at } : {}) }
  return columns.map((column) => {
    if (column.stage === to) {
      const others = column.items.filter((each) => each.id !== card.id)
      const place = others.findIndex((each) => compare(to, moved, each) < 0)
      const items = others.toSpliced(place === -1 ? others.length : place, 0, moved)
      return { ...column, count: column.count + 1, items }
    }
    if (!column.items.some((each) => each.id === card.id)) return column
    return {
      ...column,
      count: Math.max(0, column.count - 1),
      items: column.items.filter((each) => each.id !== card.id),
    }
  })
}
