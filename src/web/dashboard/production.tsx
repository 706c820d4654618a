/** How production stands: incidents, how fast they end, and what is up. */

import { percent, spanLong } from '../age.ts'
import type { Out } from '../api.ts'
import { listHref } from '../list/about.ts'
import { Figure } from './flow.tsx'
import { Weeks } from './weeks.tsx'

type Dashboard = Out<'dashboard.show'>

export const Production = ({ dashboard }: { dashboard: Dashboard }) => (
  <section aria-labelledby="production-name">
    <h2 id="production-name">Production</h2>
    <div class="panels two">
      <Incidents incidents={dashboard.incidents} />
      <Uptime uptime={dashboard.uptime} project={dashboard.project} />
    </div>
  </section>
)

const spanOr = (ms: number | null): string => (ms === null ? '–' : spanLong(ms))

function Incidents({
  incidents: { open, weeks, acknowledged, resolved },
}: {
  incidents: Dashboard['incidents']
}) {
  const opened = weeks.reduce((sum, week) => sum + week.opened, 0)
  const ids = [...new Set(weeks.flatMap(({ list }) => list.ids ?? []))].slice(0, 200)
  const all = opened > 0 ? listHref({ ids }, { about: 'opened', count: opened }) : undefined
  return (
    <section class="panel" aria-labelledby="incidents-name">
      <h3 id="incidents-name">Incidents</h3>
      <p class="figures">
        <Figure
          value={String(open.count)}
          name="open"
          href={
            open.count > 0 ? listHref(open.list, { about: 'open-incidents', count: open.count }) : undefined
          }
          {...(open.count > 0 ? { tone: 'bad' as const } : {})}
        />
        <Figure
          value={spanOr(acknowledged.meanMs)}
          name="to acknowledge (MTTA)"
          href={acknowledged.count > 0 ? all : undefined}
        />
        <Figure
          value={spanOr(resolved.meanMs)}
          name="to resolve (MTTR)"
          href={resolved.count > 0 ? all : undefined}
        />
      </p>
      <Weeks
        tone="bad"
        caption={
          opened === 0
            ? 'No incident was opened in 12 weeks.'
            : `${opened} opened in 12 weeks. Means are of 90 days.`
        }
        weeks={weeks.map(({ from, opened: value, list }) => ({
          ...{ from, value, words: `${value} opened` },
          ...(value > 0 ? { label: String(value) } : {}),
          href: value > 0 ? listHref(list, { about: 'opened', week: from, count: value }) : undefined,
        }))}
      />
    </section>
  )
}

function Uptime({ uptime, project }: Pick<Dashboard, 'uptime' | 'project'>) {
  const { days, items, watched, mean, worst, list } = uptime
  const imperfect = list.ids?.length ?? 0
  const href = imperfect > 0 ? listHref(list, { about: 'uptime' }) : undefined
  return (
    <section class="panel" aria-labelledby="uptime-name">
      <h3 id="uptime-name">Uptime, {days} days</h3>
      <p class="figures">
        <Figure
          value={percent(mean)}
          name="mean of what is live"
          href={href}
          {...(mean === 1 ? { tone: 'good' as const } : {})}
        />
        <Figure
          value={`${watched} of ${items}`}
          name="with anything seen"
          href={listHref({ stage: 'live', ...(project === null ? {} : { project }) })}
        />
      </p>
      {worst.length === 0 ? (
        <p class="none">{watched === 0 ? 'Nothing was seen yet.' : 'Nothing was down.'}</p>
      ) : (
        <ol class="worst">
          {worst.map(({ id, title, ratio, coverage }) => (
            <li key={id}>
              <a class="need-item" href={`/items/${id}`}>
                <span class="id">#{id}</span>
                <span class="one-line">{title}</span>
              </a>
              <span class="worst-bar" aria-hidden="true">
                <span style={{ width: `${ratio * 100}%` }} />
              </span>
              <span class="worst-share">{percent(ratio)}</span>
              {coverage !== null && coverage < 0.995 && (
                <span class="worst-seen" title="Of the time that it was to be watched">
                  {percent(coverage, 0)} seen
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
