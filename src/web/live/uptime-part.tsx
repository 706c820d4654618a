/** How good it was: in four windows, against its objective, and day by day. */

import { useRef, useState } from 'preact/hooks'
import { millis, percent, spanLong } from '../age.ts'
import type { Out } from '../api.ts'
import { DayBars, DayTip, hideDay, tellDay } from './day-bars.tsx'
import { dateAt, dayWords } from './day-cells.ts'

export type UptimeReport = Out<'uptime.show'>

const windowWords = { '24h': '24 hours', '7d': '7 days', '30d': '30 days', '90d': '90 days' } as const

export const UptimePart = ({ report }: { report: UptimeReport }) => (
  <section class="uptime-part" aria-labelledby="uptime-name">
    <header class="part-head">
      <h2 id="uptime-name">Uptime</h2>
    </header>
    <dl class="tiles">
      {report.windows.map((each) => (
        <div key={each.window} class="tile">
          <dt>{windowWords[each.window]}</dt>
          <dd class={`figure ${each.ratio === null ? 'nil' : each.downMs > 0 ? 'bad' : 'good'}`}>
            {percent(each.ratio)}
          </dd>
          <dd>
            {each.downMs > 0
              ? `${spanLong(each.downMs)} down`
              : each.ratio === null
                ? 'not watched'
                : 'no downtime'}
          </dd>
          <dd>{percent(each.coverage, 0)} watched</dd>
          <dd>
            {each.failed} of {each.runs} runs failed
          </dd>
          {each.meanDurationMs !== null && (
            <dd>
              mean {millis(each.meanDurationMs)}, longest {millis(each.longestDurationMs ?? 0)}
            </dd>
          )}
        </div>
      ))}
      {report.slo && <Objective slo={report.slo} />}
    </dl>
    <Days report={report} />
  </section>
)

const Objective = ({ slo }: { slo: NonNullable<UptimeReport['slo']> }) => {
  const leftMs = slo.allowedMs - slo.spentMs
  const tone = slo.left <= 0 ? 'bad' : slo.left < 0.25 ? 'warn' : 'good'
  return (
    <div class={`tile objective ${tone}`}>
      <dt>
        Error budget, {percent(slo.target)} of {spanLong(slo.windowMs)}
      </dt>
      <dd class="figure">{leftMs >= 0 ? `${spanLong(leftMs)} left` : `${spanLong(-leftMs)} over`}</dd>
      <dd>
        <span class="bar" style={{ '--share': Math.min(1, Math.max(0, slo.left)) }} />{' '}
        {percent(Math.max(0, slo.left), 0)}
      </dd>
      <dd>
        {spanLong(slo.spentMs)} of {spanLong(slo.allowedMs)} spent
      </dd>
      <dd>
        burns {burn(slo.burnRateHour)} this hour, {burn(slo.burnRateDay)} this day
      </dd>
    </div>
  )
}

/** 1× spends the budget exactly in its window. */
const burn = (rate: number | null): string =>
  rate === null ? 'unknown' : `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}×`

/** The bars; the keys go from day to day. */
function Days({ report: { days } }: { report: UptimeReport }) {
  const place = useRef<HTMLDivElement>(null)
  const last = days.length - 1
  const [at, setAt] = useState(last)
  const firstDay = days[0]?.date ?? ''
  const step = (to: number): void => {
    const next = Math.min(last, Math.max(0, to))
    setAt(next)
    const drawing = place.current?.querySelector('.days')
    if (drawing) tellDay(drawing, days, firstDay, next)
  }
  return (
    <div class="days-part">
      <div
        ref={place}
        role="slider"
        tabIndex={0}
        aria-label="Day"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`${dateAt(firstDay, at)}: ${dayWords(days[at] ?? days[last]!).join(', ')}`}
        onKeyDown={(event) => {
          const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
          if (event.key === 'Escape') hideDay()
          if (to === undefined) return
          event.preventDefault()
          step(to)
        }}
        onBlur={hideDay}
      >
        <DayBars days={days} firstDay={firstDay} />
      </div>
      <p class="days-foot">
        <span>{firstDay}</span>
        <span class="days-key">
          <i class="up" /> up <i class="degraded" /> degraded <i class="down" /> down{' '}
          <i class="maintenance" /> maintenance <i class="unknown" /> not watched
        </span>
        <span>today</span>
      </p>
      <DayTip />
    </div>
  )
}
