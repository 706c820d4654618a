/** What happened to the item: the log, narrowed by kind and by who; and a note of one's own. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type NoteType, noteTypes } from '../../domain/item.ts'
import type { Entry } from '../events.ts'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { bareName, Person } from '../ui/person.tsx'
import { Ago } from '../ui/time.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { done } from './deed.ts'
import { begin, drafts, drop, placeOf, write } from './draft.ts'
import { actors, followLog, loadingOlder, log, logFailure, older, showLog, shown } from './entries.ts'
import { type Kind, told, type Words } from './entry-words.ts'
import * as lines from './lines.ts'
import { Markdown, Plain } from './markdown-view.tsx'
import type { Shown } from './state.ts'

const kinds: [kind: Kind, name: string][] = [
  ['all', 'All'],
  ['notes', 'Notes'],
  ['changes', 'Changes'],
]

export function Activity({ item }: { item: Shown }) {
  const kind = useSignal<Kind>('all')
  const actor = useSignal('')
  const wanted = { item: item.id, kind: kind.value, actor: actor.value }
  useEffect(() => followLog(item.id), [item.id])
  useEffect(() => void showLog(wanted), [item.id, kind.value, actor.value])
  return (
    <section class="block activity" aria-labelledby="activity-head">
      <header class="block-head">
        <h2 id="activity-head">Activity</h2>
        <div class="modes">
          {kinds.map(([each, name]) => (
            <button
              key={each}
              type="button"
              class="mode"
              aria-pressed={kind.value === each}
              onClick={() => (kind.value = each)}
            >
              {name}
            </button>
          ))}
        </div>
        <label class="by-whom">
          <span class="spoken">By whom</span>
          <select value={actor.value} onChange={(event) => (actor.value = event.currentTarget.value)}>
            <option value="">Everybody</option>
            {actors.value.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </header>
      {may('item:write') && <NoteForm key={item.id} item={item} />}
      {logFailure.value && <Trouble refused={logFailure.value} again={() => void showLog(wanted)} />}
      <Entries item={item} />
    </section>
  )
}

function Entries({ item }: { item: Shown }) {
  const known = log.value
  if (!known) return <p class="none" aria-busy="true" />
  return (
    <>
      {shown.value.length === 0 && <p class="none">Nothing of that kind{known.next ? ' so far' : ''}.</p>}
      <ol class="entries">
        {shown.value.map((entry) => (
          <EntryView key={entry.id} entry={entry} type={item.type} />
        ))}
      </ol>
      {known.next && (
        <button
          type="button"
          class="button small older"
          disabled={loadingOlder.value}
          onClick={() => void older()}
        >
          Show older
        </button>
      )}
      <CommandLine line={`pipeline log --item ${item.id}`} />
    </>
  )
}

const EntryView = ({ entry, type }: { entry: Entry; type: Shown['type'] }) => (
  <li class={`entry${entry.note ? ' with-note' : ''}`}>
    <Person name={entry.actor} />
    <div class="entry-body">
      <p class="entry-head">
        <strong title={entry.actor} dir="auto">
          {bareName(entry.actor)}
        </strong>{' '}
        <Sentence words={told(entry, type)} />
        {entry.noteType && entry.noteType !== 'progress' && (
          <span class={`note-type ${entry.noteType}`}>{entry.noteType}</span>
        )}
        <Ago at={entry.at} />
      </p>
      {entry.note && <Note text={entry.note} isOfProgram={entry.actor.startsWith('system:')} />}
    </div>
  </li>
)

export const Sentence = ({ words }: { words: Words }) => (
  <span class="sentence" dir="auto">
    {words.map((word, at) =>
      typeof word === 'string' ? (
        word
      ) : (
        <a key={at} href={`/items/${word.item}`}>
          #{word.item}
          {word.title && ` ${word.title}`}
        </a>
      ),
    )}
  </span>
)

/** People and agents write Markdown; what a program printed is shown as it is. */
export const Note = ({ text, isOfProgram }: { text: string; isOfProgram: boolean }) =>
  isOfProgram ? <Plain text={text} /> : <Markdown text={text} most={8_000} level={3} />

function NoteForm({ item }: { item: Shown }) {
  const place = placeOf(item, 'note')
  const text = useSignal(drafts.peek().get(place)?.text ?? '')
  const type = useSignal<NoteType>('progress')
  const busy = useSignal(false)
  const submit = async (): Promise<void> => {
    if (text.value.trim() === '' || busy.value) return
    busy.value = true
    const noted = await done('item.note', { id: item.id, text: text.value, type: type.value }, 'Noted')
    busy.value = false
    if (!noted) return
    text.value = ''
    drop(place)
  }
  const onInput = (written: string): void => {
    text.value = written
    begin(place, '')
    if (written === '') drop(place)
    else write(place, written)
  }
  return (
    <form
      class="note-form"
      aria-label="New note"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void submit()
      }}
    >
      <label class="spoken" for="new-note">
        Note
      </label>
      <textarea
        id="new-note"
        rows={text.value === '' ? 1 : 4}
        value={text.value}
        placeholder="Write a note…"
        maxLength={1_000_000}
        dir="auto"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {text.value !== '' && (
        <div class="inline-deeds">
          <label class="small-label row">
            Kind
            <select
              value={type.value}
              onChange={(event) => (type.value = event.currentTarget.value as NoteType)}
            >
              {noteTypes.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <button type="submit" class="button primary small" disabled={busy.value}>
            Add note
          </button>
          <CommandLine line={lines.note(item.id, text.value.trim().slice(0, 2_000), type.value)} />
        </div>
      )}
    </form>
  )
}
