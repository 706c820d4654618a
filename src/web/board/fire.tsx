/** Open incidents, above all else. */

import { stageName } from '../../domain/stage.ts'
import { acknowledge } from '../acknowledge.ts'
import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { Age } from '../ui/time.tsx'
import type { Incident } from './columns.ts'
import { incidents } from './state.ts'

export function Fire() {
  const { items, count } = incidents.value
  if (items.length === 0) return null
  return (
    <section class="fire" aria-label="Open incidents">
      <h2>
        <Icon name="flame" />
        {count} open {count === 1 ? 'incident' : 'incidents'}
      </h2>
      <ul>
        {items.map((incident) => (
          <Burning key={incident.id} incident={incident} />
        ))}
        {count > items.length && (
          <li>
            <a href="/incidents">and {count - items.length} more</a>
          </li>
        )}
      </ul>
    </section>
  )
}

const Burning = ({ incident }: { incident: Incident }) => (
  <li class={`incident ${incident.severity ?? 'major'}`}>
    <a href={`/items/${incident.id}`} class="incident-name">
      <span class="id">#{incident.id}</span>
      <span class="severity">{incident.severity ?? 'major'}</span>
      <strong class="one-line">{incident.title}</strong>
    </a>
    <span class="incident-foot">
      <Age at={incident.createdAt} what="Open since" />
      <span>{stageName('incident', incident.stage)}</span>
      {incident.parentId !== null && (
        <a href={`/items/${incident.parentId}`} class="one-line">
          on #{incident.parentId} {incident.parentTitle}
        </a>
      )}
      {!incident.acknowledged && may('item:write') && (
        <button type="button" class="button small" onClick={() => void acknowledge(incident.id)}>
          Acknowledge
        </button>
      )}
    </span>
  </li>
)
