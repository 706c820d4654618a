/** What needs a human now, how work flows, how production stands: every number opens the items behind it. */

import { useEffect } from 'preact/hooks'
import { ask } from '../api.ts'
import { useAsked } from '../following.ts'
import { useProjects } from '../projects.ts'
import { place, setQuery } from '../router.ts'
import '../styles/dashboard.css'
import '../styles/charts.css'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { Flow } from './flow.tsx'
import { NeedsYou } from './needs.tsx'
import { Production } from './production.tsx'
import { StageLine } from './stage-line.tsx'

export function DashboardPage() {
  const project = place.value.query.get('project')?.trim() || undefined
  const { value, refused, isOld, again } = useAsked(project ?? '', (asked) =>
    ask('dashboard.show', project === undefined ? {} : { project }, asked),
  )
  useEffect(() => {
    document.title = `${project === undefined ? '' : `${project} · `}Dashboard · Throughline`
  })
  return (
    <div class="page dashboard">
      <header class="page-head">
        <h1>Dashboard</h1>
        <Project chosen={project} />
        <CommandLine
          line={`pipeline dashboard${project === undefined ? '' : ` --project ${shellWord(project)}`}`}
        />
      </header>
      {refused && <Trouble refused={refused} again={again} />}
      {value && (!isOld || refused === undefined) ? (
        <div class="dashboard-body" aria-busy={isOld}>
          {value.stages.every(({ count }) => count === 0) && <NothingYet />}
          <NeedsYou needs={value.needs} />
          <StageLine stages={value.stages} />
          <Flow dashboard={value} />
          <Production dashboard={value} />
        </div>
      ) : (
        !refused && <div class="dashboard-wait" aria-busy="true" />
      )}
    </div>
  )
}

const NothingYet = () => (
  <p class="needs-calm">
    There is nothing on the line yet.
    <CommandLine line='pipeline create "My first idea"' />
  </p>
)

/** One that is gone stays chosen until the reader chooses another: the server says that it is not there. */
function Project({ chosen }: { chosen: string | undefined }) {
  const names = [...new Set([...useProjects(), ...(chosen === undefined ? [] : [chosen])])]
  if (names.length === 0) return null
  return (
    <label class="dashboard-project">
      <span class="spoken">Project</span>
      <select value={chosen ?? ''} onChange={(event) => setQuery({ project: event.currentTarget.value })}>
        <option value="">All projects</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
