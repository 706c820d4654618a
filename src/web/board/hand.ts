/** What the reader holds and looks at on the board: the card under the keys, the one picked up, columns folded. */

import { signal } from '@preact/signals'
import { type Stage, stageName, stages } from '../../domain/stage.ts'
import { keep, kept } from '../keep.ts'
import { announce } from '../said.tsx'
import { type Card, mayStand } from './columns.ts'
import { move } from './moving.ts'
import { columns } from './state.ts'

/** The card that Tab leads to; with `focus` it is to be focused when it is drawn. */
export const current = signal<{ id: number; focus: boolean }>({ id: 0, focus: false })

/** The card that the keys carry, and where it would be put. */
export const picked = signal<{ card: Card; to: Stage } | undefined>(undefined)

/** What the reader folded or opened by hand; an empty column is folded until it is not empty. */
const folds = signal<Partial<Record<Stage, boolean>>>(kept('folds', {}))

export const isFolded = (stage: Stage): boolean =>
  picked.value?.to !== stage && (folds.value[stage] ?? columns[stage].value.count === 0)

export function toggleFold(stage: Stage): void {
  folds.value = { ...folds.value, [stage]: !isFolded(stage) }
  keep('folds', folds.value)
}

/** Where a card stands: its column, and its place in it. */
export function placeOf(id: number): { stage: Stage; at: number; card: Card } | undefined {
  for (const stage of stages) {
    const at = columns[stage].value.items.findIndex((card) => card.id === id)
    if (at !== -1) return { stage, at, card: columns[stage].value.items[at]! }
  }
  return undefined
}

/** The first card there is, where the current one is gone. */
export function holdOn(): void {
  if (current.value.id !== 0 && placeOf(current.value.id)) return
  const first = stages.find((stage) => !isFolded(stage) && columns[stage].value.items.length > 0)
  const id = first ? columns[first].value.items[0]!.id : 0
  if (id !== current.value.id) current.value = { id, focus: false }
}

const focusOn = (id: number): void => {
  current.value = { id, focus: true }
}

/** What the keys carried was moved by somebody else, or is gone: it is in no hand any more. */
export function letGoIfMoved(): void {
  const held = picked.value?.card
  // Read also while nothing is held, so that it is heard of when something moves.
  const now = placeOf(held?.id ?? 0)
  if (!held) return
  if (now?.stage === held.stage) return
  picked.value = undefined
  announce(
    now
      ? `#${held.id} was moved to ${stageName(held.type, now.stage)} by somebody else`
      : `#${held.id} is not on the board any more`,
  )
}

/** The card that has the focus; 0: none has. */
let focused = 0

export function noteFocus(id: number): void {
  focused = id
}

/** A card that went to another place took the focus with it: it has it there again. */
export function keepFocus(): void {
  if (focused === 0 || document.activeElement !== document.body) return
  if (placeOf(focused)) focusOn(focused)
}

/** @returns whether the key meant something here */
export function pressed(key: string, id: number): boolean {
  if (picked.value) return carried(key)
  const place = placeOf(id)
  if (!place) return false
  const { stage, at } = place
  const { items } = columns[stage].value
  if (key === ' ') return pickUp(place.card)
  if (key === 'ArrowDown') return step(items[at + 1])
  if (key === 'ArrowUp') return step(items[at - 1])
  if (key === 'Home') return step(items[0])
  if (key === 'End') return step(items.at(-1))
  if (key === 'ArrowRight' || key === 'ArrowLeft') return beside(stage, at, key === 'ArrowRight' ? 1 : -1)
  return false
}

function step(card: Card | undefined): boolean {
  if (card) focusOn(card.id)
  return true
}

/** The next column that shows cards, at about the same height. */
function beside(stage: Stage, at: number, by: 1 | -1): boolean {
  for (let n = stages.indexOf(stage) + by; n >= 0 && n < stages.length; n += by) {
    const { items } = columns[stages[n]!].value
    if (isFolded(stages[n]!) || items.length === 0) continue
    return step(items[Math.min(at, items.length - 1)])
  }
  return true
}

function pickUp(card: Card): boolean {
  picked.value = { card, to: card.stage }
  announce(
    `Picked up #${card.id}, ${card.title}, in ${stageName(card.type, card.stage)}. Left and right choose a stage, Space drops, Escape puts it back.`,
  )
  return true
}

function carried(key: string): boolean {
  const { card, to } = picked.value!
  if (key === 'Escape') {
    picked.value = undefined
    announce(`#${card.id} stays in ${stageName(card.type, card.stage)}`)
    focusOn(card.id)
  } else if (key === ' ' || key === 'Enter') {
    picked.value = undefined
    if (to === card.stage) announce(`#${card.id} stays in ${stageName(card.type, to)}`)
    else void move(card, to)
    focusOn(card.id)
  } else if (key === 'ArrowRight' || key === 'ArrowLeft') {
    const path = stages.filter((stage) => mayStand(card.type, stage))
    const next = path[path.indexOf(to) + (key === 'ArrowRight' ? 1 : -1)]
    if (!next) {
      announce(`${stageName(card.type, to)} is the ${key === 'ArrowRight' ? 'last' : 'first'} stage`)
      return true
    }
    picked.value = { card, to: next }
    announce(`${stageName(card.type, next)}, stage ${path.indexOf(next) + 1} of ${path.length}`)
    document.querySelector(`[data-stage="${next}"]`)?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  } else if (key !== 'Tab') return false
  return true
}
