/** What can be done with the item, in one place; the same from a terminal below each. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { go } from '../router.ts'
import { may, session } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { done } from './deed.ts'
import { actors } from './entries.ts'
import * as lines from './lines.ts'
import type { Shown } from './state.ts'

export function Actions({ item }: { item: Shown }) {
  if (!may('item:write')) return null
  const mine = item.assignee !== null && item.assignee === session.value?.actor
  return (
    <section class="side-block" aria-labelledby="actions-head">
      <h2 id="actions-head">Actions</h2>
      <div class="actions">
        {item.assignee === null && <Claim item={item} />}
        {mine && <Release item={item} />}
        <Assign key={`assign ${item.assignee}`} item={item} />
        <Block key={`block ${item.blocked?.reason}`} item={item} />
        {item.blocked && <Unblock item={item} />}
        <Delete item={item} />
      </div>
    </section>
  )
}

interface DeedProps {
  name: string
  icon: IconName
  line: string
  /** On the button. */
  verb: string
  tone?: 'danger'
  run(): Promise<unknown>
  children?: ComponentChildren
}

/** Open one at a time. */
export function Deed({ name, icon, line, verb, tone, run, children }: DeedProps) {
  const busy = useSignal(false)
  const submit = async (): Promise<void> => {
    if (busy.value) return
    busy.value = true
    await run()
    busy.value = false
  }
  return (
    <details class={`deed${tone ? ` ${tone}` : ''}`} name="deeds">
      <summary>
        <Icon name={icon} />
        {name}
        <Icon name="down" />
      </summary>
      <form
        class="deed-form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {children}
        <CommandLine line={line} />
        <button type="submit" class={`button small ${tone ?? 'primary'}`} disabled={busy.value}>
          {verb}
        </button>
      </form>
    </details>
  )
}

const Claim = ({ item: { id } }: { item: Shown }) => (
  <Deed
    name="Claim"
    icon="user"
    verb="Take it"
    line={`pipeline claim ${id}`}
    run={() => done('item.claim', { id }, `#${id} is yours`)}
  />
)

const Release = ({ item: { id } }: { item: Shown }) => (
  <Deed
    name="Release"
    icon="undo"
    verb="Give it back"
    line={`pipeline release ${id}`}
    run={() => done('item.release', { id }, `#${id} is free`)}
  />
)

function Assign({ item: { id, assignee } }: { item: Shown }) {
  const name = useSignal(assignee ?? '')
  const to = name.value.trim()
  return (
    <Deed
      name="Assign"
      icon="users"
      verb={to === '' ? 'Take it from its assignee' : 'Assign'}
      line={lines.assign(id, to === '' ? 'none' : to)}
      run={() =>
        done(
          'item.assign',
          { id, assignee: to === '' ? null : to },
          to === '' ? `#${id} is nobody's` : `#${id} is ${to}'s`,
        )
      }
    >
      <label class="small-label">
        To whom; nobody where it is empty
        <input
          value={name.value}
          list="known-actors"
          autocomplete="off"
          maxLength={100}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
      </label>
      <datalist id="known-actors">
        {[...new Set([session.value?.actor ?? '', ...actors.value])]
          .filter((each) => each !== '')
          .map((each) => (
            <option key={each} value={each} />
          ))}
      </datalist>
    </Deed>
  )
}

function Block({ item: { id, blocked } }: { item: Shown }) {
  const reason = useSignal(blocked?.reason ?? '')
  const why = reason.value.trim()
  return (
    <Deed
      name={blocked ? 'Change why it is blocked' : 'Block'}
      icon="ban"
      verb={blocked ? 'Change the reason' : 'Flag as blocked'}
      line={lines.block(id, why || 'what it waits for')}
      run={async () => {
        if (why !== '') await done('item.block', { id, reason: why }, `#${id} is flagged as blocked`)
      }}
    >
      <label class="small-label">
        What it waits for
        <textarea
          rows={2}
          required
          maxLength={2_000}
          value={reason.value}
          dir="auto"
          onInput={(event) => (reason.value = event.currentTarget.value)}
        />
      </label>
    </Deed>
  )
}

const Unblock = ({ item: { id } }: { item: Shown }) => (
  <Deed
    name="Unblock"
    icon="check"
    verb="Take the flag off"
    line={`pipeline unblock ${id}`}
    run={() => done('item.unblock', { id }, `#${id} is no longer blocked`)}
  />
)

function Delete({ item: { id, childCount, title, version } }: { item: Shown }) {
  const sure = useSignal(false)
  const children =
    childCount === 1
      ? 'Its child stays, and loses its parent.'
      : `Its ${childCount} children stay, and lose their parent.`
  return (
    <Deed
      name="Delete"
      icon="trash"
      tone="danger"
      verb={`Delete #${id}`}
      line={`pipeline delete ${id} --yes`}
      run={async () => {
        if (
          sure.value &&
          (await done('item.delete', { id, yes: true, ifMatch: version }, `#${id} is deleted`))
        )
          go('/')
      }}
    >
      <p>
        “<span dir="auto">{title.length > 80 ? `${title.slice(0, 79)}…` : title}</span>” can't be brought
        back; its history stays. {childCount > 0 && <strong>{children}</strong>}
      </p>
      <label class="choice">
        <input
          type="checkbox"
          required
          checked={sure.value}
          onChange={(event) => (sure.value = event.currentTarget.checked)}
        />
        Yes, delete it
      </label>
    </Deed>
  )
}
