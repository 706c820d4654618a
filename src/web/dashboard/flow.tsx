/** How work flows: what was finished, how long it took, what lies. */

import { stageName } from '../../domain/stage.ts'
import { spanLong } from '../age.ts'
import type { Out } from '../api.ts'
import { listHref } from '../list/about.ts'
import { dayName } from '../list/day.ts'
import { TypeSign } from '../ui/item-signs.tsx'
import { Person } from '../ui/person.tsx'
import { Age } from '../ui/time.tsx'
import { Weeks } from './weeks.tsx'

type Dashboard = Out<'dashboard.show'>

export const Flow = ({ dashboard }: { dashboard: Dashboard }) => (
  <section aria-labelledby="flow-name">
    <h2 id="flow-name">How work flows</h2>
    <div class="panels">
      <Throughput throughput={dashboard.throughput} />
      <Cycle cycle={dashboard.cycle} />
      <Oldest oldest={dashboard.oldest} />
    </div>
  </section>
)

function Throughput({ throughput: { total, weeks } }: { throughput: Dashboard['throughput'] }) {
  const best = weeks.reduce((most, week) => (week.count > most.count ? week : most), weeks[0]!)
  const ids = [...new Set(weeks.flatMap(({ list }) => list.ids ?? []))].slice(0, 200)
  return (
    <section class="panel" aria-labelledby="throughput-name">
      <h3 id="throughput-name">Finished a week</h3>
      <p class="figures">
        <Figure
          value={String(total)}
          name="in 12 weeks"
          href={total > 0 ? listHref({ ids }, { about: 'finished', count: total }) : undefined}
        />
        <Figure value={mean(total, weeks.length)} name="a week" />
      </p>
      <Weeks
        tone="accent"
        caption={
          total === 0
            ? 'Nothing was finished in 12 weeks.'
            : `${total} finished in 12 weeks; the most, ${best.count}, in the week of ${dayName(best.from)}.`
        }
        weeks={weeks.map(({ from, count, list }) => ({
          ...{ from, value: count, words: `${count} finished` },
          ...(count > 0 ? { label: String(count) } : {}),
          href: count > 0 ? listHref(list, { about: 'finished', week: from, count }) : undefined,
        }))}
      />
    </section>
  )
}

const mean = (total: number, weeks: number): string => (total / Math.max(1, weeks)).toFixed(1)

const spanOr = (ms: number | null): string => (ms === null ? '–' : spanLong(ms))

function Cycle({ cycle: { days30, days90, weeks } }: { cycle: Dashboard['cycle'] }) {
  const href = ({ list, count }: typeof days30): string | undefined =>
    count > 0 ? listHref(list, { about: 'cycle', count }) : undefined
  return (
    <section class="panel" aria-labelledby="cycle-name">
      <h3 id="cycle-name">From started to finished</h3>
      <p class="figures">
        <Figure value={spanOr(days30.medianMs)} name="median, 30 days" href={href(days30)} />
        <Figure value={spanOr(days30.p85Ms)} name="p85, 30 days" href={href(days30)} />
        <Figure value={spanOr(days90.medianMs)} name="median, 90 days" href={href(days90)} />
      </p>
      <Weeks
        tone="calm"
        caption={
          days90.count === 0
            ? 'Nothing that was started was finished in 90 days.'
            : 'Full: the median of the week. Pale: 85 of 100 took no longer.'
        }
        weeks={weeks.map(({ from, count, medianMs, p85Ms, list }) => ({
          ...{ from, value: p85Ms, inner: medianMs },
          words:
            count === 0
              ? 'nothing finished'
              : `median ${spanOr(medianMs)}, p85 ${spanOr(p85Ms)}, of ${count}`,
          href: count > 0 ? listHref(list, { about: 'cycle', week: from, count }) : undefined,
        }))}
      />
    </section>
  )
}

const Oldest = ({ oldest }: { oldest: Dashboard['oldest'] }) => (
  <section class="panel" aria-labelledby="oldest-name">
    <h3 id="oldest-name">Longest in their stage</h3>
    {oldest.length === 0 ? (
      <p class="none">Nothing is in work.</p>
    ) : (
      <ol class="oldest">
        {oldest.map(({ id, title, type, stage, assignee, since }) => (
          <li key={id} class={`stage-${stage}`}>
            <a class="need-item" href={`/items/${id}`}>
              <TypeSign type={type} />
              <span class="id">#{id}</span>
              <span class="one-line">{title}</span>
            </a>
            {assignee && <Person name={assignee} />}
            <span class="oldest-stage">{stageName(type, stage)}</span>
            <span class="need-age">
              {since && <Age at={since} what={`In ${stageName(type, stage)} since`} />}
            </span>
          </li>
        ))}
      </ol>
    )}
  </section>
)

interface FigureProps {
  value: string
  name: string
  href?: string | undefined
  tone?: 'bad' | 'good'
}

/** A number with its name; a link where there are items behind it. */
export const Figure = ({ value, name, href, tone }: FigureProps) => (
  <span class={`figure${tone ? ` ${tone}` : ''}`}>
    {href ? (
      <a class="figure-value" href={href} aria-label={`${value}, ${name}`}>
        {value}
      </a>
    ) : (
      <span class="figure-value">{value}</span>
    )}
    <span class="figure-name">{name}</span>
  </span>
)
