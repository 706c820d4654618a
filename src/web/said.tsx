/** What happened: for the eyes as a note at the edge, for the ears in a live region. */

import { signal } from '@preact/signals'
import { Refused } from './api.ts'
import { Icon } from './ui/icon.tsx'

export interface Toast {
  id: number
  tone: 'plain' | 'warn' | 'bad'
  text: string
  hint?: string | undefined
  action?: { label: string; run(): void } | undefined
}

const toasts = signal<Toast[]>([])
const spoken = signal('')
let last = 0

const shownMs = { plain: 4_000, warn: 8_000, bad: 12_000 }
const most = 4

export function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
  const one: Toast = { id: ++last, tone: 'plain', text, ...more }
  toasts.value = [...toasts.value, one].slice(-most)
  setTimeout(() => dismiss(one.id), shownMs[one.tone])
}

const dismiss = (id: number): void => {
  toasts.value = toasts.value.filter((each) => each.id !== id)
}

/** Says what a server refused, with what helps. */
export function toastRefusal(error: unknown, action?: Toast['action']): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  const refused = error instanceof Refused ? error : undefined
  toast(refused?.message ?? String(error), { tone: 'bad', hint: refused?.hint, action })
}

/** Spoken by a screen reader, not shown. */
export function announce(text: string): void {
  // The same words again are said again.
  spoken.value = spoken.value === text ? `${text}\u00a0` : text
}

export const Said = () => (
  <>
    <div class="spoken" role="status" aria-live="assertive">
      {spoken}
    </div>
    <div class="toasts" role="log" aria-live="polite" aria-label="What happened">
      {toasts.value.map((each) => (
        <div key={each.id} class={`toast ${each.tone}`}>
          <div class="toast-words">
            <p>{each.text}</p>
            {each.hint && <p class="hint">{each.hint}</p>}
          </div>
          {each.action && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                dismiss(each.id)
                each.action!.run()
              }}
            >
              {each.action.label}
            </button>
          )}
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(each.id)}>
            <Icon name="x" />
          </button>
        </div>
      ))}
    </div>
  </>
)
