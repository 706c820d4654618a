/** The palette's door: light, because every page has it. What is behind it is loaded when it is opened, or idle. */

import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { toastRefusal } from '../said.tsx'

/** `find`: items, pages and operations; `keys`: the list of keys. */
const shown = signal<'find' | 'keys' | undefined>(undefined)
const views = signal<{ find: ComponentType<Closable>; keys: ComponentType<Closable> } | undefined>(undefined)

interface Closable {
  close(): void
}

let loading: Promise<void> | undefined

function load(): Promise<void> {
  loading ??= Promise.all([import('./dialog.tsx'), import('./keys-dialog.tsx')]).then(
    ([{ PaletteDialog }, { KeysDialog }]) => {
      views.value = { find: PaletteDialog, keys: KeysDialog }
    },
  )
  return loading
}

const close = (): void => {
  shown.value = undefined
}

export function openPalette(what: 'find' | 'keys' = 'find'): void {
  shown.value = what
  load().catch((error) => {
    loading = undefined
    close()
    toastRefusal(error)
  })
}

export function togglePalette(): void {
  if (shown.value === 'find') close()
  else openPalette()
}

/** Milliseconds after the page itself. */
const laterMs = 1_500

/** When nothing else is to be done; what fails then is tried again when it is needed. */
export function loadWhenIdle(): void {
  const begin = () =>
    void load().catch(() => {
      loading = undefined
    })
  // What the page itself loads comes first.
  setTimeout(begin, laterMs)
}

export function Palette() {
  const View = shown.value && views.value?.[shown.value]
  return View ? <View close={close} /> : null
}
