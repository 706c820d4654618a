/** What is asked for before an incident is resolved, and the draft to learn from it. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, type Refused, tell } from '../api.ts'
import { refusalOf } from '../following.ts'
import { toast } from '../said.tsx'
import { CommandLine, copy, shellWord } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { type IncidentRow, lookAgain } from './state.ts'

interface About {
  what: 'resolve' | 'postmortem'
  incident: Pick<IncidentRow, 'id' | 'title'>
}

const about = signal<About | undefined>(undefined)

export const askResolve = (incident: IncidentRow): void => {
  about.value = { what: 'resolve', incident }
}

export const showPostmortem = (incident: Pick<IncidentRow, 'id' | 'title'>): void => {
  about.value = { what: 'postmortem', incident }
}

export function IncidentDialogs() {
  const dialog = useRef<HTMLDialogElement>(null)
  const shown = about.value
  useEffect(() => {
    if (shown && !dialog.current?.open) dialog.current?.showModal()
  }, [shown])
  if (!shown) return null
  const close = (): void => dialog.current?.close()
  return (
    <dialog
      ref={dialog}
      class={`dialog${shown.what === 'postmortem' ? ' wide' : ''}`}
      aria-labelledby="incident-dialog-name"
      onClose={() => (about.value = undefined)}
    >
      {shown.what === 'resolve' ? (
        <Resolve incident={shown.incident} close={close} />
      ) : (
        <Postmortem incident={shown.incident} close={close} />
      )}
    </dialog>
  )
}

interface DialogProps {
  incident: About['incident']
  close(): void
}

function Resolve({ incident: { id, title }, close }: DialogProps) {
  const [note, setNote] = useState('')
  const [refused, setRefused] = useState<Refused | undefined>(undefined)
  const submit = async (): Promise<void> => {
    try {
      const { warnings } = await tell('incident.resolve', { id, note })
      toast(`#${id} is resolved`, {
        action: { label: 'Postmortem', run: () => showPostmortem({ id, title }) },
      })
      for (const warning of warnings) toast(warning, { tone: 'warn' })
      close()
      void lookAgain()
    } catch (error) {
      setRefused(refusalOf(error))
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit()
      }}
    >
      <h2 id="incident-dialog-name">Resolve #{id}</h2>
      <p class="hint">{title}</p>
      <label>
        What ended it
        <textarea
          required
          rows={4}
          value={note}
          placeholder="The disk was full; cleaned up"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      {refused && <Refusal refused={refused} />}
      <CommandLine line={`pipeline incident resolve ${id} --note ${shellWord(note.trim() || '…')}`} />
      <Deeds close={close}>
        <button type="submit" class="button primary">
          Resolve
        </button>
      </Deeds>
    </form>
  )
}

function Postmortem({ incident: { id }, close }: DialogProps) {
  const [markdown, setMarkdown] = useState<string | undefined>(undefined)
  const [refused, setRefused] = useState<Refused | undefined>(undefined)
  useEffect(() => {
    const leaving = new AbortController()
    ask('incident.postmortem', { id }, leaving.signal).then(
      (draft) => setMarkdown(draft.markdown),
      (error) => {
        if (!leaving.signal.aborted) setRefused(refusalOf(error))
      },
    )
    return () => leaving.abort()
  }, [id])
  return (
    <div class="postmortem">
      <h2 id="incident-dialog-name">Postmortem of #{id}</h2>
      <p class="hint">A draft out of its timeline, as Markdown. Change it here as you like, and copy it.</p>
      {refused && <Refusal refused={refused} />}
      <textarea
        aria-label="The draft, as Markdown"
        class="code"
        rows={18}
        spellcheck={false}
        value={markdown ?? ''}
        placeholder={refused ? '' : 'Writing the draft …'}
        onInput={(event) => setMarkdown(event.currentTarget.value)}
      />
      <CommandLine line={`pipeline incident postmortem ${id} > postmortem-${id}.md`} />
      <Deeds close={close}>
        <button
          type="button"
          class="button primary"
          disabled={markdown === undefined}
          onClick={() => void copy(markdown ?? '')}
        >
          <Icon name="copy" />
          Copy the text
        </button>
      </Deeds>
    </div>
  )
}

const Refusal = ({ refused }: { refused: Refused }) => (
  <p class="refusal" role="alert">
    {refused.message}
    {refused.hint && <span class="hint"> {refused.hint}</span>}
  </p>
)

const Deeds = ({ close, children }: { close(): void; children: ComponentChildren }) => (
  <div class="dialog-deeds">
    <button type="button" class="button" onClick={close}>
      Close
    </button>
    {children}
  </div>
)
