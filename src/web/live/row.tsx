/** One live item in the list: how it is, how it was, when it is looked at again. */

import { useMemo } from 'preact/hooks'
import { percent, spanLong } from '../age.ts'
import { go } from '../router.ts'
import { may } from '../session.ts'
import { copy } from '../ui/command-line.tsx'
import { State } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { MenuButton, type MenuDeed } from '../ui/menu.tsx'
import { Age, Ago } from '../ui/time.tsx'
import { DayBars } from './day-bars.tsx'
import { resume, runNow, running } from './deeds.ts'
import { askPause } from './pause-dialog.tsx'
import type { LiveRow } from './rows.ts'
import { SparkLine } from './spark-line.tsx'

export function LiveRowView({ row, firstDay }: { row: LiveRow; firstDay: string }) {
  const isRunning = running.value.has(row.id)
  // The same row is the same drawing: while one scrolls nothing is compared below it.
  return useMemo(
    () => (
      <article class={`live-row is-${row.state}`} aria-label={`#${row.id} ${row.title}`}>
        <Standing row={row} />
        <div class="live-name">
          <a href={`/live/${row.id}`} class="live-title">
            <span class="id">#{row.id}</span> <span class="one-line">{row.title}</span>
          </a>
          <Beneath row={row} />
        </div>
        {row.days && <DayBars days={row.days} firstDay={firstDay} />}
        {row.spark && row.spark.length > 0 ? <SparkLine values={row.spark} /> : <span class="spark" />}
        <Times row={row} isRunning={isRunning} />
        <Uptime row={row} />
        <Budget slo={row.slo} />
        <MenuButton label={`Deeds for #${row.id}`} deeds={() => deedsOf(row)} />
      </article>
    ),
    [row, firstDay, isRunning],
  )
}

const Standing = ({ row }: { row: LiveRow }) => (
  <div class="live-state">
    <State state={row.state} />
    <span class="since">
      {row.notWatchedSince ? (
        <>
          not watched for <Age at={row.notWatchedSince} what="Not watched since" />
        </>
      ) : (
        row.since && (
          <>
            for <Age at={row.since} what="Since" />
          </>
        )
      )}
      {row.flapping && <span class="flapping"> flapping</span>}
    </span>
  </div>
)

function Beneath({ row }: { row: LiveRow }) {
  const { incident } = row
  if (incident)
    return (
      <a href={`/items/${incident.id}`} class={`live-incident ${incident.severity}`}>
        <Icon name="flame" />
        <span class="one-line">
          #{incident.id} {incident.severity}
          {incident.open > 1 && ` and ${incident.open - 1} more`}, opened <Ago at={incident.openedAt} />
          {incident.acknowledged && ', acknowledged'}
        </span>
      </a>
    )
  if (row.notWatchedSince && row.lastState)
    return <span class="summary one-line">when last seen it was {row.lastState}</span>
  return row.summary ? (
    <span class="summary one-line" title={row.summary}>
      {row.summary}
    </span>
  ) : null
}

const Times = ({ row, isRunning }: { row: LiveRow; isRunning: boolean }) => (
  <dl class="live-times">
    <div>
      <dt>last</dt>
      <dd>{row.lastRunAt ? <Ago at={row.lastRunAt} /> : 'never'}</dd>
    </div>
    <div>
      <dt>{row.notWatchedSince ? 'due' : 'next'}</dt>
      <dd>{isRunning ? 'runs now' : row.nextRunAt ? <Ago at={row.nextRunAt} /> : '–'}</dd>
    </div>
  </dl>
)

const Uptime = ({ row: { uptime, coverage } }: { row: LiveRow }) => (
  <div class={`live-uptime ${toneOf(uptime)}`}>
    <span class="spoken">Uptime of 30 days </span>
    {percent(uptime)}
    {coverage !== null && coverage < 0.995 && <span class="since">{percent(coverage, 0)} watched</span>}
  </div>
)

const toneOf = (uptime: number | null): string =>
  uptime === null ? 'nil' : uptime >= 0.999 ? '' : uptime >= 0.99 ? 'warn' : 'bad'

export function Budget({ slo }: { slo: LiveRow['slo'] }) {
  if (!slo) return <div class="live-slo nil">–</div>
  const leftMs = slo.allowedMs - slo.spentMs
  const tone = slo.left <= 0 ? 'bad' : slo.left < 0.25 ? 'warn' : 'good'
  const words = leftMs >= 0 ? `${spanLong(leftMs)} left` : `${spanLong(-leftMs)} over`
  return (
    <div class={`live-slo ${tone}`} title={`${percent(slo.target)} of ${spanLong(slo.windowMs)}`}>
      <span class="spoken">Error budget </span>
      <span>{words}</span>
      <span class="bar" style={{ '--share': Math.min(1, Math.max(0, slo.left)) }} />
    </div>
  )
}

function deedsOf(row: LiveRow): MenuDeed[] {
  const { id, title, state } = row
  const run = `pipeline check ${id}`
  const hasCheck = state !== 'no-check'
  const deeds: MenuDeed[] = []
  if (hasCheck && may('check:run'))
    deeds.push({ label: 'Run now', icon: 'play', line: run, run: () => void runNow(id) })
  if (hasCheck && may('item:write')) {
    if (state === 'paused') {
      const line = `pipeline resume ${id}`
      deeds.push({ label: 'Resume', icon: 'play', line, run: () => void resume(id) })
    } else {
      const line = `pipeline pause ${id}`
      deeds.push({ label: 'Pause …', icon: 'pause', line, run: () => askPause(id, title) })
    }
  }
  deeds.push({ label: 'Chart and check', icon: 'pulse', run: () => go(`/live/${id}`) })
  deeds.push({ label: 'Open the item', icon: 'right', run: () => go(`/items/${id}`) })
  deeds.push({ label: 'Copy the command line', icon: 'copy', line: run, run: () => void copy(run) })
  return deeds
}
