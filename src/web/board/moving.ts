/** A card to another stage: shown at once, taken back where the server refuses it. */

import { signal } from '@preact/signals'
import { paths, type Stage, stageName } from '../../domain/stage.ts'
import { Refused, tell } from '../api.ts'
import { nowMs } from '../clock.ts'
import { announce, toast } from '../said.tsx'
import type { Card } from './columns.ts'
import { withMoved } from './columns.ts'
import { allColumns, show } from './state.ts'

/** Under way, by item. */
export const underWay = signal<ReadonlySet<number>>(new Set())

function note(id: number, begins: boolean): void {
  const next = new Set(underWay.value)
  if (begins) next.add(id)
  else next.delete(id)
  underWay.value = next
}

/** @param note why, for the log */
export async function move(card: Card, to: Stage, because?: string): Promise<void> {
  if (card.stage === to || underWay.value.has(card.id)) return
  const from = card.stage
  show(withMoved(allColumns(), card, to, new Date(nowMs()).toISOString()))
  note(card.id, true)
  try {
    const { data, warnings } = await tell('item.move', {
      ...{ id: card.id, to, ifMatch: card.version },
      ...(because ? { note: because } : {}),
    })
    settle(card.id, (shown) => ({ ...shown, ...pick(data), stage: data.stage }))
    const words = `#${card.id} is in ${stageName(card.type, to)}`
    announce(words)
    if (warnings.length > 0)
      toast(warnings.join('; '), { tone: 'warn', action: backTo(card, from, data.version) })
  } catch (error) {
    springBack(card, from, to, error)
  } finally {
    note(card.id, false)
  }
}

/** What a card shows of an item. */
const pick = ({ version, skipped, startedAt, doneAt, liveAt, updatedAt, health }: Card) => ({
  ...{ version, skipped, startedAt, doneAt, liveAt, updatedAt, health },
})

function settle(id: number, change: (card: Card) => Card): void {
  show(
    allColumns().map((column) =>
      column.items.some((card) => card.id === id)
        ? { ...column, items: column.items.map((card) => (card.id === id ? change(card) : card)) }
        : column,
    ),
  )
}

/** A stage that its type does not walk through takes no card: the reader is told which do. */
export function refuseDrop(card: Card, stage: Stage): void {
  const path = paths[card.type].map((each) => stageName(card.type, each)).join(', ')
  const why = `#${card.id} is of type ${card.type}, and ${stage} is not on its path`
  announce(`Not moved: ${why}`)
  toast(why, { tone: 'warn', hint: `its stages: ${path}` })
}

const backTo = (card: Card, from: Stage, version: number) => ({
  label: 'Undo',
  run: () => void move({ ...find(card.id, card), version }, from, 'Taken back'),
})

const find = (id: number, otherwise: Card): Card =>
  allColumns()
    .flatMap((column) => column.items)
    .find((card) => card.id === id) ?? otherwise

function springBack(card: Card, from: Stage, to: Stage, error: unknown): void {
  const shown = find(card.id, card)
  show(withMoved(allColumns(), { ...shown, ...card }, from, card.stageSince ?? card.updatedAt))
  const refused = error instanceof Refused ? error : undefined
  const why = refused?.message ?? String(error)
  const stale = refused?.failures.some(({ field }) => field === 'ifMatch') ?? false
  announce(`Not moved: ${why}`)
  toast(why, {
    tone: 'bad',
    hint: refused?.hint,
    // Somebody was first: what they did is on its way here; the same again is the reader's to say.
    action:
      stale || refused?.code === 'offline'
        ? { label: 'Move anyway', run: () => void retry(card, to) }
        : undefined,
  })
}

async function retry(card: Card, to: Stage): Promise<void> {
  const { version: _, ...rest } = find(card.id, card)
  try {
    await tell('item.move', { id: rest.id, to })
    announce(`#${rest.id} is in ${stageName(card.type, to)}`)
  } catch (error) {
    springBack(card, card.stage, to, error)
  }
}
