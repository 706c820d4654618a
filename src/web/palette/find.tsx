/** The field that finds, and what it found: a combobox, worked by the keys while the focus stays in the field. */

import { commands } from 'virtual:commands'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { go } from '../router.ts'
import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { byWays, ways } from '../ways.ts'
import type { Command } from './command.ts'
import { useFound } from './found.ts'
import { OptionView } from './option.tsx'
import { groupsFor, idOf, type Option } from './options.ts'

interface FindProps {
  typed: string
  type(text: string): void
  close(): void
  run(command: Command): void
}

const pages = [...ways, ...byWays]
/** Rows that a page key goes. */
const pageRows = 8
const listId = 'palette-options'
const idFor = (key: string): string => `palette-${key.replace(/[^\w-]/g, '-')}`

const allowed = (): Command[] => commands.filter(({ needs }) => may(needs as Parameters<typeof may>[0]))

export function Find({ typed, type, close, run }: FindProps) {
  const found = useFound(typed)
  const groups = useMemo(
    () => groupsFor(typed, { items: shownItems(typed, found), pages, commands: allowed() }),
    [typed, found],
  )
  const options = groups.flatMap((group) => group.options)
  // Where the reader went by the keys; what arrives later does not take them elsewhere.
  const [wanted, want] = useState<string | undefined>(undefined)
  const active = options.find(({ key }) => key === wanted) ?? options[0]
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  useEffect(() => want(undefined), [typed])
  useLayoutEffect(() => {
    if (active)
      list.current?.querySelector(`#${CSS.escape(idFor(active.key))}`)?.scrollIntoView({ block: 'nearest' })
  }, [active?.key])

  const choose = (option: Option): void => {
    if (option.kind === 'command') {
      run(option.command)
      return
    }
    close()
    go(hrefOf(option))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    const by = steps[event.key]
    if (by !== undefined && options.length > 0) {
      event.preventDefault()
      want(options[stepped(active ? options.indexOf(active) : -1, by, options.length)]!.key)
    } else if (event.key === 'Enter' && active) {
      event.preventDefault()
      choose(active)
    }
  }
  return (
    <>
      <div class="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Find an item, a page or an operation"
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={active && idFor(active.key)}
          placeholder="Find an item, a page or an operation"
          autocomplete="off"
          spellcheck={false}
          ref={field}
          maxLength={500}
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div class="palette-options" id={listId} role="listbox" aria-label="Found" tabIndex={-1} ref={list}>
        {groups.map(({ name, options: inGroup }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
          <div key={name} role="group" aria-label={name}>
            <p class="palette-group" aria-hidden="true">
              {name}
            </p>
            {inGroup.map((option) => (
              <OptionView
                key={option.key}
                id={idFor(option.key)}
                option={option}
                isActive={option === active}
                point={() => want(option.key)}
                choose={() => choose(option)}
              />
            ))}
          </div>
        ))}
      </div>
      <p class="palette-foot">
        <span role="status" class={found.refused ? 'bad' : 'spoken'}>
          {found.refused?.message ?? `${options.length} found`}
        </span>
        <span class="palette-hints" aria-hidden="true">
          <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>↵</kbd> open or fill in
        </span>
      </p>
    </>
  )
}

/** What was found for other words is shown until there is better, but for a number: it is one item and no other. */
function shownItems(typed: string, { items, query }: ReturnType<typeof useFound>) {
  const now = typed.trim()
  if (now === query) return items
  return now === '' || query === '' || idOf(now) !== undefined || idOf(query) !== undefined ? [] : items
}

const hrefOf = (option: Exclude<Option, { kind: 'command' }>): string =>
  option.kind === 'item'
    ? `/items/${option.item.id}`
    : option.kind === 'page'
      ? option.page.href
      : `/search?q=${encodeURIComponent(option.query)}`

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: pageRows, PageUp: -pageRows }

/** One row goes round at the ends, a page stops there. */
function stepped(at: number, by: number, count: number): number {
  if (Math.abs(by) === 1) return (at + by + count) % count
  return Math.max(0, Math.min(count - 1, at + by))
}
