/** What narrows and orders a list: each word of it in the address. */

import { stageWords, types } from '../../domain/stage.ts'
import { useProjects } from '../projects.ts'
import { setQuery } from '../router.ts'
import type { choices } from './filter.ts'

type Name = (typeof choices)[number]

const orders: [word: string, name: string][] = [
  ['-updated', 'Changed last'],
  ['-created', 'Newest'],
  ['created', 'Oldest'],
]

const same = (words: readonly string[]): [word: string, name: string][] => words.map((word) => [word, word])

export function Filters({ query }: { query: URLSearchParams }) {
  const projects = useProjects()
  return (
    <search class="list-filters">
      <Choice query={query} name="stage" none="Any stage" options={same(stageWords)} />
      <Choice query={query} name="type" none="Any type" options={same(types)} />
      {projects.length > 0 && (
        <Choice query={query} name="project" none="Any project" options={same(projects)} />
      )}
      <Choice query={query} name="sort" none="By priority" options={orders} />
    </search>
  )
}

interface ChoiceProps {
  query: URLSearchParams
  name: Name
  /** Where nothing is chosen. */
  none: string
  options: [word: string, name: string][]
}

function Choice({ query, name, none, options }: ChoiceProps) {
  const value = query.get(name) ?? ''
  const all =
    value === '' || options.some(([word]) => word === value) ? options : [...options, [value, value]]
  return (
    <label class={`field${value ? ' is-set' : ''}`}>
      <span class="spoken">{name}</span>
      {/* A column of the board has an order of its own, and is of one stage. */}
      <select
        value={value}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value, board: undefined })}
      >
        <option value="">{none}</option>
        {all.map(([word, shown]) => (
          <option key={word} value={word}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  )
}
