/** Incidents: what is on fire first, and what was. */

import { useEffect } from 'preact/hooks'
import { place, setQuery } from '../router.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { MenuPlace } from '../ui/menu.tsx'
import { ProjectFilter } from '../ui/project-filter.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { IncidentDialogs } from './dialogs.tsx'
import { IncidentView, isOpen } from './row.tsx'
import {
  failure,
  type IncidentFilter,
  incidentFilterOf,
  items,
  loadIncidents,
  loading,
  moreIncidents,
  next,
  startIncidents,
} from './state.ts'
import '../styles/incidents.css'
import '../styles/segments.css'

export function IncidentsPage() {
  const filter = incidentFilterOf(place.value.query)
  useEffect(() => void loadIncidents(filter), [filter.all, filter.project])
  useEffect(startIncidents, [])
  const open = items.value.filter(isOpen)
  const over = items.value.filter((row) => !isOpen(row))
  const isMore = next.value !== null
  const count = `${open.length}${isMore && over.length === 0 ? '+' : ''}`
  useEffect(() => {
    document.title = `${open.length > 0 ? `(${count}) ` : ''}Incidents · Throughline`
  }, [count])
  return (
    <div class="page incidents-page">
      <header class="page-head">
        <h1>Incidents</h1>
        <search class="filters">
          <Shown filter={filter} />
          <ProjectFilter value={filter.project} />
        </search>
      </header>
      {failure.value && <Trouble refused={failure.value} again={() => void loadIncidents(filter)} />}
      {loading.value === 'no' && !failure.value && open.length === 0 && <Calm filter={filter} />}
      {open.length > 0 && (
        <section aria-labelledby="open-incidents">
          <h2 id="open-incidents" class="burning">
            <Icon name="flame" />
            {count} open
          </h2>
          <List rows={open} />
        </section>
      )}
      {over.length > 0 && (
        <section aria-labelledby="over-incidents">
          <h2 id="over-incidents">Resolved</h2>
          <List rows={over} />
        </section>
      )}
      {isMore && (
        <p class="more-incidents">
          <button type="button" class="button" onClick={() => void moreIncidents()}>
            Show more
          </button>
        </p>
      )}
      <IncidentDialogs />
      <MenuPlace />
    </div>
  )
}

const List = ({ rows }: { rows: readonly (typeof items.value)[number][] }) => (
  <ul class="incident-list">
    {rows.map((row) => (
      <li key={row.id}>
        <IncidentView row={row} />
      </li>
    ))}
  </ul>
)

const Shown = ({ filter }: { filter: IncidentFilter }) => (
  <fieldset class="segments" aria-label="Which incidents">
    {[false, true].map((all) => (
      <button
        key={String(all)}
        type="button"
        aria-pressed={filter.all === all}
        onClick={() => setQuery({ show: all ? 'all' : undefined })}
      >
        {all ? 'All' : 'Open'}
      </button>
    ))}
  </fieldset>
)

const Calm = ({ filter }: { filter: IncidentFilter }) => (
  <div class="empty calm">
    <span class="calm-sign" aria-hidden="true">
      <Icon name="check" />
    </span>
    <h2>Nothing is on fire</h2>
    <p>
      {filter.project === undefined ? 'No incident is open. ' : `No incident of ${filter.project} is open. `}
      What is live and fails its check opens one by itself; one that a check can’t see is opened by hand:
    </p>
    <CommandLine line='pipeline incident open 25 "Invoices arrive twice"' />
    {!filter.all && (
      <button type="button" class="button" onClick={() => setQuery({ show: 'all' })}>
        See what was resolved
      </button>
    )}
  </div>
)
