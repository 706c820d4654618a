/** The stretch of time that a chart shows: it stands in the address, so that a link shows the same. Pure. */

const hourMs = 3_600_000

export const ranges = [
  { name: '24h', words: '24 hours', ms: 24 * hourMs },
  { name: '7d', words: '7 days', ms: 7 * 24 * hourMs },
  { name: '30d', words: '30 days', ms: 30 * 24 * hourMs },
  { name: '90d', words: '90 days', ms: 90 * 24 * hourMs },
] as const

export type RangeName = (typeof ranges)[number]['name']

/** A part of it that was zoomed into, in milliseconds since 1970. */
export interface Zoom {
  fromMs: number
  toMs: number
}

export interface Shown {
  range: RangeName
  zoom: Zoom | undefined
}

/** Nearer than this nothing more is seen. */
const shortestMs = 60_000
/** As long as sums are kept. */
const longestMs = 5 * 366 * 24 * hourMs

export function shownOf(query: URLSearchParams): Shown {
  const range = ranges.find(({ name }) => name === query.get('range'))?.name ?? '24h'
  const fromMs = Date.parse(query.get('from') ?? '')
  const toMs = Date.parse(query.get('to') ?? '')
  const isSane = toMs - fromMs >= 1_000 && fromMs >= 0
  return { range, zoom: isSane ? { fromMs, toMs } : undefined }
}

/** Words of the address. */
export const zoomWords = (zoom: Zoom | undefined): { from: string | undefined; to: string | undefined } => ({
  from: zoom && new Date(Math.round(zoom.fromMs)).toISOString(),
  to: zoom && new Date(Math.round(zoom.toMs)).toISOString(),
})

/** What is seen without a zoom ends now. */
export function seen({ range, zoom }: Shown, nowMs: number): Zoom {
  const { ms } = ranges.find(({ name }) => name === range)!
  return zoom ?? { fromMs: nowMs - ms, toMs: nowMs }
}

/** @param times 0.5 to come nearer, 2 to go back; the middle stays */
export function zoomed({ fromMs, toMs }: Zoom, times: number, nowMs: number): Zoom {
  const wide = Math.min(longestMs, Math.max(shortestMs, (toMs - fromMs) * times))
  const middle = (fromMs + toMs) / 2
  return within({ fromMs: middle - wide / 2, toMs: middle + wide / 2 }, nowMs)
}

/** @param share of the width, to the left where it is below 0 */
export function moved({ fromMs, toMs }: Zoom, share: number, nowMs: number): Zoom {
  const by = (toMs - fromMs) * share
  return within({ fromMs: fromMs + by, toMs: toMs + by }, nowMs)
}

/** Nothing lies ahead of now, nor before 1970. */
function within({ fromMs, toMs }: Zoom, nowMs: number): Zoom {
  const wide = toMs - fromMs
  const end = Math.max(Math.min(toMs, nowMs), wide)
  return { fromMs: end - wide, toMs: end }
}
