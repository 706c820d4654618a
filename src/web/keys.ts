/** Keys that mean the same on every page; never while somebody types. */

import { openCreate } from './create.tsx'
import { openPalette, togglePalette } from './palette/door.tsx'
import { go } from './router.ts'
import { may } from './session.ts'
import { wayOf } from './ways.ts'

/** Between `g` and the letter that follows. */
const sequenceMs = 2_000

/** When `g` was pressed, by the event's own time. */
let begunMs: number | undefined

export function startKeys(): void {
  document.addEventListener('keydown', heard)
}

function heard(event: KeyboardEvent): void {
  if (event.isComposing) return
  if (isPaletteKey(event)) {
    event.preventDefault()
    togglePalette()
    return
  }
  const isPlain = !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey
  if (!isPlain || isTyping(event.target) || document.querySelector('dialog[open]')) {
    begunMs = undefined
    return
  }
  if (pressed(event.key, event.timeStamp)) event.preventDefault()
}

const isPaletteKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean =>
  key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey

const silent = /^(?:checkbox|radio|button|submit|reset|range|color|file)$/

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  const field = target.closest<HTMLElement>('input, textarea, select, [contenteditable], [role="textbox"]')
  // The field of a dialog that was just closed has the focus for a moment still.
  if (field === null || field.closest('dialog:not([open])')) return false
  return !(field instanceof HTMLInputElement && silent.test(field.type))
}

/** @returns whether the key meant something */
function pressed(key: string, atMs: number): boolean {
  const afterG = begunMs !== undefined && atMs - begunMs <= sequenceMs
  begunMs = undefined
  if (afterG) {
    const way = wayOf(key)
    if (way) go(way.href)
    return way !== undefined
  }
  if (key === 'g') begunMs = atMs
  else if (key === '?') openPalette('keys')
  else if (key === '/') focusSearch()
  else if (key === 'n' && may('item:write')) openCreate()
  else return false
  return true
}

/** The page's own, where it has one. */
function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]')
  if (!field) {
    go('/search')
    return
  }
  field.focus()
  field.select()
}
