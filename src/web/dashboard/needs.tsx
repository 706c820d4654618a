/** What waits for a human: the most urgent first, what there is none of in one line. */

import type { ComponentChildren } from 'preact'
import { stageName } from '../../domain/stage.ts'
import { acknowledge } from '../acknowledge.ts'
import type { Out } from '../api.ts'
import { type About, listHref } from '../list/about.ts'
import { may } from '../session.ts'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { State } from '../ui/health.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { TypeSign } from '../ui/item-signs.tsx'
import { Person } from '../ui/person.tsx'
import { Age } from '../ui/time.tsx'

type Needs = Out<'dashboard.show'>['needs']
type Kind = Exclude<keyof Needs, 'channels'>
type Ref = Needs['reviews']['items'][number]

interface Section<K extends Kind = Kind> {
  kind: K
  name: string
  /** What there is none of: `no reviews`. */
  none: string
  icon: IconName
  tone: 'bad' | 'warn' | 'plain'
  detail(item: Needs[K]['items'][number]): ComponentChildren
}

const section = <K extends Kind>(one: Section<K>): Section => one as unknown as Section

/** In the order of reading. */
const sections: Section[] = [
  section<'incidents'>({
    ...{ kind: 'incidents', name: 'Incidents, not acknowledged', none: 'incidents to acknowledge' },
    ...{ icon: 'flame', tone: 'bad' },
    detail: ({ id, severity, subject }) => (
      <>
        <span class="severity">{severity ?? 'major'}</span>
        {subject && (
          <a href={`/items/${subject.id}`}>
            #{subject.id} {subject.title}
          </a>
        )}
        {may('item:write') && (
          <button type="button" class="button small" onClick={() => void acknowledge(id)}>
            Acknowledge
          </button>
        )}
      </>
    ),
  }),
  section<'failing'>({
    ...{ kind: 'failing', name: 'Failing', none: 'failures', icon: 'pulse', tone: 'bad' },
    detail: ({ state, summary, incidentId }) => (
      <>
        <State state={state} />
        <span class="one-line">{summary}</span>
        {incidentId !== null && <a href={`/items/${incidentId}`}>incident #{incidentId}</a>}
      </>
    ),
  }),
  section<'reviews'>({
    ...{ kind: 'reviews', name: 'Reviews', none: 'reviews', icon: 'review', tone: 'plain' },
    detail: ({ type, stage, assignee }) => (
      <>
        <span class={`need-stage stage-${stage}`}>{stageName(type, stage)}</span>
        {assignee && <Person name={assignee} named />}
      </>
    ),
  }),
  section<'blocked'>({
    ...{ kind: 'blocked', name: 'Blocked', none: 'blocked items', icon: 'ban', tone: 'warn' },
    detail: ({ reason }) => <span class="need-reason">{reason || 'no reason was given'}</span>,
  }),
  section<'approvals'>({
    ...{ kind: 'approvals', name: 'Commands to approve', none: 'commands to approve' },
    ...{ icon: 'shield', tone: 'warn' },
    detail: ({ id, command }) => (
      <>
        <code class="need-reason">{command}</code>
        <CommandLine line={`pipeline check approve ${id}`} />
      </>
    ),
  }),
  section<'unwatched'>({
    ...{ kind: 'unwatched', name: 'Live, and not watched', none: 'unwatched items' },
    ...{ icon: 'unseen', tone: 'plain' },
    detail: ({ assignee }) => assignee && <Person name={assignee} named />,
  }),
]

export function NeedsYou({ needs }: { needs: Needs }) {
  const waiting = sections.filter(({ kind }) => needs[kind].count > 0)
  const quiet = sections.filter(({ kind }) => needs[kind].count === 0)
  const isCalm = waiting.length === 0 && needs.channels.count === 0
  return (
    <section class="needs" aria-labelledby="needs-name">
      <h2 id="needs-name">Needs you now</h2>
      {isCalm ? (
        <p class="needs-calm">
          <Icon name="calm" />
          Nothing waits for a human.
        </p>
      ) : (
        <div class="needs-groups">
          {waiting.map((each) => (
            <Group key={each.kind} section={each} group={needs[each.kind]} />
          ))}
          {needs.channels.count > 0 && <Channels names={needs.channels.names} />}
        </div>
      )}
      {!isCalm && quiet.length > 0 && (
        <p class="needs-quiet">
          <Icon name="check" />
          No {quiet.map(({ none }) => none).join(', no ')}.
        </p>
      )}
    </section>
  )
}

interface GroupProps {
  section: Section
  group: Needs[Kind]
}

function Group({ section: { kind, name, icon, tone, detail }, group }: GroupProps) {
  const href = listHref(group.list, { about: kind as About, count: group.count })
  const rest = group.count - group.items.length
  return (
    <section class={`need ${tone}`} aria-labelledby={`need-${kind}`} data-need={kind}>
      <h3 id={`need-${kind}`}>
        <Icon name={icon} />
        {name}
        <a class="need-count" href={href} aria-label={`${group.count}: ${name}`}>
          {group.count}
        </a>
      </h3>
      <ul>
        {(group.items as Ref[]).map((item) => (
          <li key={item.id}>
            <a class="need-item" href={`/items/${item.id}`}>
              <TypeSign type={item.type} />
              <span class="id">#{item.id}</span>
              <span class="one-line">{item.title}</span>
            </a>
            {item.since && (
              <span class="need-age">
                <Age at={item.since} what="Since" />
              </span>
            )}
            <span class="need-detail">{detail(item as never)}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p class="need-rest">
          <a href={href}>and {rest} more</a>
        </p>
      )}
    </section>
  )
}

const Channels = ({ names }: { names: string[] }) => (
  <section class="need warn" aria-labelledby="need-channels" data-need="channels">
    <h3 id="need-channels">
      <Icon name="silent" />
      Channels to approve
      <span class="need-count">{names.length}</span>
    </h3>
    <ul>
      {names.map((name) => (
        <li key={name}>
          <strong class="one-line">{name}</strong>
          <span class="need-detail">
            <CommandLine line={`pipeline notify approve ${shellWord(name)}`} />
          </span>
        </li>
      ))}
    </ul>
  </section>
)
