/** The last runs, one by one. */

import { useState } from 'preact/hooks'
import { millis } from '../age.ts'
import { ask, type Out } from '../api.ts'
import { isAbout, useAsked } from '../following.ts'
import { toastRefusal } from '../said.tsx'
import { CommandLine } from '../ui/command-line.tsx'
import { State } from '../ui/health.tsx'
import { Ago } from '../ui/time.tsx'
import { Trouble } from '../ui/trouble.tsx'

type Run = Out<'run.list'>['runs'][number]

const firstSize = 12
const pageSize = 50
/** As long as single runs are kept for certain, and longer. */
const since = '90d'

export function RunsPart({ id }: { id: number }) {
  const { value, refused, again } = useAsked(
    String(id),
    (signal) => ask('run.list', { id, since, limit: firstSize }, signal),
    (news) => isAbout(news, id),
  )
  const [older, setOlder] = useState<{ runs: Run[]; next: string | null } | undefined>(undefined)
  const first = value?.runs ?? []
  const last = first.at(-1)?.at ?? ''
  const rest = older?.runs.filter(({ at }) => at < last) ?? []
  const next = older ? older.next : (value?.nextCursor ?? null)
  const more = async (): Promise<void> => {
    if (next === null) return
    try {
      const page = await ask('run.list', { id, since, limit: pageSize, cursor: next })
      setOlder({ runs: [...(older?.runs ?? []), ...page.runs], next: page.nextCursor })
    } catch (error) {
      toastRefusal(error)
    }
  }
  return (
    <section class="runs-part" aria-labelledby="runs-name">
      <header class="part-head">
        <h2 id="runs-name">Last runs</h2>
        <CommandLine line={`pipeline runs ${id}`} />
      </header>
      {refused && <Trouble refused={refused} again={() => void again()} />}
      {value && first.length === 0 && <p class="none">It has not run yet.</p>}
      <ol class="runs">
        {[...first, ...rest].map((run) => (
          <li key={run.at}>
            <State state={run.result} />
            <span class="run-time">{millis(run.durationMs)}</span>
            <span class="run-words">
              {run.summary}
              {run.attempts > 1 && <span class="hint"> after {run.attempts} attempts</span>}
            </span>
            <Ago at={run.at} />
          </li>
        ))}
      </ol>
      {next !== null && (
        <button type="button" class="button small" onClick={() => void more()}>
          Older runs
        </button>
      )}
    </section>
  )
}
