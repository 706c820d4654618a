/** The chart as a table: drawn when it is opened. */

import { useState } from 'preact/hooks'
import { millis } from '../age.ts'
import { State } from '../ui/health.tsx'
import { At } from '../ui/time.tsx'
import type { RunHistory, Step } from './series.ts'

export function StepsTable({ history, steps }: { history: RunHistory; steps: readonly Step[] }) {
  const [isOpen, setOpen] = useState(false)
  const inBuckets = history.bucketMs !== null
  return (
    <details class="steps" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The same as a table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="table-place" tabIndex={0} aria-label="Response times as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Worst</th>
                {inBuckets && <th scope="col">Runs</th>}
                {inBuckets && <th scope="col">Failed</th>}
                {inBuckets && <th scope="col">Lowest</th>}
                <th scope="col">{inBuckets ? 'Mean' : 'Response'}</th>
                {inBuckets && <th scope="col">Highest</th>}
              </tr>
            </thead>
            <tbody>
              {steps.toReversed().map((step) => (
                <tr key={step.fromMs}>
                  <th scope="row">
                    <At at={new Date(step.fromMs).toISOString()} />
                  </th>
                  <td>
                    <State state={step.worst} />
                  </td>
                  {inBuckets && <td>{step.runs}</td>}
                  {inBuckets && <td>{step.failed}</td>}
                  {inBuckets && <td>{shown(step.lowMs)}</td>}
                  <td>{shown(step.meanMs)}</td>
                  {inBuckets && <td>{shown(step.highMs)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}

const shown = (ms: number | null): string => (ms === null ? '–' : millis(ms))
