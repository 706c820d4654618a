/** Items of a list, by the words of its address: what stands behind a number, and any other filter. */

import { useEffect } from 'preact/hooks'
import { isStage } from '../../domain/stage.ts'
import { ask, type In } from '../api.ts'
import { place, setQuery } from '../router.ts'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { stageTitle } from '../ui/item-signs.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { headingOf } from './about.ts'
import { choices, inputOf, listLine, shownFields } from './filter.ts'
import { Filters } from './filters.tsx'
import { usePaged } from './paged.ts'
import { Rows } from './rows.tsx'

export function ListPage() {
  const { query } = place.value
  const input = inputOf(query)
  const key = JSON.stringify(input)
  const isEmpty = input.ids?.length === 0
  const { value, refused, isOld, again, more } = usePaged(key, (page, signal) =>
    isEmpty ? nothing : ask('item.list', { ...input, ...page, cards: true } as In<'item.list'>, signal),
  )
  const heading = headingOf(query) ?? stageHeading(input.stage) ?? 'Items'
  useEffect(() => {
    document.title = `${heading} · Throughline`
  })
  const line = listLine(input, shellWord)
  const of = Number(query.get('of'))
  return (
    <div class="page list-page">
      <header class="page-head">
        <h1>{heading}</h1>
        {line && <CommandLine line={line} />}
      </header>
      {!query.has('about') && <Filters query={query} />}
      <Words query={query} />
      {refused && <Trouble refused={refused} again={again} />}
      {!isOld && value?.items.length === 0 && (
        <p class="none">{isEmpty ? 'There is none: this number is 0.' : 'No item is like this.'}</p>
      )}
      <div aria-busy={isOld && !refused}>
        {value && <Rows items={value.items} />}
        {value && value.items.length > 0 && (
          <p class="rows-foot">
            <span role="status">
              {value.items.length} shown{of > value.items.length && `, the first of ${of}`}
            </span>
            {more && (
              <button type="button" class="button" onClick={more}>
                Show more
              </button>
            )}
          </p>
        )}
      </div>
    </div>
  )
}

const nothing: Promise<{ items: never[]; nextCursor: null; hidden: number }> = Promise.resolve({
  items: [],
  nextCursor: null,
  hidden: 0,
})

const stageHeading = (stage: string | undefined): string | undefined =>
  stage !== undefined && isStage(stage) ? stageTitle(stage) : undefined

/** What it is narrowed to; each word can be taken away. */
function Words({ query }: { query: URLSearchParams }) {
  const named = query.has('about')
  const set = shownFields.flatMap((name): [string, string][] => {
    const word = query.get(name)
    if (!word || name === 'board' || (!named && (choices as readonly string[]).includes(name))) return []
    return [[name, name === 'ids' ? `${word.split(',').length} items` : word]]
  })
  if (set.length === 0)
    return shownFields.some((name) => query.get(name)) ? null : (
      <p class="hint list-hint">What is not done or live.</p>
    )
  return (
    <ul class="list-words" aria-label="Narrowed to">
      {set.map(([name, word]) => (
        <li key={name}>
          <span class="one-line">{name === 'ids' ? word : `${name}: ${word === 'true' ? 'yes' : word}`}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={`Without ${name}`}
            onClick={() =>
              setQuery({
                [name!]: undefined,
                about: undefined,
                of: undefined,
                week: undefined,
                board: undefined,
              })
            }
          >
            <Icon name="x" />
          </button>
        </li>
      ))}
    </ul>
  )
}
