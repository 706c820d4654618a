/** Ninety days as bars: one drawing of a few outlines, however many days. */

import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { StateTimes } from '../../domain/uptime.ts'
import { cell, type DayKind, dateAt, dayPaths, daysSentence, dayWords, kindOf } from './day-cells.ts'
import '../styles/days.css'

interface Told {
  date: string
  kind: DayKind
  words: string[]
  /** Of the day's bar, in pixels of the window. */
  x: number
  top: number
  bottom: number
}

const told = signal<Told | undefined>(undefined)

const kinds: readonly DayKind[] = ['up', 'degraded', 'down', 'maintenance', 'unknown']

/** Tells the day at a place, by its bar. */
export function tellDay(
  drawing: Element,
  days: readonly StateTimes[],
  firstDay: string,
  place: number,
): void {
  const times = days[place]
  if (!times) return
  const { left, width, top, bottom } = drawing.getBoundingClientRect()
  const x = left + ((place * cell.pitch + cell.width / 2) / (days.length * cell.pitch - 1)) * width
  told.value = { date: dateAt(firstDay, place), kind: kindOf(times), words: dayWords(times), x, top, bottom }
}

export const hideDay = (): void => {
  told.value = undefined
}

export interface DayBarsProps {
  days: readonly StateTimes[]
  firstDay: string
}

export function DayBars({ days, firstDay }: DayBarsProps) {
  const paths = useMemo(() => dayPaths(days), [days])
  const width = days.length * cell.pitch - 1
  return (
    <svg
      class="days"
      viewBox={`0 0 ${width} ${cell.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={daysSentence(days)}
      onPointerMove={(event) => {
        const { left, width: wide } = event.currentTarget.getBoundingClientRect()
        const place = Math.floor(((event.clientX - left) / wide) * days.length)
        tellDay(event.currentTarget, days, firstDay, place)
      }}
      onPointerLeave={hideDay}
    >
      {kinds.map((kind) => paths[kind] !== '' && <path key={kind} class={kind} d={paths[kind]} />)}
    </svg>
  )
}

/** What is told of the day under the pointer: once in a page that has bars. */
export function DayTip() {
  useEffect(() => hideDay, [])
  const shown = told.value
  if (!shown) return null
  const { date, kind, words, x, top, bottom } = shown
  const isHigh = top < 130
  const half = 95
  return (
    <div
      class={`day-tip ${kind}`}
      style={{
        left: `${Math.min(Math.max(x, half + 8), innerWidth - half - 8)}px`,
        ...(isHigh ? { top: `${bottom + 8}px` } : { bottom: `${innerHeight - top + 8}px` }),
      }}
    >
      <strong>{date} UTC</strong>
      {words.map((each) => (
        <span key={each}>{each}</span>
      ))}
    </div>
  )
}
