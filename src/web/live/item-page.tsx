/** One live item: how fast, how good, what happened, and the check that says so. */

import { useEffect } from 'preact/hooks'
import { ask, type Out } from '../api.ts'
import { now } from '../clock.ts'
import { isAbout, useAsked } from '../following.ts'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { CommandMenu } from '../ui/command-menu.tsx'
import { State, shownState } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { MenuPlace } from '../ui/menu.tsx'
import { Age, Ago, At } from '../ui/time.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { LatencyChart } from './chart.tsx'
import { resume, runNow, running } from './deeds.ts'
import { CheckEditor } from './editor.tsx'
import { MaintenancePart } from './maintenance-part.tsx'
import { askPause, PauseDialog } from './pause-dialog.tsx'
import { RunsPart } from './runs-part.tsx'
import { Story } from './story.tsx'
import { UptimePart } from './uptime-part.tsx'
import '../styles/live-item.css'
import '../styles/live-parts.css'

export type LiveItem = Out<'item.show'>

export function LiveItemPage({ words: [id = '0'] }: { words: string[] }) {
  return <Shown key={id} id={Number(id)} />
}

function Shown({ id }: { id: number }) {
  const { value, refused, again } = useAsked(
    String(id),
    async (signal) => {
      const [item, uptime] = await Promise.all([
        ask('item.show', { id }, signal),
        ask('uptime.show', { id }, signal),
      ])
      return { item, uptime }
    },
    (news) => isAbout(news, id),
  )
  const title = value?.item.title
  useEffect(() => {
    document.title = `${title === undefined ? 'Live' : `#${id} ${title}`} · Throughline`
  }, [title])
  return (
    <div class="page live-item">
      <nav class="way-back" aria-label="Where this is">
        <a href="/live">
          <Icon name="left" />
          Live
        </a>
      </nav>
      {refused && <Trouble refused={refused} again={() => void again()} />}
      {value && (
        <>
          <Head item={value.item} />
          <Notices item={value.item} />
          {value.item.healthCheck !== null && (
            <>
              <LatencyChart id={id} />
              <UptimePart report={value.uptime} />
              <div class="two-parts">
                <RunsPart id={id} />
                <Story id={id} />
              </div>
              <MaintenancePart id={id} />
            </>
          )}
          <CheckEditor item={value.item} />
        </>
      )}
      <PauseDialog />
      <MenuPlace />
    </div>
  )
}

/** Nobody has looked for so long that what was found last holds no more. */
const isUnwatched = ({ health, stage }: LiveItem): boolean =>
  stage === 'live' &&
  health !== null &&
  health.watchedUntil !== null &&
  !health.paused &&
  Date.parse(health.watchedUntil) < now.value

function Head({ item }: { item: LiveItem }) {
  const { id, title, health, stage } = item
  const isOld = isUnwatched(item)
  const state = isOld ? 'unknown' : shownState(health)
  return (
    <header class="live-item-head">
      <h1>
        <span class="id">#{id}</span> {title}
      </h1>
      <p class="standing">
        <State state={state} />
        {health?.since && (
          <span>
            {isOld && 'when last seen '}
            {health.state} for <Age at={health.since} what="Since" />
          </span>
        )}
        {health?.flapping && <strong class="flapping">flapping</strong>}
        {health?.lastRunAt && (
          <span>
            last run <Ago at={health.lastRunAt} />
          </span>
        )}
        {stage === 'live' && health?.nextRunAt && (
          <span>
            {isOld ? 'due' : 'next'} <Ago at={health.nextRunAt} />
          </span>
        )}
        {health?.summary && <span class="summary">{health.summary}</span>}
      </p>
      <Deeds item={item} />
    </header>
  )
}

function Deeds({ item: { id, title, health, stage } }: { item: LiveItem }) {
  const isRunning = running.value.has(id)
  const isLive = stage === 'live'
  return (
    <div class="live-item-deeds">
      {health && may('check:run') && (
        <button
          type="button"
          class="button primary"
          disabled={isRunning}
          title={`pipeline check ${id}`}
          onClick={() => void runNow(id)}
        >
          <Icon name="play" />
          {isRunning ? 'Runs …' : 'Run now'}
        </button>
      )}
      {health && isLive && may('item:write') && (
        <button
          type="button"
          class="button"
          title={health.paused ? `pipeline resume ${id}` : `pipeline pause ${id} --for 2h`}
          onClick={() => (health.paused ? void resume(id) : askPause(id, title))}
        >
          <Icon name={health.paused ? 'play' : 'pause'} />
          {health.paused ? 'Resume' : 'Pause …'}
        </button>
      )}
      <a class="button" href={`/items/${id}`}>
        Open the item
      </a>
      <CommandMenu label="Command lines" lines={linesOf(id)} />
    </div>
  )
}

const linesOf = (id: number): Record<string, string> => ({
  'run now': `pipeline check ${id}`,
  'run, and store nothing': `pipeline check ${id} --dry-run`,
  pause: `pipeline pause ${id} --for 2h`,
  resume: `pipeline resume ${id}`,
  uptime: `pipeline uptime ${id}`,
})

/** What the reader should know before the figures. */
const Notices = ({ item }: { item: LiveItem }) => {
  const { id, stage, health } = item
  return (
    <>
      {isUnwatched(item) && (
        <p class="notice warn">
          Nobody is watching: its check was due and did not run. <CommandLine line="pipeline serve" />
        </p>
      )}
      {stage !== 'live' && (
        <p class="notice">
          It is in {stage}, not live: its check does not run by itself, and no run of it is stored.
        </p>
      )}
      {health && !health.approved && (
        <p class="notice warn">
          Its command has not been approved, and does not run. Somebody at the machine reads it and says so:{' '}
          <CommandLine line={`pipeline check approve ${id}`} />
        </p>
      )}
      {health?.paused && (
        <p class="notice">
          Paused since <At at={health.paused.since} />
          {health.paused.until ? (
            <>
              , until <At at={health.paused.until} />
            </>
          ) : (
            ', until it is resumed'
          )}
          . That time is not watched.
        </p>
      )}
      {health === null && (
        <p class="notice warn">Nothing watches it: it has no health check. Write one below.</p>
      )}
    </>
  )
}
