/** The line: how many stand where, and for how long. */

import { emoji } from '../../domain/stage.ts'
import { spanLong } from '../age.ts'
import type { Out } from '../api.ts'
import { listHref } from '../list/about.ts'
import { stageTitle } from '../ui/item-signs.tsx'

type Stages = Out<'dashboard.show'>['stages']

export function StageLine({ stages }: { stages: Stages }) {
  const longestMs = Math.max(1, ...stages.map(({ age }) => age?.p85Ms ?? 0))
  return (
    <section aria-labelledby="line-name">
      <h2 id="line-name">On the line</h2>
      <ol class="flow">
        {stages.map(({ stage, count, list, age }, n) => (
          <li
            key={stage}
            class={`flow-stage stage-${stage}${count === 0 ? ' bare' : ''}`}
            style={{ '--next': `var(--stage-${(stages[n + 1] ?? stages[n])!.stage})` }}
          >
            <h3>
              <span aria-hidden="true">{emoji[stage]}</span> {stageTitle(stage)}
            </h3>
            <a
              class="flow-count"
              href={listHref(list)}
              aria-label={`${count} ${count === 1 ? 'item' : 'items'} in ${stageTitle(stage)}`}
            >
              {count}
            </a>
            {age ? (
              <dl class="flow-age">
                <div>
                  <dt>median</dt>
                  <dd>{spanLong(age.medianMs)}</dd>
                </div>
                <div>
                  <dt title="85 of 100 are younger">p85</dt>
                  <dd>{spanLong(age.p85Ms)}</dd>
                </div>
                <div class="flow-bar" aria-hidden="true">
                  <span style={{ width: share(age.p85Ms, longestMs) }} />
                  <span style={{ width: share(age.medianMs, longestMs) }} />
                </div>
              </dl>
            ) : (
              <p class="flow-age none-known">{ends(stage, count)}</p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

const share = (ms: number, ofMs: number): string => `${Math.max(2, (ms / ofMs) * 100)}%`

const ends = (stage: string, count: number): string =>
  stage === 'live'
    ? 'in production'
    : stage === 'done'
      ? 'finished'
      : count === 0
        ? 'nothing here'
        : 'age unknown'
