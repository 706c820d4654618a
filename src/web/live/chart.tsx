/** Response times of an item: a chart to zoom into, and the same as a table. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { localTime, millis, spanLong } from '../age.ts'
import { ask } from '../api.ts'
import { nowMs } from '../clock.ts'
import { isAbout, useAsked } from '../following.ts'
import { place, setQuery } from '../router.ts'
import { theme } from '../theme.ts'
import { Icon } from '../ui/icon.tsx'
import { Trouble } from '../ui/trouble.tsx'
import type { PlotView } from './plot.ts'
import { moved, ranges, seen, shownOf, type Zoom, zoomed, zoomWords } from './range.ts'
import { type RunHistory, type Step, stepAt, stepsOf } from './series.ts'
import { StepsTable } from './steps-table.tsx'
import '../styles/segments.css'

/** Steps of a chart at the most: about one every second pixel. */
const points = 500

const show = (zoom: Zoom | undefined): void => setQuery(zoomWords(zoom))

export function LatencyChart({ id }: { id: number }) {
  const shown = shownOf(place.value.query)
  const key = JSON.stringify([id, shown])
  const { value, refused, isLoading, again } = useAsked(
    key,
    (signal) => {
      const { from, to } = zoomWords(shown.zoom)
      return ask('run.list', { id, points, since: from ?? shown.range, ...(to ? { until: to } : {}) }, signal)
    },
    (news) => shown.zoom === undefined && isAbout(news, id),
  )
  const steps = value ? stepsOf(value) : []
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  return (
    <section class="chart-part" aria-labelledby="chart-name" aria-busy={isLoading}>
      <header class="part-head">
        <h2 id="chart-name">Response time</h2>
        <fieldset class="segments" aria-label="Stretch of time">
          {ranges.map(({ name, words }) => (
            <button
              key={name}
              type="button"
              aria-label={words}
              aria-pressed={shown.range === name && !shown.zoom}
              onClick={() => setQuery({ range: name === '24h' ? undefined : name, ...zoomWords(undefined) })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <ZoomButtons now={() => seen(shown, nowMs())} isZoomed={shown.zoom !== undefined} />
      </header>
      {refused && <Trouble refused={refused} again={() => void again()} />}
      {value && steps.length === 0 && (
        <p class="none">
          No run between {localTime(value.from)} and {localTime(value.to)}.
        </p>
      )}
      {value && <Drawn history={value} steps={steps} onPoint={setPointed} />}
      {!value && !refused && <div class="chart-place" />}
      {value && <Legend history={value} steps={steps} pointed={pointed} />}
      {value && <StepsTable history={value} steps={steps} />}
    </section>
  )
}

const ZoomButtons = ({ now, isZoomed }: { now(): Zoom; isZoomed: boolean }) => (
  <span class="zoom-buttons">
    <button
      type="button"
      class="icon-button"
      aria-label="Earlier"
      title="Earlier"
      onClick={() => show(moved(now(), -0.5, nowMs()))}
    >
      <Icon name="left" />
    </button>
    <button
      type="button"
      class="icon-button"
      aria-label="Later"
      title="Later"
      disabled={!isZoomed}
      onClick={() => show(moved(now(), 0.5, nowMs()))}
    >
      <Icon name="right" />
    </button>
    <button
      type="button"
      class="icon-button"
      aria-label="Zoom in"
      title="Zoom in; or drag over a part"
      onClick={() => show(zoomed(now(), 0.5, nowMs()))}
    >
      <Icon name="plus" />
    </button>
    <button
      type="button"
      class="icon-button"
      aria-label="Zoom out"
      title="Zoom out"
      onClick={() => show(zoomed(now(), 2, nowMs()))}
    >
      <Icon name="minus" />
    </button>
    {isZoomed && (
      <button type="button" class="button small" title="Or click twice" onClick={() => show(undefined)}>
        Reset zoom
      </button>
    )}
  </span>
)

interface DrawnProps {
  history: RunHistory
  steps: readonly Step[]
  onPoint(ms: number | undefined): void
}

function Drawn({ history, steps, onPoint }: DrawnProps) {
  const place = useRef<HTMLDivElement>(null)
  const [plot, setPlot] = useState<PlotView | undefined>(undefined)
  useEffect(() => {
    let made: PlotView | undefined
    let isGone = false
    void import('./plot.ts').then(({ plotOf }) => {
      if (isGone || !place.current) return
      made = plotOf(place.current, {
        onZoom: (fromMs, toMs) => show({ fromMs, toMs }),
        onReset: () => show(undefined),
        onPoint,
      })
      setPlot(made)
    })
    return () => {
      isGone = true
      made?.destroy()
    }
  }, [])
  useEffect(() => plot?.show(history, steps), [plot, history])
  useEffect(() => {
    if (!plot || !place.current) return
    const watch = new ResizeObserver(([entry]) => plot.resize(Math.floor(entry!.contentRect.width)))
    watch.observe(place.current)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const changed = (): void => plot.recolour()
    scheme.addEventListener('change', changed)
    const unsubscribe = theme.subscribe(changed)
    return () => {
      watch.disconnect()
      scheme.removeEventListener('change', changed)
      unsubscribe()
    }
  }, [plot])
  return <figure class="chart-place" ref={place} aria-label={sentenceOf(history, steps)} role="img" />
}

/** The chart in one sentence, for those who do not see it. */
function sentenceOf({ incidents, total }: RunHistory, steps: readonly Step[]): string {
  const known = steps.flatMap(({ meanMs }) => meanMs ?? [])
  const failed = steps.reduce((sum, step) => sum + step.failed, 0)
  return [
    `Response times of ${total} runs`,
    ...(known.length > 0 ? [`between ${millis(Math.min(...known))} and ${millis(Math.max(...known))}`] : []),
    failed === 0 ? 'none failed' : `${failed} failed`,
    ...(incidents.length > 0 ? [`incidents: ${incidents.map(({ id }) => `#${id}`).join(', ')}`] : []),
  ].join(', ')
}

function Legend({ history, steps, pointed }: Omit<DrawnProps, 'onPoint'> & { pointed: number | undefined }) {
  const step = pointed === undefined ? undefined : stepAt(steps, pointed)
  const { bucketMs, incidents } = history
  return (
    <div class="chart-legend">
      <p>
        {step ? (
          stepWords(step)
        ) : (
          <>
            <span class="key mean" /> {bucketMs === null ? 'each run' : `mean of ${spanLong(bucketMs)}`}
            {bucketMs !== null && (
              <>
                <span class="key band" /> lowest to highest
              </>
            )}
            <span class="key fail" /> failed
            {incidents.length > 0 && (
              <>
                <span class="key burnt" /> incident
              </>
            )}
          </>
        )}
      </p>
      {incidents.length > 0 && (
        <ul>
          {incidents.slice(-6).map(({ id, title, severity }) => (
            <li key={id} class={severity}>
              <a href={`/items/${id}`}>
                <Icon name="flame" />#{id} <span class="one-line">{title}</span>
              </a>
            </li>
          ))}
          {incidents.length > 6 && <li>and {incidents.length - 6} before</li>}
        </ul>
      )}
    </div>
  )
}

/** `Feb 5, 2026, 8:46 AM: 82 ms (60 ms to 140 ms), 12 runs, 1 failed` */
function stepWords({ fromMs, runs, failed, lowMs, meanMs, highMs, worst }: Step): string {
  const time = localTime(new Date(fromMs).toISOString())
  if (runs === 1) return `${time}: ${worst}${meanMs === null ? '' : `, ${millis(meanMs)}`}`
  const spread = lowMs !== null && highMs !== null ? ` (${millis(lowMs)} to ${millis(highMs)})` : ''
  const mean = meanMs === null ? '' : `${millis(meanMs)}${spread}, `
  return `${time}: ${mean}${runs} runs, ${failed === 0 ? 'none failed' : `${failed} failed`}`
}
