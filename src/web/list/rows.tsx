/** Items one below the other: what one has to see without opening them. */

import { stageName } from '../../domain/stage.ts'
import type { Out } from '../api.ts'
import '../styles/list.css'
import { Health } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { Priority, TypeSign } from '../ui/item-signs.tsx'
import { Marked } from '../ui/marked.tsx'
import { Person } from '../ui/person.tsx'
import { Age } from '../ui/time.tsx'

type Item = Out<'item.list'>['items'][number]

interface RowsProps {
  items: readonly Item[]
  /** Letters of a title that were looked for. */
  marksOf?: (title: string) => [from: number, to: number][]
}

export const Rows = ({ items, marksOf }: RowsProps) => (
  <ul class="rows">
    {items.map((item) => (
      <li key={item.id}>
        <Row item={item} marks={marksOf?.(item.title) ?? []} />
      </li>
    ))}
  </ul>
)

function Row({ item, marks }: { item: Item; marks: [from: number, to: number][] }) {
  const { id, title, type, stage, priority, project, assignee, blocked, stageSince, updatedAt } = item
  return (
    <a class={`row stage-${stage}`} href={`/items/${id}`}>
      <Priority level={priority} />
      <span class="id">#{id}</span>
      <TypeSign type={type} />
      <span class="row-title">
        <span class="one-line">
          <Marked text={title} marks={marks} />
        </span>
        {blocked && (
          <span class="row-blocked one-line">
            <Icon name="ban" label="Blocked" /> {blocked.reason || 'blocked'}
          </span>
        )}
      </span>
      <span class="row-project one-line">{project}</span>
      <span class="row-stage">
        <span class="row-node" />
        {stageName(type, stage)}
      </span>
      <span class="row-health">{stage === 'live' && <Health health={item.health} />}</span>
      <span class="row-age">
        <Age
          at={stageSince ?? updatedAt}
          what={stageSince ? `In ${stageName(type, stage)} since` : 'Changed last'}
        />
      </span>
      <span class="row-person">{assignee && <Person name={assignee} />}</span>
    </a>
  )
}
