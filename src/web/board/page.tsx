/** The board: what is on fire, and every stage on one line. */

import { useComputed, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { stages } from '../../domain/stage.ts'
import { place } from '../router.ts'
import { Trouble } from '../ui/trouble.tsx'
import { StageColumn } from './column.tsx'
import { mayStand } from './columns.ts'
import { carry } from './drag.ts'
import { EmptyPipeline, SampleNote } from './empty.tsx'
import { filterOf, isFiltered, isSearchable } from './filter.ts'
import { Filters } from './filters.tsx'
import { Fire } from './fire.tsx'
import { current, holdOn, keepFocus, letGoIfMoved, noteFocus, picked, placeOf, pressed } from './hand.ts'
import { move, refuseDrop } from './moving.ts'
import { allColumns, failure, incidents, isBegun, load, loading, startBoard } from './state.ts'

/** Milliseconds after a change in which the page has drawn it. */
const drawnMs = 50

export function BoardPage() {
  // By value: another address with the same filter asks for nothing.
  const words = useComputed(() => JSON.stringify(filterOf(place.value.query))).value
  const filter = JSON.parse(words) as ReturnType<typeof filterOf>
  useEffect(startBoard, [])
  useEffect(() => {
    if (isBegun(filter)) return
    if (filter.text === undefined || isSearchable(filter.text)) void load(filter)
  }, [words])
  const total = useComputed(() => allColumns().reduce((sum, column) => sum + column.count, 0)).value
  useSignalEffect(() => {
    letGoIfMoved()
    holdOn()
    // Once it is drawn.
    setTimeout(keepFocus, drawnMs)
  })
  useEffect(() => {
    document.title =
      incidents.value.count > 0 ? `(${incidents.value.count}) Board · Throughline` : 'Board · Throughline'
  })
  const isEmpty = loading.value === 'no' && total === 0 && incidents.value.count === 0
  return (
    <div class="page board-page">
      <header class="page-head">
        <h1>Board</h1>
        <Filters filter={filter} />
      </header>
      {failure.value && <Trouble refused={failure.value} again={() => void load(filter)} />}
      <Fire />
      {isEmpty && !isFiltered(filter) ? (
        <EmptyPipeline />
      ) : (
        <>
          {isEmpty && <p class="none">Nothing matches this filter.</p>}
          <Columns />
          <SampleNote />
        </>
      )}
      <p id="board-keys" class="spoken">
        Space picks the item up, arrow keys go from card to card, Enter opens it.
      </p>
    </div>
  )
}

function Columns() {
  const board = useRef<HTMLElement>(null)
  useEffect(
    () =>
      carry(board.current!, {
        pick: (id) => placeOf(id) !== undefined,
        mayDrop: (id, stage) => {
          const found = placeOf(id)
          return found !== undefined && mayStand(found.card.type, stage)
        },
        drop: (id, stage) => {
          const found = placeOf(id)
          if (found) void move(found.card, stage)
        },
        refuse: (id, stage) => {
          const found = placeOf(id)
          if (found) refuseDrop(found.card, stage)
        },
        end: () => {},
      }),
    [],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const card = (event.target as Element).closest<HTMLElement>('[data-id]')
    if (!card) return
    if (pressed(event.key, Number(card.dataset.id))) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  const onFocusOut = ({ target }: FocusEvent): void => {
    // What was taken out of the page lost it; what is still there was left.
    queueMicrotask(() => {
      if ((target as Element).isConnected) noteFocus(0)
    })
  }
  const onFocusIn = (event: FocusEvent): void => {
    const id = Number((event.target as Element).closest<HTMLElement>('[data-id]')?.dataset.id ?? 0)
    noteFocus(id)
    if (id !== 0 && id !== current.value.id) current.value = { id, focus: false }
  }
  const target = picked.value?.to
  return (
    <section
      class="board"
      aria-label="Stages"
      ref={board}
      data-loading={loading.value === 'first' ? '' : undefined}
      data-target={target}
      onKeyDown={onKeyDown}
      onFocusIn={onFocusIn}
      onFocusOut={onFocusOut}
    >
      {stages.map((stage) => (
        <StageColumn key={stage} stage={stage} />
      ))}
    </section>
  )
}
