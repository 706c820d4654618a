/** Days as bars: what is drawn of each, and what is said of it. Pure. */

import { type StateTimes, uptimeOf } from '../../domain/uptime.ts'
import { percent, spanLong } from '../age.ts'

/** What a day is drawn as. */
export type DayKind = 'up' | 'degraded' | 'down' | 'maintenance' | 'unknown'

const dayMs = 86_400_000

/** `2026-02-05`, of the cell at a place. */
export const dateAt = (firstDay: string, place: number): string =>
  new Date(Date.parse(`${firstDay}T00:00:00Z`) + place * dayMs).toISOString().slice(0, 10)

/** The worst that was seen; of what was not seen, or not to be counted, the longest. */
export function kindOf(times: StateTimes): DayKind {
  if (times.downMs > 0) return 'down'
  if (times.degradedMs > 0) return 'degraded'
  if (times.upMs > 0 && times.upMs >= times.maintenanceMs) return 'up'
  return times.maintenanceMs > times.unknownMs ? 'maintenance' : 'unknown'
}

/** Sizes in units of the drawing: each kind has a shape of its own, so that colour is not needed to tell them. */
export const cell = { width: 3, pitch: 4, height: 28 } as const
/** What was up ends here; what was down rises above it. */
const roof = 5
const stub = 5
const dot = 3

type Paths = Record<DayKind, string>

/** One outline for each kind, over all days. */
export function dayPaths(days: readonly StateTimes[]): Paths {
  const paths: Paths = { up: '', degraded: '', down: '', maintenance: '', unknown: '' }
  days.forEach((times, place) => {
    const x = place * cell.pitch
    for (const [kind, y, height] of shapesOf(times)) paths[kind] += `M${x} ${y}h3v${height}h-3z`
  })
  return paths
}

type Shape = [kind: DayKind, y: number, height: number]

function shapesOf(times: StateTimes): Shape[] {
  const { height } = cell
  const kind = kindOf(times)
  if (kind === 'unknown') return [['unknown', height - stub, stub]]
  if (kind === 'maintenance')
    return [0, 1, 2].map((n): Shape => ['maintenance', height - dot - n * (dot + 3) - 2, dot])
  const watched = uptimeOf(times).coverage ?? 0
  // A day that was watched for an hour is not as good as a whole one.
  const tall = rounded((height - roof) * (0.35 + 0.65 * watched))
  if (kind === 'up') return [['up', height - tall, tall]]
  const share = shareOf(times, kind)
  if (kind === 'degraded') {
    const deep = rounded(Math.max(7, tall * share))
    return [
      ['degraded', height - tall, deep],
      ...(deep + 2 < tall ? [['up', height - tall + deep + 2, tall - deep - 2] as Shape] : []),
    ]
  }
  const deep = rounded(Math.max(9, height * share))
  return [['down', 0, deep], ...(deep < height ? [['up', deep, height - deep] as Shape] : [])]
}

const rounded = (length: number): number => Math.round(length * 10) / 10

function shareOf(times: StateTimes, kind: 'down' | 'degraded'): number {
  const watched = times.upMs + times.degradedMs + times.downMs
  return watched === 0 ? 0 : times[`${kind}Ms`] / watched
}

/** What is said of one day: `99.31 % up`, `10m down`, `98 % watched`. */
export function dayWords(times: StateTimes): string[] {
  const { ratio, coverage } = uptimeOf(times)
  if (ratio === null)
    return [
      times.maintenanceMs > 0 ? `in maintenance for ${spanLong(times.maintenanceMs)}` : 'not watched',
      ...(times.maintenanceMs > 0 && coverage !== null ? ['the rest not watched'] : []),
    ]
  return [
    `${percent(ratio)} up`,
    times.downMs > 0 ? `${spanLong(times.downMs)} down` : 'no downtime',
    ...(times.degradedMs > 0 ? [`${spanLong(times.degradedMs)} degraded`] : []),
    ...(times.maintenanceMs > 0 ? [`${spanLong(times.maintenanceMs)} maintenance`] : []),
    `${percent(coverage, 0)} watched`,
  ]
}

/** All days in one sentence, for those who do not see them. */
export function daysSentence(days: readonly StateTimes[]): string {
  const count = (kind: DayKind): number => days.filter((times) => kindOf(times) === kind).length
  const parts = (['down', 'degraded', 'maintenance', 'unknown'] as const)
    .map((kind) => [count(kind), spoken[kind]] as const)
    .filter(([n]) => n > 0)
    .map(([n, words]) => `${n} ${n === 1 ? 'day' : 'days'} ${words}`)
  return `${days.length} days: ${parts.length === 0 ? 'up on each of them' : parts.join(', ')}`
}

const spoken = {
  down: 'with downtime',
  degraded: 'degraded',
  maintenance: 'in maintenance',
  unknown: 'not watched',
} as const
