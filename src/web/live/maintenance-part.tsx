/** Time in which what the check finds counts for nothing: planned here, and taken away. */

import { useState } from 'preact/hooks'
import { ask, type Out, tell } from '../api.ts'
import { nowMs } from '../clock.ts'
import { isAbout, useAsked } from '../following.ts'
import { may } from '../session.ts'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { At } from '../ui/time.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { done } from './deeds.ts'
import { fieldTime, instantOf } from './field-time.ts'

type Window = Out<'maintenance.list'>['items'][number]

export function MaintenancePart({ id }: { id: number }) {
  const { value, refused, again } = useAsked(
    String(id),
    (signal) => ask('maintenance.list', { id }, signal),
    (news) => news.kind !== 'health' && isAbout(news, id),
  )
  const [isPlanning, setPlanning] = useState(false)
  return (
    <section class="maintenance-part" aria-labelledby="maintenance-name">
      <header class="part-head">
        <h2 id="maintenance-name">Maintenance</h2>
        {may('item:write') && !isPlanning && (
          <button type="button" class="button small" onClick={() => setPlanning(true)}>
            <Icon name="plus" />
            Plan maintenance
          </button>
        )}
      </header>
      {refused && <Trouble refused={refused} again={() => void again()} />}
      {isPlanning && (
        <Planning
          id={id}
          close={() => {
            setPlanning(false)
            void again()
          }}
        />
      )}
      {value && value.items.length === 0 && !isPlanning && <p class="none">None is planned.</p>}
      <ul class="windows">
        {value?.items.map((window) => (
          <Planned key={window.id} window={window} id={id} again={again} />
        ))}
      </ul>
    </section>
  )
}

const Planned = ({ window, id, again }: { window: Window; id: number; again(): Promise<void> }) => (
  <li>
    <span class={`window-state${window.activeUntil ? ' on' : ''}`}>
      {window.activeUntil ? 'now' : 'planned'}
    </span>
    <span>
      {window.from && window.to ? (
        <>
          <At at={window.from} /> to <At at={window.to} />
        </>
      ) : (
        <>
          <code>{window.cron}</code> {window.timezone}
          {window.next && (
            <>
              , next <At at={window.next} />
            </>
          )}
        </>
      )}
      {window.itemId === null && ' · every item'}
    </span>
    {window.note && <span class="hint">{window.note}</span>}
    {window.itemId === id && may('item:write') && (
      <button
        type="button"
        class="icon-button"
        aria-label={
          window.activeUntil ? `End maintenance ${window.id} now` : `Remove maintenance ${window.id}`
        }
        title={`pipeline maintenance rm ${window.id}`}
        onClick={() =>
          void done(window.activeUntil ? 'The maintenance ends now' : 'The maintenance is taken away', () =>
            tell('maintenance.remove', { id: window.id }),
          ).then(again)
        }
      >
        <Icon name="x" />
      </button>
    )}
  </li>
)

const twoHoursMs = 7_200_000

function Planning({ id, close }: { id: number; close(): void }) {
  const [from, setFrom] = useState(() => fieldTime(nowMs()))
  const [to, setTo] = useState(() => fieldTime(nowMs() + twoHoursMs))
  const [note, setNote] = useState('')
  const wanted = { from: instantOf(from), to: instantOf(to) }
  const line = [
    `pipeline maintenance add ${id}`,
    ...(wanted.from ? [`--from ${wanted.from}`] : []),
    ...(wanted.to ? [`--to ${wanted.to}`] : []),
    ...(note.trim() ? [`--note ${shellWord(note.trim())}`] : []),
  ].join(' ')
  const submit = async (): Promise<void> => {
    const isDone = await done(`Maintenance of #${id} is planned`, () =>
      tell('maintenance.add', {
        id,
        ...(wanted.from ? { from: wanted.from } : {}),
        ...(wanted.to ? { to: wanted.to } : {}),
        ...(note.trim() ? { note: note.trim() } : {}),
      }),
    )
    if (isDone) close()
  }
  return (
    <form
      class="planning"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <label>
        From
        <input
          type="datetime-local"
          required
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          required
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <label class="reason">
        Reason
        <input
          value={note}
          maxLength={500}
          placeholder="Moving the database"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      <CommandLine line={line} />
      <div class="editor-deeds">
        <button type="submit" class="button primary">
          Plan it
        </button>
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  )
}
