/** What an editor is made of. */

import type { RefObject } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { type Draft, write } from './draft.ts'
import type { Field } from './fields.ts'

export type Mode = 'writing' | 'preview' | 'saving' | 'asking' | 'conflict'

export const Modes = ({ mode, set }: { mode: Mode; set(mode: Mode): void }) => (
  <div class="modes">
    {(['writing', 'preview'] as const).map((each) => (
      <button
        key={each}
        type="button"
        class="mode"
        aria-pressed={each === 'preview' ? mode === 'preview' : mode !== 'preview'}
        onClick={() => set(each)}
      >
        {each === 'writing' ? 'Write' : 'Preview'}
      </button>
    ))}
  </div>
)

interface WritingProps {
  field: Field
  place: string
  draft: Draft
  isLine: boolean
  area: RefObject<HTMLTextAreaElement | HTMLInputElement | null>
  most: number | undefined
  isHidden: boolean
}

export function Writing({ field, place, draft, isLine, area, most, isHidden }: WritingProps) {
  const id = useId()
  useLayoutEffect(() => area.current?.focus(), [])
  const shared = {
    id,
    defaultValue: draft.text,
    hidden: isHidden,
    dir: 'auto' as const,
    ...(most === undefined ? {} : { maxLength: most }),
  }
  return (
    <>
      <label class="spoken" for={id}>
        {field.label}
      </label>
      {isLine ? (
        <input
          ref={area as RefObject<HTMLInputElement | null>}
          {...shared}
          autocomplete="off"
          onInput={(event) => write(place, event.currentTarget.value)}
        />
      ) : (
        <textarea
          ref={area as RefObject<HTMLTextAreaElement | null>}
          {...shared}
          rows={Math.min(24, Math.max(6, draft.text.slice(0, 5_000).split('\n').length + 2))}
          onInput={(event) => write(place, event.currentTarget.value)}
        />
      )}
    </>
  )
}

interface AskingProps {
  throwAway(): void
  goOn(): void
  /** Where the reader goes on. */
  back: RefObject<HTMLElement | null>
}

export function Asking({ throwAway, goOn, back }: AskingProps) {
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    first.current?.focus()
    return () => back.current?.focus()
  }, [])
  return (
    <div class="asking" role="alertdialog" aria-label="Unsaved changes">
      <p>Throw away what you wrote?</p>
      <button ref={first} type="button" class="button small" onClick={goOn}>
        Go on writing
      </button>
      <button type="button" class="button small danger" onClick={throwAway}>
        Throw it away
      </button>
    </div>
  )
}
