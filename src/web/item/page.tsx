/** Everything there is of one item. */

import { useEffect, useLayoutEffect } from 'preact/hooks'
import { isOnPath } from '../../domain/stage.ts'
import type { Refused } from '../api.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { Actions } from './actions.tsx'
import { Activity } from './activity.tsx'
import { Children } from './children.tsx'
import { Criteria } from './criteria.tsx'
import { Dependencies } from './dependencies.tsx'
import { restore } from './draft.ts'
import { Facts } from './facts.tsx'
import { descriptionField, specField } from './fields.ts'
import { Header } from './header.tsx'
import { HealthBrief } from './health-brief.tsx'
import { IncidentBlock } from './incident.tsx'
import { Prose } from './prose.tsx'
import { failure, follow, item, load, type Shown } from './state.ts'
import '../styles/item.css'
import '../styles/item-facts.css'
import '../styles/item-texts.css'
import '../styles/item-log.css'
import '../styles/item-incident.css'

export function ItemPage({ words: [word = ''] }: { words: string[] }) {
  const id = Number(word)
  useEffect(() => {
    load(id).catch(() => undefined)
    return follow(id)
  }, [id])
  const shown = item.value?.id === id ? item.value : undefined
  const title = shown?.title
  useEffect(() => {
    document.title =
      title === undefined ? `#${word} · Throughline` : `#${word} ${title.slice(0, 100)} · Throughline`
  }, [word, title])
  const again = (): void => void load(id).catch(() => undefined)
  if (shown) {
    return (
      <div class="page item-page">
        {failure.value && <Trouble refused={failure.value} again={again} />}
        <Item key={id} item={shown} />
      </div>
    )
  }
  if (!failure.value) return <div class="page item-page" aria-busy="true" />
  const { code } = failure.value
  return (
    <div class="page item-page">
      {code === 'not-found' || code === 'invalid' ? (
        <Unknown word={word} refused={failure.value} />
      ) : (
        <Trouble refused={failure.value} again={again} />
      )}
    </div>
  )
}

function Item({ item }: { item: Shown }) {
  useLayoutEffect(() => restore(item), [item.id, item.createdAt])
  return (
    <article class="item" aria-label={`#${item.id}`}>
      <Header item={item} />
      <div class="item-columns">
        <div class="item-main">
          <IncidentBlock item={item} />
          <Prose item={item} field={descriptionField} empty="No description yet." />
          <Prose item={item} field={specField} empty="No spec yet." isRare={!isOnPath(item.type, 'spec')} />
          <Criteria item={item} />
          <Children item={item} />
          <Dependencies item={item} />
          <Activity item={item} />
        </div>
        <aside class="item-side" aria-label="Facts and actions">
          <HealthBrief item={item} />
          <Facts item={item} />
          <Actions item={item} />
        </aside>
      </div>
    </article>
  )
}

const Unknown = ({ word, refused }: { word: string; refused: Refused }) => (
  <div class="empty">
    <h1>There is no item #{word.slice(0, 20)}</h1>
    <p>{refused.message}</p>
    {/^\d{1,15}$/.test(word) && <CommandLine line={`pipeline log --item ${word}`} />}
    <p>
      <a href="/">Back to the board</a>
    </p>
  </div>
)
