/** What narrows the board: each word of it in the address. */

import { signal } from '@preact/signals'
import { types } from '../../domain/stage.ts'
import { openCreate } from '../create.tsx'
import { useProjects } from '../projects.ts'
import { setQuery } from '../router.ts'
import { may } from '../session.ts'
import { ChoiceFilter, TextFilter } from '../ui/fields.tsx'
import { Icon } from '../ui/icon.tsx'
import { type Filter, filterNames, isFiltered } from './filter.ts'
import { allColumns } from './state.ts'

/** On a narrow page they wait behind a button. */
const open = signal(false)

/** Open incidents stand above the columns. */
const cardTypes = types.filter((type) => type !== 'incident')

export function Filters({ filter }: { filter: Filter }) {
  const projects = useProjects()
  return (
    <search class="filters">
      <TextFilter label="Search the board" value={filter.text} />
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
          <ChoiceFilter name="project" value={filter.project} label="Project" options={projects} />
        )}
        <ChoiceFilter name="type" value={filter.type} label="Type" options={cardTypes} />
        <TextFilter
          name="assignee"
          value={filter.assignee}
          label="Assignee"
          known={[{ value: 'none', label: 'nobody' }, ...known((card) => card.assignee)]}
        />
        <TextFilter name="label" value={filter.label} label="Label" known={known((card) => card.labels)} />
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
        <button type="button" class="button primary new" aria-label="New item" onClick={() => openCreate()}>
          <Icon name="plus" />
          <span>New item</span>
        </button>
      )}
    </search>
  )
}

type Loaded = ReturnType<typeof allColumns>[number]['items'][number]

/** Words of the cards that are loaded. */
const known = (of: (card: Loaded) => string | string[] | null): { value: string }[] =>
  [...new Set(allColumns().flatMap((column) => column.items.flatMap((card) => of(card) ?? [])))]
    .sort()
    .slice(0, 100)
    .map((value) => ({ value }))
