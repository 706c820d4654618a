/** One stage: its name on the line, its cards below. */

import { useComputed } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { emoji, type Stage } from '../../domain/stage.ts'
import { Icon } from '../ui/icon.tsx'
import { stageTitle } from '../ui/item-signs.tsx'
import { useVirtual } from '../ui/virtual.ts'
import { CardView } from './card.tsx'
import { current, isFolded, picked, toggleFold } from './hand.ts'
import { underWay } from './moving.ts'
import { columns, more } from './state.ts'

/** Pixels of a card with a title of two lines. */
const cardPx = 98
/** So near to the end of what is loaded the next page is asked for. */
const nearEnd = 10

export function StageColumn({ stage }: { stage: Stage }) {
  const folded = useComputed(() => isFolded(stage)).value
  const { count } = columns[stage].value
  const label = `${stage}, ${count} ${count === 1 ? 'item' : 'items'}`
  return (
    <section class={`column stage-${stage}${folded ? ' folded' : ''}`} data-stage={stage} aria-label={label}>
      <button
        type="button"
        class="column-head"
        aria-expanded={!folded}
        title={folded ? `Open ${stage}` : `Fold ${stage}`}
        onClick={() => toggleFold(stage)}
      >
        <span class="node" />
        <span class="emoji" aria-hidden="true">
          {emoji[stage]}
        </span>
        <h2>{stageTitle(stage)}</h2>
        <span class="count">{count}</span>
        <Icon name={folded ? 'right' : 'left'} />
      </button>
      {!folded && <Cards stage={stage} />}
    </section>
  )
}

function Cards({ stage }: { stage: Stage }) {
  const { items, next } = columns[stage].value
  const scroller = useRef<HTMLElement>(null)
  const virtual = useVirtual({
    scroller,
    count: items.length,
    keyOf: (index) => items[index]?.id ?? index,
    ...{ estimate: cardPx, gap: 8, padding: 2 },
  })
  const last = virtual.items.at(-1)?.index ?? -1
  useEffect(() => {
    if (next !== null && last >= items.length - nearEnd) void more(stage)
  }, [stage, next, last, items.length])

  const { id, focus } = current.value
  const at = focus ? items.findIndex((card) => card.id === id) : -1
  useLayoutEffect(() => {
    if (at === -1) return
    virtual.scrollTo(at)
    const card = scroller.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)
    card?.focus({ preventScroll: true })
    if (card) current.value = { id, focus: false }
  })
  if (items.length === 0) return <p class="column-empty">nothing here</p>
  return (
    <div class="cards" ref={scroller as RefObject<HTMLDivElement | null>} tabIndex={-1}>
      <ol style={{ height: `${virtual.totalPx}px` }}>
        {virtual.items.map(({ index, start, key }) => {
          const card = items[index]
          if (!card) return null
          return (
            <li
              key={key}
              ref={virtual.measure}
              data-index={index}
              aria-setsize={columns[stage].value.count}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <CardView
                card={card}
                isCurrent={card.id === id}
                isMoving={underWay.value.has(card.id)}
                isPicked={picked.value?.card.id === card.id}
              />
            </li>
          )
        })}
      </ol>
    </div>
  )
}
