/** Instants and durations as people read them. Pure. */

const units: [ms: number, sign: string][] = [
  [365.25 * 86_400_000, 'y'],
  [30.44 * 86_400_000, 'mo'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
]

/** `12m`, `3h`, `5d`; what is under a minute is `now`, and what lies ahead too. */
export function age(ms: number): string {
  if (ms < 60_000) return 'now'
  return span(ms)
}

/** The largest unit alone: `45s`, `12m`, `3h`. */
export function span(ms: number): string {
  const [size, sign] = units.find(([each]) => ms >= each) ?? units.at(-1)!
  return `${Math.max(0, Math.floor(ms / size))}${sign}`
}

/** Two units where the second one tells something: `3h 12m`, `2d 4h`. */
export function spanLong(ms: number): string {
  const at = units.findIndex(([each]) => ms >= each)
  if (at === -1 || at === units.length - 1) return span(ms)
  const [next, sign] = units[at + 1]!
  const more = Math.floor((ms % units[at]![0]) / next)
  return more === 0 ? span(ms) : `${span(ms)} ${more}${sign}`
}

/** Ago, or ahead: `3h ago`, `in 5m`, `now`. */
export function ago(at: number, now: number): string {
  const ms = now - at
  if (Math.abs(ms) < 60_000) return ms < -1_000 ? `in ${span(-ms)}` : 'now'
  return ms > 0 ? `${span(ms)} ago` : `in ${span(-ms)}`
}

/** Milliseconds of a response: `82 ms`, `1.4 s`. */
export const millis = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`

/** A share of 0 to 1: `99.95 %`; never rounded up to a whole. */
export function percent(share: number | null, digits = 2): string {
  if (share === null) return '–'
  const scale = 10 ** digits
  return `${(Math.floor(share * 100 * scale + 1e-7) / scale).toFixed(share === 1 ? 0 : digits)} %`
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** In the reader's zone. */
export const localTime = (at: string): string => local.format(new Date(at))

/** `2026-02-05 07:46:15 UTC` */
export const utcTime = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`
