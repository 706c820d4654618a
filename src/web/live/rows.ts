/** Rows of what is live, as values: narrowed, and laid over what is shown. Pure. */

import type { Operations } from '../../ops/index.ts'
import type { OutputOf } from '../../ops/operation.ts'

export type HealthAnswer = OutputOf<Operations['health.list']>
export type LiveRow = Omit<HealthAnswer['items'][number], 'hours'>
export type LiveState = LiveRow['state']

/** What the list is narrowed to; it stands in the address. */
export interface LiveFilter {
  text?: string
  state?: LiveState
  project?: string
}

/** The worst first, as the server sorts them. */
export const liveStates: readonly LiveState[] = [
  'down',
  'degraded',
  'unknown',
  'maintenance',
  'paused',
  'up',
  'off',
  'no-check',
]

export function liveFilterOf(query: URLSearchParams): LiveFilter {
  const text = query.get('text')?.trim()
  const state = liveStates.find((each) => each === query.get('state'))
  const project = query.get('project')?.trim()
  return { ...(text ? { text } : {}), ...(state ? { state } : {}), ...(project ? { project } : {}) }
}

/** The server narrows by project; words and states are looked for in what is loaded. */
export const isNarrowedHere = ({ text, state }: LiveFilter): boolean =>
  text !== undefined || state !== undefined

export function narrowed(rows: readonly LiveRow[], { text, state }: LiveFilter): readonly LiveRow[] {
  if (text === undefined && state === undefined) return rows
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (state !== undefined && row.state !== state) return false
    const said = `#${row.id} ${row.title} ${row.summary ?? ''}`.toLowerCase()
    return words.every((word) => said.includes(word))
  })
}

/** What a reader could see of a row; the days go on by themselves, and are shown anew with the next run. */
const faceOf = (row: LiveRow): string =>
  JSON.stringify([
    ...[row.title, row.state, row.lastState, row.since, row.flapping, row.notWatchedSince, row.summary],
    ...[row.lastRunAt, row.nextRunAt, row.incident, row.slo?.target, row.days?.length, row.spark?.length],
  ])

/** Rows that look the same stay the same objects, so that nothing is drawn again for them. */
export function refreshedRows(
  old: readonly LiveRow[],
  fresh: readonly LiveRow[],
  isSameDay: boolean,
): LiveRow[] {
  const known = new Map(old.map((row) => [row.id, row]))
  return fresh.map((row) => {
    const before = known.get(row.id)
    return isSameDay && before && faceOf(before) === faceOf(row) ? before : row
  })
}

/** The next page behind what is there. */
export function extendedRows(old: readonly LiveRow[], page: readonly LiveRow[]): LiveRow[] {
  const here = new Set(old.map(({ id }) => id))
  return [...old, ...page.filter(({ id }) => !here.has(id))]
}
