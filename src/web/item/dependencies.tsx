/** What the item waits for. */

import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { ItemLine } from './children.tsx'
import { done } from './deed.ts'
import { linked, type Shown } from './state.ts'

export function Dependencies({ item }: { item: Shown }) {
  const isAdding = useSignal(false)
  const opener = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    isAdding.value = false
    opener.current?.focus()
  }
  return (
    <section class="block" aria-labelledby="dependencies-head">
      <header class="block-head">
        <h2 id="dependencies-head">Waits for</h2>
        {item.waitingFor.length > 0 && <span class="tally wait">{item.waitingFor.length} not finished</span>}
        {may('item:write') && (
          <button
            ref={opener}
            type="button"
            class="button quiet small"
            aria-expanded={isAdding.value}
            onClick={() => (isAdding.value = !isAdding.value)}
          >
            <Icon name="plus" /> Add a dependency
          </button>
        )}
      </header>
      {isAdding.value && <Adding item={item} close={close} />}
      {item.dependencies.length === 0 && !isAdding.value && <p class="none">It waits for nothing.</p>}
      <ul class="tree">
        {item.dependencies.map((on) => (
          <li key={on}>
            <div class="twig">
              <Waited id={on} isOpen={item.waitingFor.includes(on)} />
              {may('item:write') && (
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`No longer wait for #${on}`}
                  title={`pipeline dep rm ${item.id} ${on}`}
                  onClick={() =>
                    void done(
                      'dependency.remove',
                      { id: item.id, on },
                      `#${item.id} no longer waits for #${on}`,
                    )
                  }
                >
                  <Icon name="x" />
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Waited({ id, isOpen }: { id: number; isOpen: boolean }) {
  const known = linked.value.get(id)
  return (
    <>
      <span class={`verdict ${isOpen ? 'waits' : 'passed'}`}>
        <Icon name={isOpen ? 'clock' : 'check'} label={isOpen ? 'not finished' : 'finished'} />
      </span>
      {known ? (
        <ItemLine item={known} />
      ) : (
        <a class="item-line" href={`/items/${id}`}>
          <span class="id">#{id}</span>
        </a>
      )}
    </>
  )
}

function Adding({ item, close }: { item: Shown; close(): void }) {
  const text = useSignal('')
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const on = Number(/^#?(\d{1,15})$/.exec(text.value.trim())?.[1] ?? 0)
  const submit = async (): Promise<void> => {
    if (on === 0) return
    if (await done('dependency.add', { id: item.id, on }, `#${item.id} waits for #${on}`)) close()
  }
  return (
    <form
      class="inline-form"
      aria-label="New dependency"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <label class="small-label">
        Number of the item
        <input
          ref={field}
          required
          pattern="\s*#?[0-9]{1,15}\s*"
          inputMode="numeric"
          autocomplete="off"
          placeholder="12"
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <div class="inline-deeds">
        <button type="submit" class="button primary small">
          Add
        </button>
        <CommandLine line={`pipeline dep add ${item.id} ${on || 12}`} />
      </div>
    </form>
  )
}
