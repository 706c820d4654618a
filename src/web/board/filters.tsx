/** What narrows the board: each word of it in the address. */

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { types } from '../../domain/stage.ts'
import { openCreate } from '../create.tsx'
import { useProjects } from '../projects.ts'
import { setQuery } from '../router.ts'
import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { type Filter, type FilterName, filterNames, isFiltered } from './filter.ts'
import { allColumns } from './state.ts'

/** On a narrow page they wait behind a button. */
const open = signal(false)

const set = (name: FilterName, word: string): void => setQuery({ [name]: word.trim() })

/** People who type are not asked for at every letter. */
const typedMs = 200

export function Filters({ filter }: { filter: Filter }) {
  const projects = useProjects()
  return (
    <search class="filters">
      <Typed name="text" value={filter.text} label="Search the board" icon />
      <button
        type="button"
        class="icon-button filters-toggle"
        aria-expanded={open.value}
        aria-label="Filters"
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="filter" />
      </button>
      <div class={`filters-more${open.value ? ' open' : ''}`}>
        {projects.length > 0 && (
          <Choice name="project" value={filter.project} label="Project" options={projects} />
        )}
        <Choice
          name="type"
          value={filter.type}
          label="Type"
          options={types.filter((type) => type !== 'incident')}
        />
        <Typed
          name="assignee"
          value={filter.assignee}
          label="Assignee"
          options={known((card) => card.assignee)}
        />
        <Typed name="label" value={filter.label} label="Label" options={known((card) => card.labels)} />
        {isFiltered(filter) && (
          <button
            type="button"
            class="button quiet"
            onClick={() => setQuery(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
          >
            Clear
          </button>
        )}
      </div>
      {may('item:write') && (
        <button type="button" class="button primary new" onClick={() => openCreate()}>
          <Icon name="plus" />
          <span>New item</span>
        </button>
      )}
    </search>
  )
}

type Loaded = ReturnType<typeof allColumns>[number]['items'][number]

/** Words of the cards that are loaded. */
const known = (of: (card: Loaded) => string | string[] | null): string[] =>
  [...new Set(allColumns().flatMap((column) => column.items.flatMap((card) => of(card) ?? [])))]
    .sort()
    .slice(0, 100)

interface TypedProps {
  name: FilterName
  value: string | undefined
  label: string
  icon?: boolean
  options?: string[]
}

function Typed({ name, value, label, icon, options }: TypedProps) {
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    // What the address says, unless the reader is typing.
    if (field.current && field.current !== document.activeElement) field.current.value = value ?? ''
  }, [value])
  return (
    <label class={`field ${name}${value ? ' is-set' : ''}`}>
      {icon && <Icon name="search" />}
      <span class="spoken">{label}</span>
      <input
        ref={field}
        type="search"
        defaultValue={value ?? ''}
        placeholder={label}
        maxLength={200}
        {...(options ? { list: `known-${name}` } : {})}
        onInput={(event) => {
          const { value: typed } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => set(name, typed), typedMs)
        }}
      />
      {options && (
        <datalist id={`known-${name}`}>
          {name === 'assignee' && <option value="none">nobody</option>}
          {options.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </label>
  )
}

interface ChoiceProps {
  name: FilterName
  value: string | undefined
  label: string
  options: readonly string[]
}

const Choice = ({ name, value, label, options }: ChoiceProps) => (
  <label class={`field ${name}${value ? ' is-set' : ''}`}>
    <span class="spoken">{label}</span>
    <select value={value ?? ''} onChange={(event) => set(name, event.currentTarget.value)}>
      <option value="">{label}</option>
      {options.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </label>
)
