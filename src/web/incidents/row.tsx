/** One incident: what failed, for how long, who knows of it, and what can be done here. */

import { finished, stageName } from '../../domain/stage.ts'
import { spanLong } from '../age.ts'
import { tell } from '../api.ts'
import { now } from '../clock.ts'
import { toast, toastRefusal } from '../said.tsx'
import { may } from '../session.ts'
import { shellWord } from '../ui/command-line.tsx'
import { CommandMenu } from '../ui/command-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { Person } from '../ui/person.tsx'
import { Age, Ago, At } from '../ui/time.tsx'
import { askResolve, showPostmortem } from './dialogs.tsx'
import { type IncidentRow, lookAgain } from './state.ts'

export const isOpen = ({ stage }: Pick<IncidentRow, 'stage'>): boolean => !finished.includes(stage)

export function IncidentView({ row }: { row: IncidentRow }) {
  const severity = row.severity ?? 'major'
  const name = `incident-${row.id}`
  return (
    <article
      class={`incident-row ${severity}${isOpen(row) ? '' : ' over'}`}
      aria-labelledby={name}
      data-id={row.id}
    >
      <div class="incident-mark">
        <span class="severity">{severity}</span>
        <Duration row={row} />
      </div>
      <div class="incident-main">
        <h3 id={name}>
          <a href={`/items/${row.id}`}>
            <span class="id">#{row.id}</span> {row.title}
          </a>
        </h3>
        <Facts row={row} />
      </div>
      <Deeds row={row} />
    </article>
  )
}

const Duration = ({ row: { incident } }: { row: IncidentRow }) =>
  incident.resolvedAt === null ? (
    <span class="lasting">
      <span class="spoken">open for </span>
      {spanLong(Math.max(0, now.value - Date.parse(incident.openedAt)))}
    </span>
  ) : (
    <span class="lasting" title="From its opening until it was resolved">
      <span class="spoken">lasted </span>
      {spanLong(Math.max(0, Date.parse(incident.resolvedAt) - Date.parse(incident.openedAt)))}
    </span>
  )

function Facts({ row }: { row: IncidentRow }) {
  const { incident, stage, assignee } = row
  const { subject, acknowledged, fix, storm, gathered, verifiedAt } = incident
  return (
    <ul class="incident-facts">
      {subject && (
        <li>
          on{' '}
          <a href={`/live/${subject.id}`}>
            #{subject.id} {subject.title}
          </a>
        </li>
      )}
      <li>
        opened <At at={incident.openedAt} />
        {incident.origin !== 'check' && (incident.origin === 'hand' ? ' by hand' : ' as a storm')}
      </li>
      {gathered && (
        <li>
          gathers {gathered.total}, {gathered.open} open
        </li>
      )}
      {storm && (
        <li>
          in the storm <a href={`/items/${storm.id}`}>#{storm.id}</a>
        </li>
      )}
      {acknowledged ? (
        <li class="known">
          <Icon name="check" />
          acknowledged by <Person name={acknowledged.by} named /> <Ago at={acknowledged.at} />
        </li>
      ) : (
        isOpen(row) && <li class="unknown">not acknowledged</li>
      )}
      {isOpen(row) && (stage !== 'idea' || assignee) && (
        <li>
          <Icon name="wrench" />
          {stage === 'idea' ? 'assigned to' : `in ${stageName('incident', stage)}`}
          {assignee && (
            <>
              {stage !== 'idea' && ' by '} <Person name={assignee} named />
            </>
          )}
        </li>
      )}
      {fix && (
        <li>
          fix{' '}
          <a href={`/items/${fix.id}`}>
            #{fix.id} {fix.title}
          </a>{' '}
          in {stageName(fix.type, fix.stage)}
          {verifiedAt && ', recovery verified'}
        </li>
      )}
      {incident.resolvedAt && (
        <li>
          <Icon name="check" />
          resolved by {incident.resolvedBy === 'system' ? 'its check' : 'a person'}{' '}
          <Ago at={incident.resolvedAt} />
        </li>
      )}
      {row.blocked && (
        <li class="unknown">
          blocked for <Age at={row.blocked.since} />: {row.blocked.reason}
        </li>
      )}
    </ul>
  )
}

function Deeds({ row }: { row: IncidentRow }) {
  const { id, stage, incident } = row
  if (!isOpen(row))
    return (
      <div class="incident-deeds">
        <button type="button" class="button small quiet" onClick={() => showPostmortem(row)}>
          Postmortem
        </button>
      </div>
    )
  return (
    <div class="incident-deeds">
      {incident.acknowledged === null && may('item:write') && (
        <button
          type="button"
          class="button small"
          title={`pipeline incident ack ${id}`}
          onClick={() => void deed(`#${id} is acknowledged`, () => tell('incident.ack', { id }))}
        >
          Acknowledge
        </button>
      )}
      {stage === 'idea' && may('item:move') && (
        <button
          type="button"
          class="button small"
          title={`pipeline move ${id} building`}
          onClick={() =>
            void deed(`#${id} is taken up`, () =>
              tell('item.move', { id, to: 'building', ifMatch: row.version }),
            )
          }
        >
          Take up
        </button>
      )}
      {may('item:move') && (
        <button
          type="button"
          class="button small"
          title={`pipeline incident resolve ${id} --note …`}
          onClick={() => askResolve(row)}
        >
          Resolve …
        </button>
      )}
      <button type="button" class="button small quiet" onClick={() => showPostmortem(row)}>
        Postmortem
      </button>
      <CommandMenu label={`Command lines for #${id}`} lines={linesOf(row)} />
    </div>
  )
}

const linesOf = ({ id, stage, incident }: IncidentRow): Record<string, string> => ({
  ...(incident.acknowledged === null ? { acknowledge: `pipeline incident ack ${id}` } : {}),
  ...(stage === 'idea' ? { 'take up': `pipeline move ${id} building` } : {}),
  resolve: `pipeline incident resolve ${id} --note ${shellWord('what ended it')}`,
  'name the fix': `pipeline incident fix ${id} ITEM`,
  postmortem: `pipeline incident postmortem ${id}`,
})

async function deed(words: string, what: () => Promise<{ warnings: string[] }>): Promise<void> {
  try {
    const { warnings } = await what()
    toast(words)
    for (const warning of warnings) toast(warning, { tone: 'warn' })
  } catch (error) {
    toastRefusal(error)
  }
  await lookAgain()
}
