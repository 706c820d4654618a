/** What became of its state, as the log tells it. */

import { ask } from '../api.ts'
import type { Entry } from '../events.ts'
import { isAbout, useAsked } from '../following.ts'
import { State } from '../ui/health.tsx'
import { Person } from '../ui/person.tsx'
import { Ago } from '../ui/time.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { type StoryPart, storyOf } from './story-words.ts'

const shownMax = 40
const pageSize = 200

export function Story({ id }: { id: number }) {
  const { value, refused, again } = useAsked(
    String(id),
    (signal) => ask('activity.list', { item: id, limit: pageSize }, signal),
    (news) => news.kind !== 'health' && isAbout(news, id),
  )
  const parts = (value?.entries ?? []).flatMap((entry: Entry) => storyOf(entry) ?? []).slice(0, shownMax)
  return (
    <section class="story-part" aria-labelledby="story-name">
      <header class="part-head">
        <h2 id="story-name">What happened</h2>
        <a href={`/items/${id}`}>all of it</a>
      </header>
      {refused && <Trouble refused={refused} again={() => void again()} />}
      {value && parts.length === 0 && <p class="none">Its state has not changed yet.</p>}
      <ol class="story">
        {parts.map((part) => (
          <Told key={part.id} part={part} />
        ))}
      </ol>
    </section>
  )
}

const Told = ({ part: { at, actor, state, words, more, incidentId } }: { part: StoryPart }) => (
  <li>
    {state ? <State state={state} /> : <span class="story-words">{words}</span>}
    {incidentId !== undefined && <a href={`/items/${incidentId}`}>#{incidentId}</a>}
    {more && <span class="story-more">{more}</span>}
    {!actor.startsWith('system:') && <Person name={actor} />}
    <Ago at={at} />
  </li>
)
