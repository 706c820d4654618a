/** A text that is written: with a preview, kept while it is not saved, and never lost to somebody else's. */

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Refused } from '../api.ts'
import { toast, toastRefusal } from '../said.tsx'
import { CommandLine } from '../ui/command-line.tsx'
import { Conflict, Version } from './conflict.tsx'
import { drafts, drop, flush, placeOf, printOf, rebase } from './draft.ts'
import { Asking, type Mode, Modes, Writing } from './editor-parts.tsx'
import type { Field } from './fields.ts'
import { apart } from './lines-apart.ts'
import { Markdown } from './markdown-view.tsx'
import { isOvertaken, save } from './saving.ts'
import { lookAgain, type Shown, item as shownItem } from './state.ts'

interface EditorProps {
  item: Shown
  field: Field
  /** One line, without Markdown. */
  isLine?: boolean
  most?: number
}

export function Editor({ item, field, isLine = false, most }: EditorProps) {
  const place = placeOf(item, field.name)
  const draft = drafts.value.get(place)
  const mode = useSignal<Mode>('writing')
  const problem = useSignal<Refused | undefined>(undefined)
  /** The other text, while the two are brought together. */
  const beside = useSignal<string | undefined>(undefined)
  const area = useRef<HTMLTextAreaElement | HTMLInputElement>(null)
  useKeptWhenLeaving()
  if (!draft) return null

  const isChanged = (): boolean => printOf(draft.text) !== draft.base
  const close = (): void => drop(place)
  const leave = (): void => {
    if (isChanged()) mode.value = 'asking'
    else close()
  }
  const submit = async (): Promise<void> => {
    if (mode.value === 'saving') return
    if (!isChanged()) return close()
    mode.value = 'saving'
    problem.value = undefined
    try {
      if (await save(field, shownItem.value ?? item, draft)) {
        close()
        toast(`${field.label} saved`)
        lookAgain()
      } else mode.value = 'conflict'
    } catch (error) {
      mode.value = 'writing'
      if (error instanceof Refused) problem.value = error
      else toastRefusal(error)
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    if (event.key === 'Enter' && (isLine || event.metaKey || event.ctrlKey)) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      if (mode.value === 'asking') mode.value = 'writing'
      else leave()
    }
  }
  const theirs = field.read(item)
  // What it was is gone: there is nothing left to write on.
  const isConflict = theirs === undefined || mode.value === 'conflict'
  if (isConflict && isOvertaken(field, item, draft)) {
    return (
      <Conflict
        label={field.label}
        theirs={theirs}
        yours={draft.text}
        takeTheirs={close}
        takeYours={() => {
          rebase(place, theirs ?? '')
          mode.value = 'writing'
          void saveOver(field, place).then((saved) => (mode.value = saved ? 'writing' : 'conflict'))
        }}
        merge={() => {
          rebase(place, theirs ?? '')
          beside.value = theirs
          mode.value = 'writing'
        }}
        isLine={isLine}
      />
    )
  }
  return (
    <form
      class={`editor${isLine ? ' line' : ''}`}
      aria-label={`Edit ${field.label}`}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {beside.value !== undefined && <Beside theirs={beside.value} yours={draft.text} />}
      {!isLine && <Modes mode={mode.value} set={(next) => (mode.value = next)} />}
      <Writing {...{ field, place, draft, isLine, area, most, isHidden: mode.value === 'preview' }} />
      {mode.value === 'preview' && (
        <div class="preview">
          {draft.text.trim() === '' ? <p class="none">Nothing to show.</p> : <Markdown text={draft.text} />}
        </div>
      )}
      {isOvertaken(field, item, draft) && (
        <p class="overtaken" role="status">
          Somebody else changed this meanwhile. Saving shows both texts; nothing is lost.
        </p>
      )}
      {problem.value && (
        <p class="refusal" role="alert">
          {problem.value.message}
          {problem.value.hint && <span class="hint"> {problem.value.hint}</span>}
        </p>
      )}
      {mode.value === 'asking' ? (
        <Asking throwAway={close} goOn={() => (mode.value = 'writing')} back={area} />
      ) : (
        <div class="editor-deeds">
          <button type="submit" class="button primary small" disabled={mode.value === 'saving'}>
            Save
          </button>
          <button type="button" class="button small" onClick={leave}>
            Cancel
          </button>
          <span class="hint keys">{isLine ? 'Enter saves' : 'Ctrl or ⌘ Enter saves'}</span>
          <CommandLine line={field.line(item)} />
        </div>
      )}
    </form>
  )
}

const Beside = ({ theirs, yours }: { theirs: string; yours: string }) => (
  <div class="beside">
    <Version name="Theirs, saved" lines={apart(theirs, yours)[0]} text={theirs} />
  </div>
)

/** Over what is known of the other text by now. */
async function saveOver(field: Field, place: string): Promise<boolean> {
  const draft = drafts.value.get(place)
  const item = shownItem.value
  if (!draft || !item) return true
  try {
    // A criterion that somebody took away is written anew.
    const gone = field.read(item) === undefined
    const target = gone ? { ...field, read: () => draft.text } : field
    if (!(await save(target, item, draft))) return false
    drop(place)
    toast(`${field.label} saved`)
    lookAgain()
    return true
  } catch (error) {
    toastRefusal(error)
    return true
  }
}

function useKeptWhenLeaving(): void {
  useEffect(() => {
    addEventListener('pagehide', flush)
    return () => {
      removeEventListener('pagehide', flush)
      flush()
    }
  }, [])
}
