/** When a check is in maintenance: windows that were planned. Half-open: a window's end is outside. Pure. */

import { longestGapMs, nextCron } from './cron.ts'
import { formatDuration } from './duration.ts'
import type { Maintenance } from './health-check.ts'

/** From `fromMs` to just before `toMs`, milliseconds since 1970. */
export interface Span {
  fromMs: number
  toMs: number
}

type CronWindow = Extract<Maintenance, { kind: 'cron' }>

const minuteMs = 60_000
/** Firings looked at in one question, all windows together: five windows a day for a year are fewer. */
const firingsLookedAt = 2000

/**
 * Whether one of the windows holds the instant.
 * @throws TrackerError `invalid` for a cron expression that `parseHealthCheck` would have refused
 */
export const maintenanceAt = (windows: readonly Maintenance[], atMs: number): boolean =>
  windows.some((window) => {
    if (window.kind === 'window') return window.fromMs <= atMs && atMs < window.toMs
    // The first firing whose window does not end before then: it has begun, or none has.
    const firing = nextCron(window.expression, window.timezone, atMs - window.durationMs)
    return firing !== undefined && firing <= atMs
  })

/**
 * The windows between two instants: cut at both, sorted, none touching another. The work is bounded: after 2,000
 * firings of cron windows the rest is left out.
 * @throws TrackerError as `maintenanceAt`
 */
export function maintenanceSpans(windows: readonly Maintenance[], fromMs: number, toMs: number): Span[] {
  const budget = { left: firingsLookedAt }
  const spans = windows.flatMap((window) =>
    window.kind === 'window' ? [window] : cronSpans(window, { fromMs, toMs }, budget),
  )
  return merged(spans.map((span) => cut(span, { fromMs, toMs })).filter((span) => span.fromMs < span.toMs))
}

const cut = (span: Span, { fromMs, toMs }: Span): Span => ({
  fromMs: Math.max(span.fromMs, fromMs),
  toMs: Math.min(span.toMs, toMs),
})

/** One span for all firings whose windows touch. */
function cronSpans(window: CronWindow, { fromMs, toMs }: Span, budget: { left: number }): Span[] {
  const { expression, timezone, durationMs } = window
  const next = (afterMs: number): number => {
    budget.left--
    return nextCron(expression, timezone, afterMs) ?? Number.POSITIVE_INFINITY
  }
  const spans: Span[] = []
  let firing = next(fromMs - durationMs)
  while (firing < toMs && budget.left > 0) {
    const span = { fromMs: firing, toMs: firing + durationMs }
    let following = next(firing)
    while (following <= span.toMs && span.toMs < toMs && budget.left > 0) {
      const last = lastFiring(next, following, span.toMs)
      span.toMs = last + durationMs
      following = next(last)
    }
    spans.push(span)
    firing = span.toMs < toMs ? following : toMs
  }
  return spans
}

/**
 * The last firing up to `untilMs`, of which `firing` is one. From the end by doubling steps, then by halves: a
 * window of a day that opens each minute is not walked minute by minute.
 */
function lastFiring(next: (afterMs: number) => number, firing: number, untilMs: number): number {
  let last = firing
  let untilNoneMs = untilMs
  for (let stepMs = minuteMs; last === firing && untilMs - stepMs > firing; stepMs *= 2) {
    const found = next(untilMs - stepMs)
    if (found <= untilMs) last = found
    else untilNoneMs = untilMs - stepMs
  }
  while (untilNoneMs - last >= minuteMs) {
    const middleMs = Math.floor((last + untilNoneMs) / 2)
    const found = next(middleMs)
    if (found <= untilNoneMs) last = found
    else untilNoneMs = middleMs
  }
  return last
}

function merged(spans: Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = all.at(-1)
    if (last && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs)
    else all.push({ ...span })
  }
  return all
}

/**
 * Why a window that comes again and again is none: one that has not ended when the next one begins is for ever.
 * @returns undefined where there is time between two of them
 * @throws TrackerError as `maintenanceAt`
 */
export function endlessness({ expression, durationMs }: Omit<CronWindow, 'kind'>): string | undefined {
  const gapMs = longestGapMs(expression)
  if (gapMs > durationMs) return undefined
  return (
    `would never end: it lasts ${formatDuration(durationMs)}, and begins again ` +
    `${formatDuration(gapMs)} after it began at the latest`
  )
}

/** Windows that follow each other, looked at in one question; and how far ahead is looked. */
const followed = 100
const horizonMs = 366 * 86_400_000

/**
 * When the maintenance of an instant is over: of windows that overlap or touch, that of the last.
 * @returns undefined when there is none at that instant
 * @throws TrackerError as `maintenanceAt`
 */
export function maintenanceEnd(windows: readonly Maintenance[], atMs: number): number | undefined {
  let endMs = atMs
  for (let count = 0; count < followed && endMs < atMs + horizonMs; count++) {
    const further = Math.max(...windows.map((window) => endOf(window, endMs)))
    if (!(further > endMs)) break
    endMs = further
  }
  return endMs > atMs ? endMs : undefined
}

/** The end of the window that holds the instant; the instant itself when none does. */
function endOf(window: Maintenance, atMs: number): number {
  if (window.kind === 'window') return window.fromMs <= atMs && atMs < window.toMs ? window.toMs : atMs
  const { expression, timezone, durationMs } = window
  const next = (afterMs: number): number =>
    nextCron(expression, timezone, afterMs) ?? Number.POSITIVE_INFINITY
  const firing = next(atMs - durationMs)
  return firing <= atMs ? lastFiring(next, firing, atMs) + durationMs : atMs
}
