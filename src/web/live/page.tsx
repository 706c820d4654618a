/** What is live: one row each, the worst first. */

import { useComputed } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { place } from '../router.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { MenuPlace } from '../ui/menu.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { useVirtual } from '../ui/virtual.ts'
import { DayTip, hideDay } from './day-bars.tsx'
import { Head } from './head.tsx'
import { failure, firstDay, head, loading, loadLive, moreRows, next, rows, startLive } from './list-state.ts'
import { PauseDialog } from './pause-dialog.tsx'
import { LiveRowView } from './row.tsx'
import { isNarrowedHere, type LiveFilter, liveFilterOf, narrowed } from './rows.ts'
import '../styles/live.css'

/** Pixels of a row, until one is measured. */
const rowPx = 62
/** So near to the end of what is loaded the next page is asked for. */
const nearEnd = 30

export function LivePage() {
  const filter = liveFilterOf(place.value.query)
  useEffect(() => void loadLive(filter.project), [filter.project])
  useEffect(startLive, [])
  const down = useComputed(() => head.value?.counts.down ?? 0).value
  useEffect(() => {
    document.title = `${down > 0 ? `(${down} down) ` : ''}Live · Throughline`
  }, [down])
  return (
    <div class="page live-page">
      <Head head={head.value} filter={filter} />
      {failure.value && <Trouble refused={failure.value} again={() => void loadLive(filter.project)} />}
      <List filter={filter} />
      <MenuPlace />
      <DayTip />
      <PauseDialog />
    </div>
  )
}

function List({ filter }: { filter: LiveFilter }) {
  const shown = narrowed(rows.value, filter)
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtual({
    scroller,
    count: shown.length,
    keyOf: (index) => shown[index]?.id ?? index,
    ...{ estimate: rowPx, gap: 0, padding: 0 },
  })
  const last = virtual.items.at(-1)?.index ?? -1
  const wantsMore = next.value !== null && (isNarrowedHere(filter) || last >= shown.length - nearEnd)
  useEffect(() => {
    if (wantsMore) void moreRows()
  }, [wantsMore, next.value])
  return (
    <>
      <div class="live-heads" aria-hidden="true">
        <span>State</span>
        <span>Item</span>
        <span>90 days</span>
        <span>Response</span>
        <span>Runs</span>
        <span>30 days</span>
        <span>Error budget</span>
      </div>
      <section class="live-list" aria-label="Live items" ref={scroller} onScroll={hideDay}>
        {shown.length === 0 && <Nothing filter={filter} />}
        <ol style={{ height: `${virtual.totalPx}px` }}>
          {virtual.items.map(({ index, key, start }) => (
            <li
              key={key}
              ref={virtual.measure}
              data-index={index}
              style={{ transform: `translateY(${start}px)` }}
              aria-setsize={next.value === null ? shown.length : -1}
              aria-posinset={index + 1}
            >
              <LiveRowView row={shown[index]!} firstDay={firstDay.value} />
            </li>
          ))}
        </ol>
      </section>
    </>
  )
}

function Nothing({ filter }: { filter: LiveFilter }) {
  if (loading.value === 'first' || failure.value) return null
  if (next.value !== null) return <p class="none">Looking through the rest …</p>
  if (isNarrowedHere(filter) || filter.project !== undefined)
    return <p class="none">Nothing that is live matches this filter.</p>
  return (
    <div class="empty">
      <h2>Nothing is live yet</h2>
      <p>What is moved to live is watched from then on, if it has a health check.</p>
      <CommandLine line="pipeline move 1 live" />
      <CommandLine
        line={`pipeline update 1 --health-check '{"type":"http","url":"https://example.com","frequency":"5m"}'`}
      />
    </div>
  )
}
