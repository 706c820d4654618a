/** How long a check is paused, and why: asked for in a dialog. */

import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { pause } from './deeds.ts'

const asked = signal<{ id: number; title: string } | undefined>(undefined)

export const askPause = (id: number, title: string): void => {
  asked.value = { id, title }
}

const durations: [value: string, words: string][] = [
  ['30m', '30 minutes'],
  ['1h', '1 hour'],
  ['2h', '2 hours'],
  ['8h', '8 hours'],
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['', 'until it is resumed'],
]

export function PauseDialog() {
  const about = asked.value
  return about ? <Asking key={about.id} {...about} /> : null
}

function Asking({ id, title }: { id: number; title: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [duration, setDuration] = useState('2h')
  const [note, setNote] = useState('')
  useEffect(() => dialog.current?.showModal(), [])
  const line = [
    `pipeline pause ${id}`,
    ...(duration ? [`--for ${duration}`] : []),
    ...(note.trim() ? [`--note ${shellWord(note.trim())}`] : []),
  ].join(' ')
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="pause-name"
      onClose={() => (asked.value = undefined)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void pause(id, duration || undefined, note.trim()).then((isDone) => {
            if (isDone) dialog.current?.close()
          })
        }}
      >
        <h2 id="pause-name">Pause the check of #{id}</h2>
        <p class="hint">{title}: while it is paused the time is not watched, neither up nor down.</p>
        <label>
          How long
          <select value={duration} onChange={(event) => setDuration(event.currentTarget.value)}>
            {durations.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Why
          <input
            value={note}
            maxLength={500}
            autocomplete="off"
            placeholder="Moving the database"
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <CommandLine line={line} />
        <div class="dialog-deeds">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Pause
          </button>
        </div>
      </form>
    </dialog>
  )
}
