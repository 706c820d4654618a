/** Above the live list: how all of it is, and whether somebody watches. */

import { setQuery } from '../router.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { TextFilter } from '../ui/fields.tsx'
import { State } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProjectFilter } from '../ui/project-filter.tsx'
import { Ago } from '../ui/time.tsx'
import type { LiveHead } from './list-state.ts'
import { type LiveFilter, liveStates } from './rows.ts'

export function Head({ head, filter }: { head: LiveHead | undefined; filter: LiveFilter }) {
  return (
    <>
      <header class="page-head">
        <h1>Live</h1>
        <search class="filters">
          <TextFilter label="Search what is live" value={filter.text} />
          <ProjectFilter value={filter.project} />
          {(filter.text || filter.state || filter.project) && (
            <button
              type="button"
              class="button quiet"
              onClick={() => setQuery({ text: undefined, state: undefined, project: undefined })}
            >
              Clear
            </button>
          )}
        </search>
        {head && <Watch head={head} />}
      </header>
      {head && head.warnings.length > 0 && <NobodyWatches head={head} />}
      {head && <Counts head={head} chosen={filter.state} />}
    </>
  )
}

const Watch = ({ head: { workers, lastPassAt, notWatched } }: { head: LiveHead }) => (
  <p class={`watch${workers > 0 ? ' on' : ''}`}>
    <Icon name="pulse" />
    <span>
      {workers} {workers === 1 ? 'worker' : 'workers'}
    </span>
    <span>
      {lastPassAt ? (
        <>
          last pass <Ago at={lastPassAt} />
        </>
      ) : (
        'no pass yet'
      )}
    </span>
    {notWatched > 0 && <strong class="not-watched">{notWatched} not watched</strong>}
  </p>
)

const NobodyWatches = ({ head: { warnings, notWatched, lastPassAt } }: { head: LiveHead }) => (
  <div class="nobody" role="alert">
    <Icon name="ban" />
    <div>
      <h2>Nobody is watching</h2>
      {warnings
        .filter((each) => !each.startsWith('nobody is watching'))
        .map((each) => (
          <p key={each}>{each}</p>
        ))}
      <p>
        {notWatched > 0 &&
          `${notWatched} ${notWatched === 1 ? 'check was' : 'checks were'} due and did not run. `}
        {lastPassAt ? (
          <>
            Somebody looked <Ago at={lastPassAt} />.
          </>
        ) : (
          'Nobody has looked yet.'
        )}
      </p>
    </div>
    <CommandLine line="pipeline serve" />
  </div>
)

const Counts = ({ head: { counts, flapping }, chosen }: { head: LiveHead; chosen: string | undefined }) => (
  <fieldset class="counts" aria-label="By state">
    {liveStates
      .filter((state) => counts[state] > 0 || state === chosen)
      .map((state) => (
        <button
          key={state}
          type="button"
          class="count-chip"
          aria-pressed={state === chosen}
          onClick={() => setQuery({ state: state === chosen ? undefined : state })}
        >
          <strong>{counts[state]}</strong>
          <State state={state} />
        </button>
      ))}
    {flapping > 0 && <span class="hint">{flapping} flapping</span>}
  </fieldset>
)
