/** The draft to learn from an incident: read here, copied to where people write. */

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ask } from '../api.ts'
import { toastRefusal } from '../said.tsx'
import { CommandLine, copy } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { Markdown } from './markdown-view.tsx'
import { Scrolled } from './scrolled.tsx'

export function Postmortem({ id }: { id: number }) {
  const draft = useSignal<string | undefined>(undefined)
  const open = async (): Promise<void> => {
    try {
      draft.value = (await ask('incident.postmortem', { id })).markdown
    } catch (error) {
      toastRefusal(error)
    }
  }
  return (
    <>
      <button type="button" class="deed-button" onClick={() => void open()}>
        <Icon name="file" />
        Postmortem draft
      </button>
      {draft.value !== undefined && (
        <DraftDialog id={id} markdown={draft.value} close={() => (draft.value = undefined)} />
      )}
    </>
  )
}

function DraftDialog({ id, markdown, close }: { id: number; markdown: string; close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="dialog draft-dialog" aria-label="Postmortem draft" onClose={close}>
      <Scrolled kind="draft-text" name="Draft">
        <Markdown text={markdown} level={1} />
      </Scrolled>
      <div class="dialog-deeds">
        <CommandLine line={`pipeline incident postmortem ${id} > postmortem-${id}.md`} />
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
        <button type="button" class="button primary" onClick={() => void copy(markdown)}>
          <Icon name="copy" /> Copy as Markdown
        </button>
      </div>
    </dialog>
  )
}
