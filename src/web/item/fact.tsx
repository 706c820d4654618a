/** One thing that is known of the item: shown, and changed where it stands. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import type { In } from '../api.ts'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { done } from './deed.ts'
import { update } from './lines.ts'
import type { Shown } from './state.ts'

type Change = Omit<In<'item.update'>, 'id' | 'ifMatch'>

export interface FactProps {
  item: Shown
  name: string
  /** As it is written; empty for none. */
  value: string
  /** What is asked for; undefined where it can't be changed here, or is no value. */
  change?(text: string): Change | undefined
  /** The flag of `pipeline update`. */
  flag?: string
  options?: readonly { value: string; label: string }[]
  /** Words that are offered and need not be taken. */
  known?: readonly string[]
  placeholder?: string
  children: ComponentChildren
}

export function Fact(props: FactProps) {
  const { name, change, children } = props
  const isOpen = useSignal(false)
  const opener = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    isOpen.value = false
    opener.current?.focus()
  }
  return (
    <div class={`fact-row${isOpen.value ? ' is-open' : ''}`}>
      <dt>{name}</dt>
      <dd>
        <div class="fact-value">
          {children}
          {change && may('item:write') && (
            <button
              ref={opener}
              type="button"
              class="icon-button pencil"
              aria-label={`Change ${name.toLowerCase()}`}
              aria-expanded={isOpen.value}
              onClick={() => (isOpen.value = !isOpen.value)}
            >
              <Icon name={isOpen.value ? 'x' : 'pencil'} />
            </button>
          )}
        </div>
        {isOpen.value && <FactForm {...props} close={close} />}
      </dd>
    </div>
  )
}

function FactForm({
  item,
  name,
  value,
  change,
  flag,
  options,
  known,
  placeholder,
  close,
}: FactProps & { close(): void }) {
  const text = useSignal(value)
  const wrong = useSignal(false)
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null)
  const id = useId()
  useLayoutEffect(() => field.current?.focus(), [])
  const submit = async (): Promise<void> => {
    const changes = change!(text.value.trim())
    wrong.value = changes === undefined
    if (!changes) return
    if (
      text.value.trim() === value ||
      (await done('item.update', { id: item.id, ...changes }, `${name} changed`))
    )
      close()
  }
  return (
    <form
      class="fact-form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      {options ? (
        <select
          ref={field}
          aria-label={name}
          value={text.value}
          onChange={(event) => (text.value = event.currentTarget.value)}
        >
          {options.map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          type="text"
          ref={field}
          aria-label={name}
          value={text.value}
          placeholder={placeholder}
          autocomplete="off"
          maxLength={2_000}
          list={known ? `${id}-known` : undefined}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      )}
      {known && (
        <datalist id={`${id}-known`}>
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      {wrong.value && (
        <p class="refusal" role="alert">
          That is no {name.toLowerCase()}.
        </p>
      )}
      <div class="inline-deeds">
        <button type="submit" class="button primary small">
          Save
        </button>
        {flag && <CommandLine line={update(item.id, flag, text.value.trim() || null)} />}
      </div>
    </form>
  )
}
