/** The course of an incident, out of the log: the oldest first, with the time from its opening. */

import { signal, useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { spanLong } from '../age.ts'
import { ask } from '../api.ts'
import type { Entry } from '../events.ts'
import { Person } from '../ui/person.tsx'
import { At } from '../ui/time.tsx'
import { Note, Sentence } from './activity.tsx'
import { log } from './entries.ts'
import { isOfCourse, told } from './entry-words.ts'
import type { Shown } from './state.ts'

/** The last of the log; an incident with more has had a long night. */
const most = 200

const course = signal<{ item: number; entries: Entry[] }>({ item: 0, entries: [] })

interface CourseProps {
  item: Shown
  incident: NonNullable<Shown['incident']>
}

export function Course({ item, incident }: CourseProps) {
  // What comes into the log comes into its course.
  const newest = useComputed(() => log.value?.entries[0]?.id ?? 0).value
  useEffect(() => {
    ask('activity.list', { item: item.id, limit: most }).then(
      ({ entries }) => {
        course.value = { item: item.id, entries: entries.filter(isOfCourse).toReversed() }
      },
      () => undefined,
    )
  }, [item.id, newest])
  if (course.value.item !== item.id || course.value.entries.length === 0) return null
  const openedMs = Date.parse(incident.openedAt)
  return (
    <section class="course-block" aria-labelledby="course-head">
      <h3 id="course-head">Timeline</h3>
      <ol class="course">
        {course.value.entries.map((entry) => (
          <li key={entry.id} class={`step ${toneOf(entry)}`}>
            <span class="step-after">{after(Date.parse(entry.at) - openedMs)}</span>
            <div class="step-body">
              <p>
                <Person name={entry.actor} named /> <Sentence words={told(entry, item.type)} />
                <span class="nothing">
                  <At at={entry.at} />
                </span>
              </p>
              {entry.note && <Note text={entry.note} isOfProgram={entry.actor.startsWith('system:')} />}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

const after = (ms: number): string => (ms < 1_000 ? 'start' : `+${spanLong(ms)}`)

const bad = /^(?:incident-(?:re)?opened|storm-opened|failing-again|created)$/
const good = /^(?:incident-resolved|recovered|recovery-verified)$/

function toneOf({ action, detail }: Entry): string {
  if (bad.test(action)) return 'bad'
  return good.test(action) || (action === 'moved' && detail?.to === 'done') ? 'good' : 'neutral'
}
