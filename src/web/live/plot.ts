/** The chart itself, by uPlot. Loaded when somebody looks at one. */

import Plot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { millis } from '../age.ts'
import { type ChartData, chartData, failures, type RunHistory, type Step } from './series.ts'

export interface PlotView {
  show(history: RunHistory, steps: readonly Step[]): void
  resize(width: number): void
  /** Light or dark: the colours are read anew. */
  recolour(): void
  destroy(): void
}

export interface PlotHandlers {
  onZoom(fromMs: number, toMs: number): void
  onReset(): void
  /** The pointer stands there; undefined: nowhere. */
  onPoint(ms: number | undefined): void
}

const height = 260
/** A drag that is shorter is a click. */
const dragPx = 6

const names = [
  ...['ink', 'ink-soft', 'ink-faint', 'hairline', 'accent', 'accent-soft'],
  ...['bad', 'warn', 'surface'],
] as const

type Colours = Record<string, string>

/** The canvas knows no variables: their values as they are here and now. */
function coloursOf(place: HTMLElement): Colours {
  const probe = place.appendChild(document.createElement('span'))
  const found = Object.fromEntries(
    names.map((name) => {
      probe.style.color = `var(--${name})`
      return [name, getComputedStyle(probe).color]
    }),
  )
  probe.remove()
  return found
}

export function plotOf(place: HTMLElement, handlers: PlotHandlers): PlotView {
  let colours = coloursOf(place)
  let history: RunHistory | undefined
  let steps: readonly Step[] = []
  const range = (): [number, number] =>
    history ? [Date.parse(history.from) / 1000, Date.parse(history.to) / 1000] : [0, 1]
  const axis = (more: Plot.Axis): Plot.Axis => ({
    stroke: () => colours['ink-faint']!,
    grid: { stroke: () => colours.hairline!, width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(place).fontFamily}`,
    ...more,
  })
  const plot = new Plot(
    {
      width: Math.max(200, place.clientWidth),
      height,
      padding: [22, 8, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 7, fill: () => colours.accent! },
        drag: { x: true, y: false, setScale: false, dist: dragPx },
        bind: {
          dblclick: () => () => {
            handlers.onReset()
            return null
          },
        },
      },
      scales: {
        x: { time: true, range },
        y: { range: (_, __, most) => [0, Math.max(10, (most ?? 0) * 1.12)] },
      },
      axes: [
        axis({
          space: 80,
          size: 34,
          values: (_, values, __, ___, step) => values.map((at) => tick(at, step)),
        }),
        axis({ size: 62, gap: 6, values: (_, values) => values.map((value) => millis(value)) }),
      ],
      series: [
        {},
        { ...line, stroke: 'transparent', width: 0 },
        { ...line, stroke: 'transparent', width: 0 },
        { ...line, stroke: () => colours.accent!, width: 1.75 },
      ],
      bands: [{ series: [1, 2], fill: () => faint(colours.accent!, 0.16) }],
      hooks: {
        drawClear: [(self) => drawIncidents(self, history, colours)],
        draw: [(self) => drawFailures(self, steps, colours)],
        setSelect: [
          (self) => {
            const { left, width } = self.select
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            if (width < dragPx) return
            const at = (px: number): number => self.posToVal(px, 'x') * 1000
            handlers.onZoom(at(left), at(left + width))
          },
        ],
        setCursor: [
          (self) => {
            const { left = -1 } = self.cursor
            handlers.onPoint(left < 0 ? undefined : self.posToVal(left, 'x') * 1000)
          },
        ],
      },
    },
    [[], [], [], []],
    place,
  )
  plot.root.setAttribute('aria-hidden', 'true')
  return {
    show(next, nextSteps) {
      history = next
      steps = nextSteps
      plot.setData(chartData(steps) satisfies ChartData as Plot.AlignedData)
    },
    resize: (width) => plot.setSize({ width: Math.max(200, width), height }),
    recolour() {
      colours = coloursOf(place)
      plot.redraw(true, true)
    },
    destroy: () => plot.destroy(),
  }
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

/** In the reader's zone: the time of a day, or the day where one begins. */
function tick(seconds: number, stepSeconds: number): string {
  const at = new Date(seconds * 1000)
  const isDay = at.getHours() === 0 && at.getMinutes() === 0
  return (isDay || stepSeconds >= 86_400 ? calendar : clock).format(at)
}

const line: Plot.Series = { spanGaps: false, points: { show: false } }

const faint = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`

/** Behind everything: when an incident was open, and which. */
function drawIncidents(self: Plot, history: RunHistory | undefined, colours: Colours): void {
  if (!history) return
  const { ctx, bbox } = self
  const ratio = Plot.pxRatio
  ctx.save()
  ctx.font = `${11 * ratio}px ${getComputedStyle(self.root).fontFamily}`
  ctx.textBaseline = 'bottom'
  let free = bbox.left
  for (const { id, from, to, severity } of history.incidents) {
    const colour = severity === 'minor' ? colours.warn! : colours.bad!
    const at = (instant: string): number =>
      Math.min(
        bbox.left + bbox.width,
        Math.max(bbox.left, self.valToPos(Date.parse(instant) / 1000, 'x', true)),
      )
    const left = at(from)
    const right = Math.max(at(to ?? history.to), left + 2 * ratio)
    ctx.fillStyle = faint(colour, 0.13)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.fillStyle = colour
    ctx.fillRect(left, bbox.top - 3 * ratio, right - left, 3 * ratio)
    // Labels do not lie over each other: those without room are in the list below.
    const label = `#${id}`
    const width = ctx.measureText(label).width
    const start = Math.min(left, bbox.left + bbox.width - width)
    if (start < free) continue
    ctx.fillText(label, start, bbox.top - 4 * ratio)
    free = start + width + 6 * ratio
  }
  ctx.restore()
}

/** Runs that failed: ticks at the foot. */
function drawFailures(self: Plot, steps: readonly Step[], colours: Colours): void {
  const { ctx, bbox } = self
  const ratio = Plot.pxRatio
  ctx.save()
  ctx.fillStyle = colours.bad!
  for (const { atMs } of failures(steps)) {
    const x = self.valToPos(atMs / 1000, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.fillRect(x - ratio, bbox.top + bbox.height - 9 * ratio, 2 * ratio, 9 * ratio)
  }
  ctx.restore()
}
