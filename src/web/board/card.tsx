/** One item on the board: what one has to see without opening it. */

import { emoji, stageName } from '../../domain/stage.ts'
import { Health } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { Priority, TypeSign } from '../ui/item-signs.tsx'
import { Person } from '../ui/person.tsx'
import { Age } from '../ui/time.tsx'
import type { Card } from './columns.ts'

export interface CardProps {
  card: Card
  /** The one card of the board that Tab leads to. */
  isCurrent: boolean
  isMoving: boolean
  isPicked: boolean
}

export const CardView = ({ card, isCurrent, isMoving, isPicked }: CardProps) => (
  <a
    class={`card${isMoving ? ' moving' : ''}${isPicked ? ' picked' : ''}${card.blocked ? ' is-blocked' : ''}`}
    href={`/items/${card.id}`}
    data-id={card.id}
    tabIndex={isCurrent ? 0 : -1}
    draggable={false}
    aria-describedby="board-keys"
  >
    <span class="card-head">
      <Priority level={card.priority} />
      <span class="id">#{card.id}</span>
      <TypeSign type={card.type} />
      {card.project && <span class="project">{card.project}</span>}
      {card.assignee && <Person name={card.assignee} />}
    </span>
    <span class="card-title">{card.title}</span>
    {card.blocked && (
      <span class="strip blocked">
        <Icon name="ban" label="Blocked" />
        <span class="one-line">{card.blocked.reason || 'blocked'}</span>
      </span>
    )}
    <CardFoot card={card} />
  </a>
)

function CardFoot({ card }: { card: Card }) {
  const { children, waitingFor, skipped, stageSince, health } = card
  return (
    <span class="card-foot">
      {card.stage === 'live' && <Health health={health} />}
      {stageSince && (
        <span class="fact">
          <Icon name="clock" />
          <Age at={stageSince} what={`In ${stageName(card.type, card.stage)} since`} />
        </span>
      )}
      {children && children.total > 0 && <Progress {...children} />}
      {waitingFor.length > 0 && (
        <span class="fact wait" title={`Waits for ${waitingFor.map((id) => `#${id}`).join(', ')}`}>
          waits for {waitingFor.length === 1 ? `#${waitingFor[0]}` : waitingFor.length}
        </span>
      )}
      {skipped.length > 0 && (
        <span
          class="fact skipped"
          title={`Skipped ${skipped.map((stage) => `${emoji[stage]} ${stage}`).join(', ')}`}
        >
          <Icon name="skip" />
          {skipped.length === 1 ? `skipped ${skipped[0]}` : `skipped ${skipped.length}`}
        </span>
      )}
    </span>
  )
}

const Progress = ({ done, total }: { done: number; total: number }) => (
  <span class="fact" title={`${done} of ${total} children finished`}>
    <span class="bar" style={{ '--share': total === 0 ? 0 : done / total }} />
    {done}/{total}
  </span>
)
