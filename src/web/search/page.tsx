/** Everything that holds the words: titles, descriptions, specs and notes. */

import { useEffect, useRef } from 'preact/hooks'
import { ask } from '../api.ts'
import { isSearchable } from '../board/filter.ts'
import { usePaged } from '../list/paged.ts'
import { Rows } from '../list/rows.tsx'
import { match } from '../palette/match.ts'
import { place, setQuery } from '../router.ts'
import '../styles/list.css'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { Trouble } from '../ui/trouble.tsx'

/** People who type are not asked for at every letter. */
const typedMs = 200

export function SearchPage() {
  const words = place.value.query.get('q')?.trim() ?? ''
  const canBe = isSearchable(words)
  const { value, refused, isOld, again, more } = usePaged(words, (page, signal) =>
    canBe ? ask('item.search', { words, ...page }, signal) : nothing,
  )
  useEffect(() => {
    document.title = words === '' ? 'Search · Throughline' : `${words.slice(0, 80)} · Search · Throughline`
  })
  const isFresh = !isOld && refused === undefined
  return (
    <div class="page list-page">
      <header class="page-head">
        <h1>Search</h1>
        <Field words={words} />
        {canBe && <CommandLine line={`pipeline search ${shellWord(words)}`} />}
      </header>
      {refused && <Trouble refused={refused} again={again} />}
      {words === '' && <HowTo />}
      {words !== '' && !canBe && <p class="none">Only letters and digits are looked for.</p>}
      <div aria-busy={isOld && !refused}>
        {canBe && value && <Rows items={value.items} marksOf={(title) => marksOf(words, title)} />}
        {canBe && isFresh && value && (
          <p class="rows-foot">
            <span role="status">{countWords(value.items.length, more !== undefined)}</span>
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

const nothing = Promise.resolve({ items: [] as never[], nextCursor: null })

const countWords = (count: number, isMore: boolean): string =>
  count === 0
    ? 'Nothing holds all of these words.'
    : `${count} ${count === 1 ? 'item' : 'items'}${isMore ? ' and more' : ''}`

/** Each word where it is found in a title; it may stand in the description alone. */
function marksOf(words: string, title: string): [from: number, to: number][] {
  const found = words
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word) => (word === '' ? [] : (match(word, title)?.marks ?? []).slice(0, 1)))
    .sort(([a], [b]) => a - b)
  return found.filter(([from], n) => n === 0 || from >= found[n - 1]![1])
}

const HowTo = () => (
  <div class="empty">
    <p>Words are looked for in titles, descriptions, specs and notes; each at the start of a word.</p>
    <CommandLine line="pipeline search rate limit" />
  </div>
)

function Field({ words }: { words: string }) {
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    if (field.current && field.current !== document.activeElement) field.current.value = words
  }, [words])
  useEffect(() => {
    if (words === '') field.current?.focus()
    return () => clearTimeout(timer.current)
  }, [])
  return (
    <search class="search-field">
      <Icon name="search" />
      <label class="spoken" for="search-words">
        Words
      </label>
      <input
        ref={field}
        id="search-words"
        type="search"
        defaultValue={words}
        placeholder="Words of what you look for"
        maxLength={500}
        onInput={(event) => {
          const { value } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => setQuery({ q: value.trim() }), typedMs)
        }}
      />
    </search>
  )
}
