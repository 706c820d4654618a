/** How it is in production, in brief; all of it is on the page of what is live. */

import { millis, percent } from '../age.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Health } from '../ui/health.tsx'
import { Ago } from '../ui/time.tsx'
import { flag } from './lines.ts'
import type { Shown } from './state.ts'

export function HealthBrief({ item }: { item: Shown }) {
  const { health, stage } = item
  if (stage !== 'live' && !health) return null
  return (
    <section class="side-block" aria-labelledby="health-head">
      <h2 id="health-head">Health</h2>
      {health ? <Standing item={item} /> : <Unwatched item={item} />}
    </section>
  )
}

function Standing({ item }: { item: Shown }) {
  const { health, uptime, runs } = item
  const isLive = item.stage === 'live'
  return (
    <>
      <p class="health-state">
        {isLive ? <Health health={health} /> : <span class="nothing">its check runs once it is live</span>}
      </p>
      {runs.length > 0 && (
        <ol class="runs" aria-label="Last runs, the newest first">
          {runs.map((run) => (
            <li key={run.at} class={`state ${run.result}`} title={run.summary ?? run.result}>
              <span class="dot" />
              {run.result} <span class="nothing">{millis(run.durationMs)}</span>
              <Ago at={run.at} />
            </li>
          ))}
        </ol>
      )}
      {uptime && (
        <p class="hint">
          Up {percent(uptime.day)} in 24 h, {percent(uptime.month)} in 30 days
        </p>
      )}
      {isLive && !health!.approved && <CommandLine line={`pipeline check approve ${item.id}`} />}
      <p>
        <a href={`/live/${item.id}`}>Runs, latency and the check itself</a>
      </p>
    </>
  )
}

const Unwatched = ({ item }: { item: Shown }) => (
  <>
    <p class="none">Nothing watches it yet.</p>
    <CommandLine
      line={`pipeline update ${item.id} ${flag('health-check', '{"type":"http","url":"https://example.com","frequency":"5m"}')}`}
    />
    <p>
      <a href={`/live/${item.id}`}>Have it watched</a>
    </p>
  </>
)
