/** A long text of the item: shown as Markdown, edited where it stands. */

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { begin, drafts, placeOf } from './draft.ts'
import { Editor } from './editor.tsx'
import type { Field } from './fields.ts'
import { Markdown } from './markdown-view.tsx'
import type { Shown } from './state.ts'

interface ProseProps {
  item: Shown
  field: Field
  /** What is said where there is none yet. */
  empty: string
  /** Most items of its type have none: only a button until there is one. */
  isRare?: boolean
}

export function Prose({ item, field, empty, isRare = false }: ProseProps) {
  const { isEdited, edit, opener } = useEditing(item, field)
  const text = field.read(item) ?? ''
  const mayEdit = may('item:write')
  if (isRare && text === '' && !isEdited) {
    if (!mayEdit) return null
    return (
      <button ref={opener} type="button" class="button quiet small rare" onClick={edit}>
        <Icon name="plus" /> Add a {field.label.toLowerCase()}
      </button>
    )
  }
  return (
    <section class="block" aria-labelledby={`${field.name}-head`}>
      <header class="block-head">
        <h2 id={`${field.name}-head`}>{field.label}</h2>
        {mayEdit && !isEdited && <Pencil label={`Edit ${field.label}`} onClick={edit} opener={opener} />}
      </header>
      {isEdited ? (
        <Editor item={item} field={field} most={1_000_000} />
      ) : text === '' ? (
        <p class="none">{empty}</p>
      ) : (
        <Markdown text={text} />
      )}
    </section>
  )
}

type Opener = RefObject<HTMLButtonElement | null>

export const Pencil = ({ label, onClick, opener }: { label: string; onClick(): void; opener: Opener }) => (
  <button ref={opener} type="button" class="icon-button pencil" aria-label={label} onClick={onClick}>
    <Icon name="pencil" />
  </button>
)

/** Whether a draft of the field is open. */
export function useEditing(item: Shown, field: Field) {
  const place = placeOf(item, field.name)
  const opener = useRef<HTMLButtonElement>(null)
  const isEdited = drafts.value.has(place)
  const was = useRef(isEdited)
  useLayoutEffect(() => {
    // Whoever closed the editor goes on where they opened it.
    if (was.current && !isEdited) opener.current?.focus()
    was.current = isEdited
  }, [isEdited])
  return { isEdited, edit: () => begin(place, field.read(item) ?? ''), opener }
}
