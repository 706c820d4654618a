/** An incident: what it is about, how far it is, what to do about it. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { isFinished } from '../../domain/item.ts'
import { spanLong } from '../age.ts'
import { now } from '../clock.ts'
import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { Person } from '../ui/person.tsx'
import { Ago } from '../ui/time.tsx'
import { Deed } from './actions.tsx'
import { ItemLine } from './children.tsx'
import { Course } from './course.tsx'
import { done } from './deed.ts'
import * as lines from './lines.ts'
import { Postmortem } from './postmortem.tsx'
import { stageTitle } from './stage-line.tsx'
import type { Shown } from './state.ts'

type Facts = NonNullable<Shown['incident']>

export function IncidentBlock({ item }: { item: Shown }) {
  const { incident } = item
  if (!incident) return null
  const isOver = incident.resolvedAt !== null
  return (
    <section class={`incident-block${isOver ? ' over' : ''}`} aria-labelledby="incident-head">
      <header class="block-head">
        <h2 id="incident-head">
          <Icon name="flame" />
          {isOver ? 'Resolved incident' : 'Open incident'}
        </h2>
        <Lasted incident={incident} />
      </header>
      <div class="incident-grid">
        <Known item={item} incident={incident} />
        <Deeds item={item} incident={incident} />
      </div>
      {item.gathered.length > 0 && <Gathered item={item} />}
      <Course item={item} incident={incident} />
    </section>
  )
}

/** Of the page's clock, so that it stays right. */
function Lasted({ incident: { openedAt, resolvedAt } }: { incident: Facts }) {
  const untilMs = resolvedAt === null ? now.value : Date.parse(resolvedAt)
  const text = spanLong(Math.max(0, untilMs - Date.parse(openedAt)))
  return <span class="tally">{resolvedAt === null ? `for ${text}` : `lasted ${text}`}</span>
}

const origins: Record<Facts['origin'], string> = {
  check: 'a health check found it',
  hand: 'opened by hand',
  storm: 'many checks failed at once',
}

function Known({ item, incident }: { item: Shown; incident: Facts }) {
  const { subject, origin, openedAt, acknowledged, fix, verifiedAt, resolvedAt, resolvedBy, storm } = incident
  return (
    <dl class="known">
      <Row name="Concerns">{subject ? <Ref of={subject} /> : <None />}</Row>
      {storm && (
        <Row name="Part of">
          <Ref of={storm} />
        </Row>
      )}
      <Row name="Opened">
        <Ago at={openedAt} />, {origins[origin]}
      </Row>
      <Row name="Acknowledged">
        {acknowledged ? (
          <>
            <Ago at={acknowledged.at} /> by <Person name={acknowledged.by} named />
          </>
        ) : (
          <None word="by nobody yet" />
        )}
      </Row>
      <Row name="Taken up">
        <TakenUp item={item} />
      </Row>
      <Row name="Fix">
        {fix ? (
          <>
            <Ref of={fix} /> <span class="nothing">{stageTitle(fix.type, fix.stage)}</span>
          </>
        ) : (
          <None word="none named" />
        )}
      </Row>
      <Row name="Resolved">
        {resolvedAt ? (
          <>
            <Ago at={resolvedAt} />
            {resolvedBy && (resolvedBy === 'system' ? ' by the monitor' : ' by a person')}
          </>
        ) : (
          <None word="not yet" />
        )}
      </Row>
      {(fix || verifiedAt) && (
        <Row name="Recovery verified">{verifiedAt ? <Ago at={verifiedAt} /> : <None word="not yet" />}</Row>
      )}
    </dl>
  )
}

const Row = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const None = ({ word = 'nothing' }: { word?: string }) => <span class="nothing">{word}</span>

const Ref = ({ of: { id, title } }: { of: { id: number; title: string } }) => (
  <a href={`/items/${id}`} class="two-lines" dir="auto">
    <span class="id">#{id}</span> {title}
  </a>
)

function TakenUp({ item }: { item: Shown }) {
  if (item.stage === 'idea' && item.assignee === null) return <None word="not yet" />
  return (
    <>
      {item.stage !== 'idea' && !isFinished(item.stage) && `${stageTitle(item.type, item.stage)} `}
      {item.assignee ? (
        <Person name={item.assignee} named />
      ) : (
        isFinished(item.stage) && <None word="by nobody" />
      )}
    </>
  )
}

const Gathered = ({ item }: { item: Shown }) => (
  <section aria-label="Gathered">
    <h3>
      Gathers {item.incident?.gathered?.total ?? item.gathered.length}, {item.incident?.gathered?.open ?? 0}{' '}
      open
    </h3>
    <ul class="tree">
      {item.gathered.map((each) => (
        <li key={each.id}>
          <div class="twig">
            <ItemLine item={each} />
          </div>
        </li>
      ))}
    </ul>
  </section>
)

function Deeds({ item, incident }: { item: Shown; incident: Facts }) {
  const isOver = incident.resolvedAt !== null
  const { id } = item
  return (
    <section class="actions" aria-label="What to do about it">
      {may('item:write') && !isOver && !incident.acknowledged && (
        <Deed
          name="Acknowledge"
          icon="check"
          verb="I know of it"
          line={`pipeline incident ack ${id}`}
          run={() => done('incident.ack', { id }, `#${id} is acknowledged`)}
        />
      )}
      {may('item:move') && !isOver && item.stage === 'idea' && (
        <Deed
          name="Take up"
          icon="wrench"
          verb="Work on it"
          line={lines.move(id, 'building', '')}
          run={() => done('item.move', { id, to: 'building' }, `#${id} is taken up`)}
        />
      )}
      {may('item:write') && incident.origin !== 'storm' && <NameFix id={id} fix={incident.fix?.id ?? null} />}
      {may('item:move') && !isOver && <Resolve id={id} />}
      <Postmortem id={id} />
    </section>
  )
}

function NameFix({ id, fix }: { id: number; fix: number | null }) {
  const text = useSignal(fix === null ? '' : String(fix))
  const wanted = Number(/^\s*#?(\d{1,15})\s*$/.exec(text.value)?.[1] ?? 0)
  const isNone = text.value.trim() === ''
  return (
    <Deed
      name={fix === null ? 'Name the fix' : 'Change the fix'}
      icon="link"
      verb={isNone && fix !== null ? 'Take the fix away' : 'Name it'}
      line={
        isNone && fix !== null
          ? `pipeline incident fix ${id} --none`
          : `pipeline incident fix ${id} ${wanted || 12}`
      }
      run={async () => {
        if (wanted > 0) await done('incident.fix', { id, item: wanted }, `#${wanted} is its fix`)
        else if (isNone && fix !== null)
          await done('incident.fix', { id, none: true }, 'The fix is taken away')
      }}
    >
      <label class="small-label">
        Number of the item that fixes it
        <input
          value={text.value}
          required={fix === null}
          pattern="\s*#?[0-9]{1,15}\s*"
          inputMode="numeric"
          autocomplete="off"
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
    </Deed>
  )
}

function Resolve({ id }: { id: number }) {
  const text = useSignal('')
  const note = text.value.trim()
  return (
    <Deed
      name="Resolve"
      icon="done"
      verb="Resolve it"
      line={lines.resolve(id, note || 'what ended it')}
      run={async () => {
        if (note !== '') await done('incident.resolve', { id, note }, `#${id} is resolved`)
      }}
    >
      <label class="small-label">
        What ended it
        <textarea
          rows={2}
          required
          dir="auto"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
    </Deed>
  )
}
