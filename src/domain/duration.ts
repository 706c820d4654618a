/** Durations as people write them (`30s`, `2h`) and read them (`2h 5m`). */

import { TrackerError } from '../errors.ts'

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
const units = Object.entries(unitMs)

const shape = /^(\d{1,15})(ms|s|m|h|d)$/

/** 366 days: what is longer is a mistake. */
export const maxDurationMs = 366 * unitMs.d

/**
 * @param text  a whole number and its unit: `500ms`, `30s`, `5m`, `2h`, `7d`
 * @param allowZero  `0s` is legal too
 * @returns     milliseconds, at most 366 days
 * @throws      TrackerError `invalid`
 */
export function parseDuration(text: string, { allowZero = false } = {}): number {
  const [, number, unit] = shape.exec(text) ?? []
  const ms = Number(number) * unitMs[unit as keyof typeof unitMs]
  if (Number.isNaN(ms)) throw refusal(text, 'is no duration')
  if (ms === 0 && !allowZero) throw refusal(text, 'must be longer than nothing')
  if (ms > maxDurationMs) throw refusal(text, 'is longer than 366d')
  return ms
}

function refusal(text: string, why: string): TrackerError {
  return new TrackerError('invalid', `${JSON.stringify(text.slice(0, 40))} ${why}`, {
    hint: 'write a whole number and its unit: 500ms, 30s, 5m, 2h, 7d',
  })
}

/**
 * The two largest neighbouring units, the rest cut off: `2h 5m`, `3d`, `12s`, `2s 500ms`.
 * @param ms  milliseconds; a negative one is shown as `0s`
 */
export const formatDuration = (ms: number): string => inUnits(ms, 2)

/** The largest unit alone, the rest cut off: `3d`, `2h`, `5m`, `12s`; below a second `0s`. */
export const formatAge = (ms: number): string => (ms < unitMs.s ? '0s' : inUnits(ms, 1))

function inUnits(ms: number, count: number): string {
  let rest = Number.isFinite(ms) ? Math.max(0, Math.floor(ms)) : 0
  const first = units.findIndex(([, size]) => rest >= size)
  if (first < 0) return '0s'
  const parts: string[] = []
  for (const [unit, size] of units.slice(first, first + count)) {
    const whole = Math.floor(rest / size)
    rest -= whole * size
    if (whole > 0) parts.push(`${whole}${unit}`)
  }
  return parts.join(' ')
}
